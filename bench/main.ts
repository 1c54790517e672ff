// `npm run bench -- [--json] [NAME …]`: runs the benchmarks named (all of them otherwise), and prints a table or one JSON document.
import { cpus, totalmem } from 'node:os';
import { type Row, table } from './rows.ts';

const benchmarks = [
  'deals',
  'sessions',
  'peers',
  'and',
  'authenticated',
  'ot',
  'paillier',
  'seals',
  'menus',
  'incentives',
  'timing',
] as const;

const USAGE = `npm run bench -- [--json] [NAME …]

Runs the benchmarks that are named, or all of them, which takes some minutes:
${benchmarks.join(', ')}.
bench/README.md says what each one measures.

  --json  prints one JSON document
  --help  prints this, and measures nothing
`;

const given = process.argv.slice(2);
if (given.includes('--help') || given.includes('-h')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const json = given.includes('--json');
const named = given.filter((argument) => argument !== '--json');
const unknown = named.filter((name) => !(benchmarks as readonly string[]).includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}: there are ${benchmarks.join(', ')}\n`);
  process.exit(2);
}

const cores = cpus();
const machine = {
  processor: cores[0]!.model.trim(),
  cores: cores.length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
};
const rows: Row[] = [];
for (const name of benchmarks.filter((one) => named.length === 0 || named.includes(one))) {
  process.stderr.write(`${name} …\n`);
  const { run } = (await import(`./${name}.ts`)) as { run(): Promise<Row[]> };
  const measured = await run();
  rows.push(...measured);
  if (!json) process.stdout.write(`${table(measured)}\n\n`);
}
if (json) process.stdout.write(`${JSON.stringify({ machine, rows }, null, 2)}\n`);
else {
  const { processor, memoryGiB, node, platform } = machine;
  process.stdout.write(`${processor}, ${machine.cores} cores, ${memoryGiB} GiB, Node ${node}, ${platform}\n`);
}
