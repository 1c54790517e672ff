import type { Menu } from '../../src/documents/terms.ts';
import type { Mandate, SealedEntries } from '../rule.ts';
import { ABSTAINS, fromEntry, type MenuEntry, STEPS } from './entry.ts';
import { inputsOf, inputWidth } from './inputs.ts';
import { entryBits } from './option-bits.ts';
import { countOptions, type Method } from './options.ts';

/** Bits of a reservation: 0 to 65,536. */
const RESERVATION_WIDTH = 17;

/** How mandates over a menu are sealed (README.md, "Seals"): the reservation is sealed, and the utilities that count are committed to. */
export function sealedMenu(menu: Menu, method: Method): SealedEntries {
  const count = countOptions(menu);
  const inputs = inputsOf(method, count);
  return {
    width: RESERVATION_WIDTH,
    committed: {
      widths: inputs.map((input) => inputWidth(method, input)),
      *inputs(entry) {
        const bitsOf = entryBits(method, count, entry);
        for (const input of inputs) yield bitsOf(input);
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
