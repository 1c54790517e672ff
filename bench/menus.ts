import { isDeepStrictEqual } from 'node:util';
import { menu as rule } from '../protocols/menu/index.ts';
import { systemRandom } from '../src/crypto/random.ts';
import { cryptoReady } from '../src/crypto/ready.ts';
import { type Effort, times } from './benchmarks.ts';
import { runPair } from './pair.ts';
import { median, type Row, rounded } from './rows.ts';
import { type MenuOptions, type MenuResult, mandateOf, termsOf } from './scenarios/menu.ts';

type Size = Pick<MenuOptions, 'security' | 'seals' | 'issues' | 'warmUps' | 'sessions'>;

const sizes: readonly Size[] = [
  { security: 'malicious', seals: 'none', issues: [8, 8, 9], warmUps: 3, sessions: 9 },
  { security: 'malicious', seals: 'paillier', issues: [8, 8, 9], warmUps: 3, sessions: 9 },
  { security: 'malicious', seals: 'none', issues: Array(6).fill(5), warmUps: 1, sessions: 5 },
  { security: 'malicious', seals: 'paillier', issues: Array(6).fill(5), warmUps: 1, sessions: 5 },
  { security: 'semi-honest', seals: 'none', issues: Array(8).fill(5), warmUps: 0, sessions: 3 },
];

/** Whole sessions over menus: two processes, loopback TCP, encrypted; with seals, whose keys are known, and without. */
export async function run(effort: Effort): Promise<Row[]> {
  await cryptoReady();
  const rows: Row[] = [];
  for (const size of sizes) {
    for (const solution of ['nash', 'kalai-smorodinsky'] as const) {
      rows.push(...(await measure({ ...size, solution }, effort)));
    }
  }
  return rows;
}

/** Time and memory of one menu. Throws if the outcome is not that of the plaintext twin. */
async function measure(usual: MenuOptions, effort: Effort): Promise<Row[]> {
  const options: MenuOptions = {
    ...usual,
    issues: effort.quick ? [2, 2] : usual.issues,
    warmUps: times(usual.warmUps, effort),
    sessions: times(usual.sessions, effort),
  };
  const [left, right] = await runPair<MenuOptions, MenuResult>(
    new URL('./scenarios/menu.ts', import.meta.url),
    options,
  );
  const terms = termsOf(options);
  const bound = rule.under(terms);
  const [a, b] = (['left', 'right'] as const).map((side) =>
    bound.enter(side === 'left' ? 'a' : 'b', mandateOf(terms.menu!, side), systemRandom),
  );
  const expected = bound.plain(a!, b!);
  for (const { result } of [left, right]) {
    if (!isDeepStrictEqual(result.outcome, expected)) throw new Error('a menu came out wrong');
  }
  const later = left.result.ms.map((ms, run) => Math.max(ms, right.result.ms[run]!));
  const cpu = Math.max(left.result.cpuMs, right.result.cpuMs);
  const { ands } = right.result;
  const bytes = left.result.sent + right.result.sent;
  const count = ({ issues }: MenuOptions) => issues.reduce((product, values) => product * values, 1);
  const sealed = options.seals === 'none' ? '' : '.sealed';
  const id = `menu.${options.solution}.${options.security}.${count(usual)}${sealed}`;
  return [
    {
      id: `${id}.ms`,
      value: rounded(median(later)),
      unit: 'ms',
      note: `${(ands / count(options)).toFixed(0)} ANDs an option, ${(bytes / 2 ** 20).toFixed(1)} MiB both ways, ${rounded(cpu)} ms of CPU at the busier; whole session, base OTs included; median of ${later.length}`,
    },
    {
      id: `${id}.maxRssMiB`,
      value: Math.round(Math.max(left.maxRssMiB, right.maxRssMiB)),
      unit: 'MiB',
      note: 'larger of the two processes in the same runs',
    },
  ];
}
