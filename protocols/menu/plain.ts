import type { Bits } from '../../src/engine/engine.ts';
import { encodedLog } from './log-table.ts';
import { logsFor } from './maxima.ts';
import { type EnteredOptions, readOptions } from './option-bits.ts';
import type { Solution } from './options.ts';

/** The chosen option's index, from what both parties entered, whatever the bits are (README.md, What is entered); undefined for no deal. */
export function chooseEntered(solution: Solution, bitsOfA: Bits, bitsOfB: Bits): number | undefined {
  const [a, b] = [readOptions(solution, bitsOfA), readOptions(solution, bitsOfB)];
  const joint: number[] = [];
  a.accepted.forEach((accepted, i) => {
    if (accepted === 1 && b.accepted[i] === 1) joint.push(i);
  });
  const offset = solution === 'kalai-smorodinsky' ? logOfMost(a, joint) - logOfMost(b, joint) : 0;
  const scoreOf = (i: number): number => {
    switch (solution) {
      case 'utilitarian':
        return a.gains[i]! + b.gains[i]!;
      case 'egalitarian':
        return Math.min(a.gains[i]!, b.gains[i]!);
      case 'nash':
        return a.logs[i]! + b.logs[i]!;
      case 'kalai-smorodinsky':
        return Math.min(a.logs[i]!, b.logs[i]! + offset);
    }
  };
  let chosen: number | undefined;
  let [best, bestSum] = [Number.NEGATIVE_INFINITY, 0];
  for (const i of joint) {
    const [score, sum] = [scoreOf(i), a.gains[i]! + b.gains[i]!];
    if (score > best || (score === best && sum > bestSum)) [chosen, best, bestSum] = [i, score, sum];
  }
  return chosen;
}

/** e(M) of a party: as it entered it with the first of its largest gains, or from the table. */
function logOfMost({ gains, logs }: EnteredOptions, joint: readonly number[]): number {
  let most: number | undefined;
  for (const i of joint) if (most === undefined || gains[i]! > gains[most]!) most = i;
  if (most === undefined) return 0;
  return logsFor(gains.length) === 'carried' ? logs[most]! : encodedLog(gains[most]!);
}
