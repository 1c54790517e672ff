import type { Bits } from '../../src/engine/engine.ts';
import { isRelative, logsFor } from './inputs.ts';
import { encodedLog } from './log-table.ts';
import { type EnteredOptions, readOptions } from './option-bits.ts';
import type { Method } from './options.ts';

/**
 * The chosen option's index, from all bits that each party entered, in order, whatever they are (README.md, What is entered); undefined
 * for no deal.
 */
export function chooseEntered(method: Method, bitsOfA: Bits, bitsOfB: Bits): number | undefined {
  const [a, b] = [readOptions(method, bitsOfA), readOptions(method, bitsOfB)];
  const joint: number[] = [];
  a.accepted.forEach((accepted, i) => {
    if (accepted === 1 && b.accepted[i] === 1) joint.push(i);
  });
  const offset = isRelative(method) ? logOfMost(a, joint) - logOfMost(b, joint) : 0;
  const scoreOf = (i: number): number => {
    switch (method) {
      case 'utilitarian':
        return a.gains[i]! + b.gains[i]!;
      case 'egalitarian':
        return Math.min(a.gains[i]!, b.gains[i]!);
      case 'nash':
      case 'nash-1':
        return a.logs[i]! + b.logs[i]!;
      case 'kalai-smorodinsky':
      case 'kalai-smorodinsky-1':
        return Math.min(a.logs[i]!, b.logs[i]! + offset);
    }
  };
  // nash enters no gains, so these sums are all 0 and the lowest number decides
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
