import type { Listener } from '../../link/channel.ts';
import { formatEndpoint } from '../../link/endpoint.ts';
import { listenAt } from '../../node/net/network.ts';
import { serveRelay } from '../../node/net/relay.ts';
import { listenEndpoint } from '../terminal/endpoints.ts';
import { say } from '../terminal/terminal.ts';

/** `parley relay [--listen HOST:PORT …]`: runs until it is stopped. */
export async function relay(
  flags: { readonly listen: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const listeners: Listener[] = [];
  try {
    for (const text of flags.listen) {
      const endpoint = listenEndpoint(text);
      const listener = await listenAt(endpoint, { backlog: 128 });
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
