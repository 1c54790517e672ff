// `npm run bench -- [--json] [NAME …]`: runs the benchmarks named (all of them otherwise), and prints a table or one JSON document.
import { cpus, totalmem } from 'node:os';
import { type Row, table } from './rows.ts';

const benchmarks = [
  'deals',
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

const json = process.argv.includes('--json');
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
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
