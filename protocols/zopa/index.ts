import { CircuitBuilder } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { cachedCircuit } from '../circuit-cache.ts';
import { meet, reservationInputs } from '../price/circuit.ts';
import { computeOnce, NO_DEAL } from '../price/compute.ts';
import {
  encodeMandate,
  gridOf,
  indexOfWord,
  isNoDeal,
  memberNames,
  type ReservationWord,
  wordBits,
} from '../price/encoding.ts';
import { priceTerms } from '../price/schema.ts';
import type { Rule } from '../rule.ts';
import { zopaModel } from './leakage.ts';

/** One output bit: whether the two reservations meet. */
export function zopaCircuit(count: bigint): Circuit {
  return cachedCircuit(`zopa ${count}`, () => {
    const c = new CircuitBuilder();
    const { seller, buyer } = reservationInputs(c, count);
    c.output([meet(c, seller, buyer, count).deal]);
    return c.build();
  });
}

/** Whether a deal exists, and nothing else. See README.md. */
export const zopa: Rule<ReservationWord> = {
  name: 'zopa',
  roles: ['seller', 'buyer'],
  schema: priceTerms('zopa'),

  entry: (terms, party, mandate) => encodeMandate(terms, party, mandate),

  ands: (terms) => zopaCircuit(gridOf(terms).count).ands,

  async compute(engine, terms, entry, release) {
    const { count } = gridOf(terms);
    const bits = await computeOnce(engine, zopaCircuit(count), wordBits(count, entry), release);
    return bits[0] === 1 ? { deal: true } : NO_DEAL;
  },

  plain(terms, a, b) {
    const { count } = gridOf(terms);
    return indexOfWord('a', count, a) <= indexOfWord('b', count, b) ? { deal: true } : NO_DEAL;
  },

  priceModel: zopaModel,

  permits: (_terms, outcome) =>
    isNoDeal(outcome) || (outcome.deal === true && memberNames(outcome) === 'deal'),
};
