import type { MenuEntry } from './entry.ts';
import type { Solution } from './options.ts';

/** `fastChoice` for each of a with each of b, b's running faster, one at a time. */
export function* fastChoices(
  solution: Solution,
  as: readonly MenuEntry[],
  bs: readonly MenuEntry[],
): Generator<number> {
  for (const a of as) for (const b of bs) yield fastChoice(solution, a, b);
}

/**
 * The choice straight from the definition, with exact products and without intermediate lists, for the leakage meter, which makes thousands: what
 * the plaintext twin (`chooseEntered`) makes of the bits that these mandates are entered as. Gives the option's index, or -1 for no deal.
 */
export function fastChoice(solution: Solution, a: MenuEntry, b: MenuEntry): number {
  const [mostA, mostB] = solution === 'kalai-smorodinsky' ? highestGains(a, b) : [0, 0];
  const [utilitiesA, utilitiesB] = [a.utilities, b.utilities];
  const [reservationA, reservationB] = [a.reservation, b.reservation];
  const count = utilitiesA.length;
  let chosen = -1;
  let best = -1;
  let bestSum = -1;
  for (let i = 0; i < count; i++) {
    const x = utilitiesA[i] - reservationA;
    const y = utilitiesB[i] - reservationB;
    if (x < 0 || y < 0) continue;
    let score: number;
    if (solution === 'nash') score = x * y;
    else if (solution === 'egalitarian') score = Math.min(x, y);
    else if (solution === 'utilitarian') score = x + y;
    else score = Math.min((mostA === 0 ? 1 : x) * (mostB || 1), (mostB === 0 ? 1 : y) * (mostA || 1));
    if (score < best || (score === best && x + y <= bestSum)) continue;
    chosen = i;
    best = score;
    bestSum = x + y;
  }
  return chosen;
}

/** Each side's highest gain among options that both accept. */
function highestGains(a: MenuEntry, b: MenuEntry): [number, number] {
  let mostA = 0;
  let mostB = 0;
  for (let i = 0; i < a.utilities.length; i++) {
    const x = a.utilities[i] - a.reservation;
    const y = b.utilities[i] - b.reservation;
    if (x < 0 || y < 0) continue;
    if (x > mostA) mostA = x;
    if (y > mostB) mostB = y;
  }
  return [mostA, mostB];
}
