import type { Listener } from '../../link/channel.ts';
import { formatEndpoint } from '../../link/endpoint.ts';
import { listenAt } from '../../node/net/network.ts';
import { serveRelay } from '../../node/net/relay.ts';
import { listenEndpoint } from '../terminal/endpoints.ts';
import { usageError } from '../terminal/failure.ts';
import { say } from '../terminal/terminal.ts';

/** `parley relay [--listen HOST:PORT …] [--behind-proxy]`: runs until it is stopped. */
export async function relay(
  { listen, behindProxy = false }: { readonly listen: readonly string[]; readonly behindProxy?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const endpoints = listen.map(listenEndpoint);
  if (behindProxy && endpoints.every(({ transport }) => transport === 'tcp')) {
    throw usageError('a proxy says for WebSockets only who is behind it', 'add --listen ws://HOST:PORT');
  }
  const listeners: Listener[] = [];
  try {
    for (const endpoint of endpoints) {
      const listener = await listenAt(endpoint, { backlog: 128, behindProxy });
      listeners.push(listener);
      say(`relaying on ${formatEndpoint({ ...endpoint, ...listener.address })}`);
    }
    const serving = serveRelay(listeners);
    say('it sees ciphertext only; parley host --relay uses it; Ctrl-C ends it');
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await serving.close();
  } finally {
    for (const listener of listeners) await listener.close();
  }
  throw signal.reason;
}
