import { LOCALITY } from '../../src/ot/silent/parameters.ts';
import { SILENT_SIZES } from '../../src/ot/silent/sizes.ts';
import { powerText, table } from '../error-budget/text.ts';
import { peeledCore, randomCore } from './core.ts';
import { attacks, type Instance } from './estimates.ts';

/** The instance of so many trees of a depth, over a secret of 2^bits bits. */
export function instance(trees: number, bits: number, depth: number): Instance {
  return { secret: 2 ** bits, blocks: trees, width: 2 ** depth, locality: LOCALITY };
}

/** The instances that are used, with the most trees. */
export const used: readonly Instance[] = SILENT_SIZES.map(({ mostTrees, secretBits, depth }) =>
  instance(mostTrees, secretBits, depth),
);

/** The ranges of emp-ot's release of 2026, for comparison. */
export const others: readonly Instance[] = [
  instance(850, 16, 10),
  instance(1170, 17, 11),
  instance(1520, 18, 12),
  instance(1900, 19, 13),
];

/** The least power of two in all rows of a size, to a tenth. */
export function least(of: Instance): number {
  return Math.floor(10 * Math.min(...attacks.map(({ cost }) => cost(of)))) / 10;
}

/** docs/lpn-parameters.md. */
export function page(): string {
  return `# How hard the LPN of silent OT is

[Silent OT extension](../src/ot/silent/README.md) hides the receiver's bits by learning parity with regular noise. This page estimates the cost of known attacks, as powers of two in bit operations, for each size with the most trees that it may have. \`node --import tsx
scripts/lpn-parameters.ts\` writes it from the parameters in the code; a test fails when it is out of date, or an estimate below ${powerText(128)}. The least estimates of the sizes are ${used.map((each) => powerText(least(each).toFixed(1))).join(', ')}, all by the most generous row, so the margin is
${(Math.min(...used.map(least)) - 128).toFixed(1)} bits by that row. These are estimates by formulas. They prove nothing, and a better attack may be found.

t is the number of trees, hence of errors; k that of the secret's bits; each tree has 2^depth samples, together N. The code is local: a sample adds up ${LOCALITY} bits of the secret. The last columns are the ranges that emp-ot's release of 2026 gives, by the same formulas. They give the hybrid attack
just above ${powerText(128)}. Other rows are lower there: these formulas do not confirm that level for those ranges, since the formulas are more generous to the attacker, and since the last rows use that the code is local.

${costs()}

- _Pooled Gauss_ and _statistical decoding_ are the formulas of Liu, Wang, Yang, Yu (ePrint 2022/712), who take noise to be uniform. In version 2.0 of the latter part of the secret is guessed beforehand for nothing.
- _Gauss, regular, sparse_: samples are taken evenly from all blocks, the sum of each block is an equation, and solving is sparse.
- _ISD rule_ is a generous rule for the variants of information set decoding instead of an estimate of one: an iteration costs as much as writing down k² bits, and a search among n patterns of errors n^(1/3), where Stern's takes n^(1/2). It bounds no other kind of attack.
- _Pairwise reductions_ are in the manner of Blum, Kalai and Wasserman, with as many bits a step as there are samples for, and after them Gauss. No sample is lost.
- _Algebraic_ is Briaud, Øygarden (ePrint 2023/176): products of errors of one block are 0. With guesses in the best number of blocks, degrees 2 to 4.
- _Hybrid_ is ePrint 2025/1284: places without errors are guessed until those products can be linearised.

## The core of a local code

The last rows use that each sample names only ${LOCALITY} bits of the secret (domain reduction: Chen, Shu, Zhou, _Algorithms for sparse LPN and LSPN against low noise_, COLT 2025, arXiv 2407.19215). Choose a set V of variables, and keep only the samples whose ${LOCALITY} indices all lie in V: they are a system in |V| unknowns.
A V with as many samples as variables is a core. Only its |V| samples have to be free of errors instead of k − t, and once V is solved the rest is easy. So N/k decides how far an attack gets, which is why t is bounded.

- A _random V_ of ρk variables keeps about Nρ${powerText(LOCALITY).slice(1)} samples, so it is a core for ρ = (N/k)^(−1/${LOCALITY - 1}).
- A _peeled core_ is smaller: again and again the variable that is in the fewest samples left goes, with these. Its ρ is measured, not derived. The script peels a random code of 2¹² variables with the N/k of the column; codes of the two smaller sizes give the same ρ up to 0.003 (a long test compares). The rows count as if there were
  as many independent cores of this size as an attack tries, though peeling gives few: with 10 % of the variables deleted at random first, which makes many, ρ is some 0.02 larger. A V that is 1 % smaller costs the ISD rule about a bit, so a better way to choose V by so little would use up the margin of that row.
- Algebraic and hybrid attacks are not put on a core: they need many more samples than unknowns.

${table(
  1,
  ['t, log k, depth', ...heads([...used, ...others])],
  [
    ['N/k', ...[...used, ...others].map((each) => ratio(each).toFixed(2))],
    ['ρ, random V', ...[...used, ...others].map((each) => randomCore(ratio(each), LOCALITY).toFixed(3))],
    ['ρ, peeled core', ...[...used, ...others].map((each) => peeledCore(ratio(each), LOCALITY).toFixed(3))],
  ],
)}

## Several instances, and bets

_Many instances._ Extensions of one direction feed each other: whoever solves one has all secret bits after it in that direction. The estimates are for one given instance. Who has m to choose from may need up to log₂ m bits less to solve one of them.

_Bets._ Each estimate is time divided by the probability of success. A sender may bet online on where the errors are, at the risk of being caught; a bet that holds with probability q leaves a search that is up to 1/q times shorter. So bets trade success for time, and both are to be stated together:
at ${powerText(128)}, a bet that holds with 2⁻⁴⁰ leaves work of 2⁸⁸, and without it the same work would succeed just as rarely ([the assumption](../src/ot/silent/README.md#assumption)).
`;
}

const ratio = ({ secret, blocks, width }: Instance): number => (blocks * width) / secret;

const heads = (columns: readonly Instance[]): string[] =>
  columns.map(({ blocks, secret, width }) => `${blocks}, ${Math.log2(secret)}, ${Math.log2(width)}`);

function costs(): string {
  const columns = [...used, ...others];
  const rows = attacks.map(({ name, cost }) => [
    name,
    ...columns.map((column) => powerText(Math.floor(cost(column)))),
  ]);
  return table(1, ['t, log k, depth', ...heads(columns)], rows);
}
