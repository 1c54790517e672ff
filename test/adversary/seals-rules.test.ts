import { describe, expect, test, vi } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { completeTerms, type Terms } from '../../src/documents/terms.ts';
import { buyer, seller } from '../support/sessions.ts';
import { equalOutcomes } from './harness/coverage.ts';
import { codeOf, duel, other, outcomeOf } from './harness/duel.ts';
import { seedOf } from './harness/engines.ts';
import { entryBits, type SealedBids, sealedRule } from './harness/sealed.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const FULL = process.env.PARLEY_FULL !== undefined;
/** Lies told under each variant by each party; in a normal run, one by one of the two. */
const RUNS = FULL ? 60 : 1;

const variants: [string, Terms['rule']][] = [
  ['zopa', { name: 'zopa' }],
  ['zopa with a near miss', { name: 'zopa', nearMiss: '5%' }],
  ['split', { name: 'split' }],
  ['split with shares and rounds', { name: 'split', sellerShare: '2/3', rounds: 3 }],
  ['random-split', { name: 'random-split' }],
  ['random-split with rounds and a near miss', { name: 'random-split', rounds: 2, nearMiss: '10%' }],
  ['posted-price at a public price', { name: 'posted-price', price: '512' }],
  ['posted-price at a random price', { name: 'posted-price', price: 'random' }],
];

function bidsUnder(rule: Terms['rule']): SealedBids {
  const found = rules.find(({ name }) => name === rule.name)!;
  const draft = {
    parley: 1 as const,
    subject: 'used car',
    rule,
    range: { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 },
    parties: { seller: seller.publicKey, buyer: buyer.publicKey },
    expires: '2999-01-01T00:00:00Z',
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  };
  return { rule: found, terms: completeTerms(draft, {}, found) };
}

/** Both parties' entries as numbers, with a deal as often as not. */
function entriesOf({ rule, terms }: SealedBids, seed: number): Record<'a' | 'b', bigint> {
  const random = seededRandom(seedOf(seed, 31));
  const entry = (party: 'a' | 'b'): bigint => {
    const one = () => BigInt(random(1)[0]! * 3);
    const count = terms.rule.rounds as number | undefined;
    const bid =
      count === undefined ? { reservation: one() } : { reservations: Array.from({ length: count }, one) };
    const nearMiss = terms.rule.nearMiss === undefined ? {} : { nearMiss: true };
    return rule.under(terms).enter(party, { ...bid, ...nearMiss }, random).value;
  };
  return { a: entry('a'), b: entry('b') };
}

describe.each(variants)('%s', (name, rule) => {
  const bids = bidsUnder(rule);
  const width = bids.rule.under(bids.terms).seal!.width;
  const run = (seed: number, cheater?: 'a' | 'b', lie?: bigint) => {
    const program = sealedRule(cheater === undefined ? bids : { ...bids, sealed: { [cheater]: lie! } });
    const { a, b } = entriesOf(bids, seed);
    const inputs = { a: entryBits(a, program), b: entryBits(b, program) };
    return { inputs, program, result: duel({ program, seed, inputs, ...(cheater && { cheater }) }) };
  };

  test('gives honest parties its outcome', async () => {
    const { inputs, program, result } = run(1);
    const ends = await result;
    for (const party of ['a', 'b'] as const) {
      expect(equalOutcomes(outcomeOf(ends[party]), program.plain(party, inputs.a, inputs.b))).toBe(true);
    }
  });

  const cheaters = (['a', 'b'] as const).filter((_, party) => FULL || party === name.length % 2);
  test.each(cheaters)(
    '%s, who seals something else than it enters, is caught',
    async (cheater) => {
      for (let seed = 1; seed <= RUNS; seed++) {
        const random = seededRandom(seedOf(seed, cheater === 'a' ? 32 : 33));
        const bit = BigInt((random(2)[0]! * 256 + random(2)[1]!) % width);
        const lie = entriesOf(bids, seed)[cheater] ^ (1n << bit);
        const honest = (await run(seed, cheater, lie).result)[other(cheater)];
        expect(codeOf(honest)).toBe('ERR_PEER_CHEATED');
        expect(honest.failed).toEqual(['seal link']);
      }
    },
    600_000,
  );
});
