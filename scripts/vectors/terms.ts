import { ruleOf } from '../../protocols/registry.ts';
import { bigintToBits, packBits } from '../../src/circuit/bits.ts';
import { canonicalText } from '../../src/documents/json.ts';
import { completeTerms, type Terms, type TermsDraft, termsDigest } from '../../src/documents/terms.ts';
import { questionDigest } from '../../src/ledger/index.ts';
import { fullDraft, priced } from './drafts.ts';
import { hex, type Maker, type Members } from './shape.ts';

/** A draft completed, with everything in it that a session adds. */
export function completed(draft: TermsDraft): Terms {
  return completeTerms(draft, {}, ruleOf(draft));
}

export const terms: Maker = {
  about: 'Completed terms of every rule: digests, what is sealed, and outcomes from opened bits.',
  make: async () => ({
    terms: [
      described(priced({ rule: { name: 'zopa' }, security: 'semi-honest' }), 1n),
      described(priced({ rule: { name: 'split' } }), dealAt(450n)),
      described(
        priced({ rule: { name: 'split', sellerShare: '3/7', grid: '50', rounds: 3, nearMiss: '2.5%' } }),
        1n | (2n << 1n) | (450n << 3n), // in round 3
        1n << 13n, // no deal, and a near miss
      ),
      described(priced({ rule: { name: 'random-split' }, attempts: 2 }), dealAt(7n)),
      described(priced({ rule: { name: 'posted-price', price: '512' } }), 1n),
      described(priced({ rule: { name: 'posted-price', price: 'random' } }), dealAt(0n)),
      described(menu({ name: 'menu', solution: 'egalitarian', version: 2 }), 1n | (5n << 1n)),
      described(menu({ name: 'menu' }), 0n),
      described(await fullDraft(), dealAt(1000n)),
    ],
  }),
};

/** The bits of a deal at a position of the grid, under terms without rounds. */
function dealAt(index: bigint): bigint {
  return 1n | (index << 1n);
}

function menu(rule: TermsDraft['rule']): TermsDraft {
  const { range: _, ...draft } = priced({ rule });
  const { seller: a, buyer: b } = draft.parties!;
  const issues = [
    { name: 'Price', values: ['4.37', '4.12', '3.98'] },
    { name: 'Delivery', values: ['60 days', '45 days'] },
  ];
  return { ...draft, parties: { a: a!, b: b! }, menu: { issues } };
}

function described(draft: TermsDraft, ...opened: readonly bigint[]): Members {
  const done = completed(draft);
  const bound = ruleOf(done).under(done);
  const outcomes = opened.map((value) => {
    const bits = bigintToBits(value, bound.outcomeWidth!);
    const outcome = bound.readOutcome!(bits);
    if (!bound.permits(outcome)) throw new Error(`not an outcome: ${canonicalText(outcome)}`);
    return { bits: hex(packBits(bits)), outcome };
  });
  return {
    terms: canonicalText(done),
    digest: hex(termsDigest(done)),
    question: hex(questionDigest(done)),
    sealed: bound.seal!.width,
    outcomeBits: bound.outcomeWidth!,
    outcomes,
  };
}
