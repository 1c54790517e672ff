// One of the two processes of a measurement: `peer.ts SCENARIO ASSIGNMENT`.

import { cryptoReady } from '../src/crypto/ready.ts';
import type { Channel } from '../src/link/channel.ts';
import { connect, listen } from '../src/node/net/tcp.ts';
import type { Assignment, Report } from './pair.ts';

/** What a scenario is called with. */
export interface Peer<Options> {
  readonly side: 'left' | 'right';
  readonly options: Options;
  /** A new connection to the other process, at both in turn. */
  channel(): Promise<Channel>;
}

await cryptoReady();
const [scenario, assignment] = process.argv.slice(2) as [string, string];
const { side, port, options } = JSON.parse(assignment) as Assignment<unknown>;
const { play } = (await import(scenario)) as { play(peer: Peer<unknown>): Promise<unknown> };
const send = (value: unknown) => new Promise<void>((resolve) => process.send!(value, () => resolve()));

if (side === 'left') {
  const listener = await listen({ host: '127.0.0.1', port });
  await send(listener.address.port);
  const result = await play({ side, options, channel: async () => (await listener.accept())! });
  await listener.close();
  await finish(result);
} else {
  await finish(await play({ side, options, channel: () => connect({ host: '127.0.0.1', port }) }));
}

async function finish(result: unknown): Promise<void> {
  await send({ result, maxRssMiB: process.resourceUsage().maxRSS / 1024 } satisfies Report<unknown>);
  process.exit(0);
}
