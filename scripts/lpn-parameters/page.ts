import { LOCALITY } from '../../src/ot/silent/parameters.ts';
import { SILENT_SIZES } from '../../src/ot/silent/sizes.ts';
import { powerText, table } from '../error-budget/text.ts';
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

/** docs/lpn-parameters.md. */
export function page(): string {
  return `# How hard the LPN of silent OT is

[Silent OT extension](../src/ot/silent/README.md) hides the receiver's bits by learning parity with regular noise. This page estimates the cost of the attacks that are known, as powers of two in bit operations, for each size with the most trees that it may have. \`node --import tsx
scripts/lpn-parameters.ts\` writes it from the parameters in the code; a test fails when it is out of date, or an estimate below ${powerText(128)}.

t is the number of trees, hence of errors; k that of the secret's bits; each tree has 2^depth samples. The code is local: a sample adds up ${LOCALITY} bits of the secret. The last columns are the ranges that emp-ot's release of 2026 gives, by the same formulas: they are chosen there for ${powerText(128)} by the hybrid
attack, which these formulas confirm.

${costs()}

- _Pooled Gauss_ and _statistical decoding_ are the formulas of Liu, Wang, Yang, Yu (ePrint 2022/712), who take noise to be uniform. In version 2.0 of the latter part of the secret is guessed beforehand for nothing.
- _Gauss, regular, sparse_ uses all that a regular and local instance gives to Gauss: samples taken evenly from all blocks, the sum of each block as an equation, and sparse solving.
- _Information set decoding_ is a lower bound for all its variants rather than an estimate of one: an iteration costs no more than writing down k² bits, and a search among N patterns of errors N^(1/3). It is why the sizes are not those of the last columns, though no attack is known
  to come near this bound.
- _Pairwise reductions_ are in the manner of Blum, Kalai and Wasserman, with as many bits a step as there are samples for, and after them Gauss. A lower bound, too.
- _Algebraic_ is Briaud, Øygarden (ePrint 2023/176): products of errors of one block are 0. With guesses in the best number of blocks, degrees 2 to 4.
- _Hybrid_ is ePrint 2025/1284: places without errors are guessed until those products can be linearised.

A sender that bets on where the errors are gains nothing in this: it guesses at the risk of being caught what an attacker guesses offline ([the assumption](../src/ot/silent/README.md#assumption)).
`;
}

function costs(): string {
  const columns = [...used, ...others];
  const head = columns.map(
    ({ blocks, secret, width }) => `${blocks}, ${Math.log2(secret)}, ${Math.log2(width)}`,
  );
  const rows = attacks.map(({ name, cost }) => [
    name,
    ...columns.map((column) => powerText(Math.floor(cost(column)))),
  ]);
  return table(1, ['t, log k, depth', ...head], rows);
}
