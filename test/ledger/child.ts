/**
 * A party that negotiates without end: `child.ts DIRECTORY PREFIX`. Prints a line once each step is acknowledged, so that
 * whoever kills it knows what must be on disk. With `hold` as third argument it takes one session and waits.
 */
import { fileLedger } from '../../src/node/store/index.ts';

const [directory, prefix, mode] = process.argv.slice(2) as [string, string, string | undefined];
const peer = new Uint8Array(32).fill(9);
const digest = (text: string) => new Uint8Array(Buffer.from(text.padEnd(32, '.').slice(0, 32)));
const ledger = await fileLedger(directory);
if (mode === 'hold') {
  await ledger.begin(peer, prefix);
  process.stdout.write('held\n');
  setInterval(() => undefined, 1_000);
} else {
  for (let index = 0; ; index++) {
    const matter = `${prefix}-${index}`;
    const session = await ledger.begin(peer, matter);
    session.admit(
      { question: digest('q'), own: digest(`own ${matter}`), peer: digest('peer'), session: digest(matter) },
      { rule: 'split', attempts: 1, bits: 1, maxDisclosure: undefined, shown: true },
    );
    await session.sealed({ matter });
    process.stdout.write(`sealed ${matter}\n`);
    await session.released();
    process.stdout.write(`released ${matter}\n`);
    await session.agreed(digest(`agreed ${matter}`));
    process.stdout.write(`agreed ${matter}\n`);
    await session.end();
  }
}
