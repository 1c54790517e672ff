import { type Endpoint, parseEndpoint } from '../../link/endpoint.ts';
import { usageError } from './failure.ts';
import { parseAddress } from './flags.ts';

/** `HOST:PORT`, a port alone, or `ws://HOST:PORT`. */
export function listenEndpoint(text: string): Endpoint {
  const endpoint = parseEndpoint(text);
  return endpoint ?? { transport: 'tcp', path: '', ...parseAddress(text, '--listen', '0.0.0.0') };
}

/** What `--connect`, `--relay` and the like name. */
export function endpointOf(text: string, flag: string): Endpoint {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined || endpoint.port === 0) {
    throw usageError(
      `${flag} ${text} is not an address`,
      'write HOST:PORT, ws://HOST:PORT or wss://HOST/PATH',
    );
  }
  return endpoint;
}
