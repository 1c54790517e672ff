import type { Menu } from '../../src/documents/terms.ts';
import { InputError } from '../../src/errors.ts';
import { membersOf } from '../define.ts';
import type { Fitted } from '../rule.ts';
import { menuEntry, TOLERANCE, toEntry } from './entry.ts';
import { countOptions } from './options.ts';

/**
 * What is entered for a mandate, whether it fits the menu or not. A reservation below 0 is entered as 0, which every option reaches as well. No option reaches a
 * reservation above 1, so the party abstains. It also abstains if its utilities do not fit the menu, or are not from 0 to 1: changed to fit, they would
 * mean something else. Abstaining takes as long as entering a mandate.
 */
export function fitMenu(menu: Menu, mandate: unknown): Fitted {
  const given = membersOf(mandate);
  const { reservation } = given;
  const below = typeof reservation === 'number' && reservation < -TOLERANCE;
  const fitted = entryOf(menu, below ? { ...given, reservation: 0 } : mandate);
  if (fitted === undefined || given.abstain === true) {
    // Done for the time that it takes: the work for a mandate of this size.
    entryOf(menu, { reservation: 1, utilities: new Float64Array(countOptions(menu)) });
  }
  if (fitted !== undefined) {
    return { entry: fitted, why: below ? 'the reservation is below 0, so 0 was entered' : undefined };
  }
  const why =
    typeof reservation === 'number' && reservation > 1
      ? 'the reservation is above 1, so no option is accepted'
      : 'that is no mandate for this menu, so no option is accepted';
  return { entry: toEntry(menuEntry(menu, { abstain: true })), why };
}

function entryOf(menu: Menu, mandate: unknown): Fitted['entry'] | undefined {
  try {
    return toEntry(menuEntry(menu, mandate));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
