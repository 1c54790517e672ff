import type { Network } from '../../src/desk/network.ts';
import { ConnectionError } from '../../src/errors.ts';
import { AcceptQueue } from '../../src/link/accept-queue.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';

/** A network inside this process. Ports are counted up from 5000. Those in `taken` cannot be used. */
export function memoryNetwork(taken: readonly number[] = []): Network {
  const listeners = new Map<number, AcceptQueue>();
  let next = 5_000;
  return {
    async dial({ host, port }) {
      const queue = listeners.get(port);
      if (queue === undefined) throw new ConnectionError('ERR_CONNECT', `cannot reach ${host}:${port}`);
      const [here, there] = memoryChannelPair();
      queue.add(there);
      return here;
    },
    async listen(endpoint) {
      if (taken.includes(endpoint.port)) throw new ConnectionError('ERR_CONNECT', 'the port is taken');
      const queue = new AcceptQueue();
      const port = endpoint.port === 0 ? next++ : endpoint.port;
      listeners.set(port, queue);
      return {
        address: { host: endpoint.host, port },
        accept: () => queue.next(),
        async close() {
          listeners.delete(port);
          queue.close();
        },
      };
    },
    reachable: (endpoint) => ({ ...endpoint, host: '192.0.2.7' }),
  };
}
