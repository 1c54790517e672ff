import type { MenuEntry } from './entry.ts';
import { isRelative } from './inputs.ts';
import type { Method } from './options.ts';

/** `fastChoice` for each of a with each of b, one at a time. All of b's come for the first of a's, then for the next. */
export function* fastChoices(
  method: Method,
  as: readonly MenuEntry[],
  bs: readonly MenuEntry[],
): Generator<number> {
  for (const a of as) for (const b of bs) yield fastChoice(method, a, b);
}

/**
 * The choice straight from the definition, with exact products. It is what the plaintext twin (`chooseEntered`) makes of the bits that these
 * mandates are entered as. The leakage meter makes thousands of choices, so there are no intermediate lists. Gives the option's index, or −1 for no deal.
 */
export function fastChoice(method: Method, a: MenuEntry, b: MenuEntry): number {
  const [mostA, mostB] = isRelative(method) ? highestGains(a, b) : [0, 0];
  const [utilitiesA, utilitiesB] = [a.utilities, b.utilities];
  const [reservationA, reservationB] = [a.reservation, b.reservation];
  const count = utilitiesA.length;
  let chosen = -1;
  let best = -1;
  let bestTie = -1;
  for (let i = 0; i < count; i++) {
    const x = utilitiesA[i] - reservationA;
    const y = utilitiesB[i] - reservationB;
    if (x < 0 || y < 0) continue;
    let score: number;
    if (method === 'nash' || method === 'nash-1') score = x * y;
    else if (method === 'egalitarian') score = Math.min(x, y);
    else if (method === 'utilitarian') score = x + y;
    else score = Math.min((mostA === 0 ? 1 : x) * (mostB || 1), (mostB === 0 ? 1 : y) * (mostA || 1));
    const tie = method === 'nash' && score > 0 ? 0 : x + y;
    if (score < best || (score === best && tie <= bestTie)) continue;
    chosen = i;
    best = score;
    bestTie = tie;
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
