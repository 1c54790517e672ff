import type { RuleTerms, SealedEntries } from '../rule.ts';
import { optionWidth } from './circuits.ts';
import { ABSTAINS, acceptance, type MenuEntry, STEPS } from './entry.ts';
import { optionBits } from './option-bits.ts';
import { countOptions, menuOf, solutionOf } from './options.ts';
import { chunksOf } from './stream.ts';

/** Bits of a reservation: 0 to 65,536. */
const RESERVATION_WIDTH = 17;

/** How mandates over a menu are sealed (README.md, "Seals"): the reservation is sealed, and the utilities that count are committed to. */
export const sealedMenu: SealedEntries<MenuEntry> = {
  width: () => RESERVATION_WIDTH,
  value: (_terms, { reservation }) => BigInt(reservation),

  entry(terms, value, rest) {
    const count = countOptions(menuOf(terms));
    if (value > BigInt(ABSTAINS) || rest?.length !== 2 * count) return undefined;
    const reservation = Number(value);
    const bytes = new DataView(rest.buffer, rest.byteOffset, rest.length);
    const utilities = Uint16Array.from({ length: count }, (_, i) => bytes.getUint16(2 * i, true));
    const counts = utilities.every((utility) => utility >= reservation || utility === 0);
    return counts ? { utilities, reservation } : undefined;
  },

  mandate(_terms, _party, { utilities, reservation }) {
    if (reservation === ABSTAINS) return { abstain: true };
    return {
      reservation: reservation / STEPS,
      utilities: Array.from(utilities, (utility) => utility / STEPS),
    };
  },

  sameMandate(one, other) {
    if (one.reservation !== other.reservation || one.utilities.length !== other.utilities.length)
      return false;
    return one.utilities.every((_, i) => counted(one, i) === counted(other, i));
  },

  committed: {
    widths: (terms) => spans(terms).map(([start, end]) => (end - start) * optionWidth(solutionOf(terms))),

    *inputs(terms, entry) {
      for (const [start, end] of spans(terms)) yield optionBits(solutionOf(terms), entry, start, end);
    },

    /** Each option's utility, 2 bytes, low byte first; 0 for one below the reservation, which is of no consequence and nobody's business. */
    rest(_terms, entry) {
      const bytes = new DataView(new ArrayBuffer(2 * entry.utilities.length));
      entry.utilities.forEach((_, i) => {
        bytes.setUint16(2 * i, counted(entry, i), true);
      });
      return new Uint8Array(bytes.buffer);
    },
  },
};

/** The utility of option i if it is accepted, else 0. */
function counted({ utilities, reservation }: MenuEntry, i: number): number {
  return utilities[i]! & acceptance(utilities[i]! - reservation);
}

function spans(terms: RuleTerms) {
  return chunksOf(countOptions(menuOf(terms)));
}
