// `npm run bench -- [--json] [--quick] [NAME …]`: runs the benchmarks named (all of them otherwise), and prints a table or one JSON document.
import { cpus, totalmem } from 'node:os';
import { benchmarks, isPart } from './benchmarks.ts';
import { type Row, table } from './rows.ts';

const names = Object.keys(benchmarks);

const USAGE = `npm run bench -- [--json] [--quick] [NAME …]

Runs the benchmarks that are named, or all of them, which takes many minutes:
${names.join(', ')}.
A part of one has its name after a dot: links.home20.menu576.
bench/README.md says what each one measures.

  --json   prints one JSON document
  --quick  runs everything once at a tiny size: shows that it runs, and measures nothing
  --help   prints this, and measures nothing
`;

const given = process.argv.slice(2);
if (given.includes('--help') || given.includes('-h')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const json = given.includes('--json');
const quick = given.includes('--quick');
const named = given.filter((argument) => argument !== '--json' && argument !== '--quick');
const wanted = await Promise.all((named.length === 0 ? names : named).map(find));

const cores = cpus();
const machine = {
  processor: cores[0]!.model.trim(),
  cores: cores.length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
};
const rows: Row[] = [];
for (const { text, benchmark, part } of wanted) {
  process.stderr.write(`${text} …\n`);
  const measured = await benchmark.run({ quick, part });
  rows.push(...measured);
  if (!json) process.stdout.write(`${table(measured)}\n\n`);
}
if (json) process.stdout.write(`${JSON.stringify({ machine, rows }, null, 2)}\n`);
else {
  const { processor, memoryGiB, node, platform } = machine;
  process.stdout.write(`${processor}, ${machine.cores} cores, ${memoryGiB} GiB, Node ${node}, ${platform}\n`);
}

/** The benchmark, and the part of it, that a word of the command line names. */
async function find(text: string) {
  const name = names.find((one) => isPart(text, one));
  if (name === undefined) refuse(`no benchmark ${text}: there are ${names.join(', ')}`);
  const benchmark = await benchmarks[name]!();
  const part = text === name ? undefined : text.slice(name.length + 1);
  const { parts = [] } = benchmark;
  if (part !== undefined && !parts.some((one) => isPart(one, part))) {
    refuse(parts.length === 0 ? `${name} has no parts` : `no part ${part}: there are ${parts.join(', ')}`);
  }
  return { text, benchmark, part };
}

function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
