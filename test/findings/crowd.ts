// One of two processes that have many sessions with one another: `crowd.ts COUNT TIMEOUT [PORT]`. Prints the port it listens on, then how its sessions ended.

import { seededRandom } from '../../src/crypto/random.ts';
import { cryptoReady } from '../../src/crypto/ready.ts';
import { generateIdentity, openSession, type Session } from '../../src/index.ts';
import { connect, listen } from '../../src/node.ts';

const [count, timeout, port] = process.argv.slice(2).map(Number);
await cryptoReady();
const [seller, buyer] = [1, 2].map((seed) => generateIdentity(seededRandom(new Uint8Array(16).fill(seed))));
const terms = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000' },
  parties: { seller: seller!.publicKey, buyer: buyer!.publicKey },
  seals: 'none',
  expires: '2999-01-01T00:00:00Z',
} as const;

async function* channels() {
  if (port !== undefined) {
    for (let i = 0; i < count!; i++) yield connect({ host: '127.0.0.1', port });
    return;
  }
  const listener = await listen({ host: '127.0.0.1', port: 0, backlog: 2_048 });
  process.stdout.write(`${listener.address.port}\n`);
  for (let i = 0; i < count!; i++) yield listener.accept();
  await listener.close();
}

const sells = port !== undefined;
const opening: Promise<Session>[] = [];
for await (const channel of channels()) {
  opening.push(openSession({ channel: channel!, identity: (sells ? seller : buyer)!, timeout: 60_000 }));
}
const sessions = await Promise.all(opening);
const mandate = { reservation: sells ? 400n : 500n };
const ended = await Promise.all(
  sessions.map((session) =>
    session.negotiate({ terms, mandate, timeout }).then(
      () => 'ok',
      ({ code }) => String(code),
    ),
  ),
);
process.stdout.write(`${JSON.stringify(ended)}\n`, () => process.exit());
