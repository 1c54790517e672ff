import type { Menu } from '../../src/documents/terms.ts';
import type { Mandate, SealedEntries } from '../rule.ts';
import { optionWidth } from './circuits.ts';
import { ABSTAINS, fromEntry, type MenuEntry, STEPS } from './entry.ts';
import { entryBits } from './option-bits.ts';
import { countOptions, type Solution } from './options.ts';
import { chunksOf } from './stream.ts';

/** Bits of a reservation: 0 to 65,536. */
const RESERVATION_WIDTH = 17;

/** How mandates over a menu are sealed (README.md, "Seals"): the reservation is sealed, and the utilities that count are committed to. */
export function sealedMenu(menu: Menu, solution: Solution): SealedEntries {
  const count = countOptions(menu);
  const chunks = chunksOf(count);
  return {
    width: RESERVATION_WIDTH,
    committed: {
      widths: chunks.map(([start, end]) => (end - start) * optionWidth(solution)),
      *inputs(entry) {
        const bits = entryBits(solution, count, entry);
        for (const [start, end] of chunks) yield bits(start, end);
      },
    },

    mandate(_party, entry) {
      const entered = fromEntry(entry, count);
      return entered !== undefined && countsOnly(entered) ? mandateOf(entered) : undefined;
    },

    sameMandate: (one, other) =>
      one.value === other.value &&
      one.rest?.length === other.rest?.length &&
      (one.rest?.every((byte, i) => byte === other.rest![i]) ?? true),
  };
}

/** Whether it has no utility below the reservation, as no entry of a delegate has. */
function countsOnly({ utilities, reservation }: MenuEntry): boolean {
  return utilities.every((utility) => utility >= reservation || utility === 0);
}

function mandateOf({ utilities, reservation }: MenuEntry): Mandate {
  if (reservation === ABSTAINS) return { abstain: true };
  return {
    reservation: reservation / STEPS,
    utilities: Array.from(utilities, (utility) => utility / STEPS),
  };
}
