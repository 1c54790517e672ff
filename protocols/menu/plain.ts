import type { MenuEntry } from './entry.ts';
import { gainsOf } from './entry.ts';
import type { Solution } from './options.ts';

/** The chosen option's index, straight from the definition with exact products; undefined for no deal. */
export function chooseOption(solution: Solution, a: MenuEntry, b: MenuEntry): number | undefined {
  const [own, other] = [gainsOf(a), gainsOf(b)];
  const joint: number[] = [];
  let [mostA, mostB] = [0, 0];
  own.accepted.forEach((accepted, i) => {
    if (accepted === 0 || other.accepted[i] === 0) return;
    joint.push(i);
    mostA = Math.max(mostA, own.gains[i]!);
    mostB = Math.max(mostB, other.gains[i]!);
  });
  let chosen: number | undefined;
  let [score, sum] = [-1, -1];
  for (const i of joint) {
    const [x, y] = [own.gains[i]!, other.gains[i]!];
    const next = scoreOf(solution, x, y, mostA, mostB);
    if (next > score || (next === score && x + y > sum)) [chosen, score, sum] = [i, next, x + y];
  }
  return chosen;
}

/** What the solution maximises, up to a factor that is the same for all options; an integer below 2^32. */
function scoreOf(solution: Solution, a: number, b: number, mostA: number, mostB: number): number {
  switch (solution) {
    case 'utilitarian':
      return a + b;
    case 'egalitarian':
      return Math.min(a, b);
    case 'nash':
      return a * b;
    case 'kalai-smorodinsky':
      // min(a / mostA, b / mostB) · mostA · mostB, where 0 / 0 counts as 1
      return Math.min((mostA === 0 ? 1 : a) * (mostB || 1), (mostB === 0 ? 1 : b) * (mostA || 1));
  }
}
