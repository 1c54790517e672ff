// One of two processes that have many sealed sessions with one another: `crowd.ts COUNT TIMEOUT [PORT]`. Prints the port it listens on, then how its
// sessions ended, and the most memory it has used.

import { seededRandom } from '../../src/crypto/random.ts';
import { cryptoReady } from '../../src/crypto/ready.ts';
import { createSealKey, generateIdentity, openSession, type Session } from '../../src/index.ts';
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
  seals: 'paillier',
  expires: '2999-01-01T00:00:00Z',
} as const;

async function* channels() {
  if (port !== undefined) {
    for (let i = 0; i < count!; i++) yield connect({ host: '127.0.0.1', port, timeout: 60_000 });
    return;
  }
  const listener = await listen({ host: '127.0.0.1', port: 0, backlog: 2_048 });
  process.stdout.write(`${listener.address.port}\n`);
  for (let i = 0; i < count!; i++) yield listener.accept();
  await listener.close();
}

const sells = port !== undefined;
const identity = (sells ? seller : buyer)!;
const sealKey = await createSealKey(identity.publicKey);
const knownKeys = new Set<string>();
const opening: Promise<Session>[] = [];
for await (const channel of channels()) {
  opening.push(openSession({ channel: channel!, identity, sealKey, knownKeys, timeout: 60_000 }));
}
const sessions = await Promise.all(opening);
const mandate = { reservation: sells ? 400n : 500n };
const ended = await Promise.all(
  sessions.map((session) =>
    session.negotiate({ terms, mandate, timeout, wait: 3_600_000 }).then(
      () => 'ok',
      ({ code }) => String(code),
    ),
  ),
);
const rssMiB = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ ended, rssMiB })}\n`, () => process.exit());
