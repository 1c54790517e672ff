/**
 * A process on a ledger: `child.ts DIRECTORY hold MATTER` takes a session and keeps it; `try MATTER` says whether it gets one; `append NAME COUNT`
 * releases as many attempts, each on a matter of its own.
 */
import { hostname } from 'node:os';
import { fileLedger } from '../../../src/node/store/index.ts';

const [directory, mode, name, count] = process.argv.slice(2) as [string, string, string, string | undefined];
const peer = new Uint8Array(32).fill(7);
const digest = (text: string) => new Uint8Array(Buffer.from(text.padEnd(32, '.').slice(0, 32)));
const say = (line: string) => process.stdout.write(`${line}\n`);
const ledger = await fileLedger(directory);
if (mode === 'hold') {
  await ledger.begin(peer, name);
  say(`held ${process.pid} ${hostname()}`);
  setInterval(() => undefined, 1_000);
} else if (mode === 'try') {
  const outcome = await ledger.begin(peer, name).then(
    () => 'held',
    (error: { code?: string }) => String(error.code),
  );
  say(`${outcome} ${process.pid} ${hostname()}`);
  process.exit();
} else {
  for (let index = 0; index < Number(count); index++) {
    const session = await ledger.begin(peer, `${name} ${index}`);
    session.admit(
      { question: digest('q'), own: digest(`${name} ${index}`), peer: digest('p'), session: digest('s') },
      { rule: 'split', attempts: 1, bits: 1, maxDisclosure: undefined, shown: true },
    );
    await session.sealed({ name, index });
    await session.released();
    await session.end();
  }
  say(`done ${process.pid} ${hostname()}`);
}
