import { listen } from '../../src/node/net/tcp.ts';

/** A TCP port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const listener = await listen({ host: '127.0.0.1', port: 0 });
  await listener.close();
  return listener.address.port;
}
