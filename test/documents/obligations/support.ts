import type { ObligingTerms } from '../../../src/documents/obligations/fault.ts';
import type { Obligation } from '../../../src/documents/obligations/terms.ts';
import type { PublishTerms } from '../../../src/documents/publish-terms.ts';
import { buyer, identity, seller } from '../support.ts';
import { signer } from '../tlog/log.ts';

export const judges = [11, 12, 13].map(identity);
export const members = judges.map(({ publicKey }) => publicKey);

export const log = signer('log.example/parley', 'log', 1);
export const witnesses = [2, 3].map((seed) => signer(`witness.example/${seed}`, 'witness', seed));
export const publish: PublishTerms = {
  at: 'https://log.example',
  log: log.text,
  witnesses: witnesses.map(({ text }) => text),
  quorum: 2,
};

export const pay: Obligation = {
  id: 'pay',
  by: 'buyer',
  to: 'seller',
  if: 'deal',
  what: 'pay the agreed price to account 4711',
  due: { days: 14, after: 'expires' },
  judge: { members, threshold: 2 },
  objection: 7,
};

export const expires = '2027-01-01T00:00:00Z';

export function obliging(
  obligations: readonly Obligation[],
  more: Partial<ObligingTerms> = {},
): ObligingTerms {
  const parties = { seller: seller.publicKey, buyer: buyer.publicKey };
  return { obligations, publish, expires, parties, ...more };
}
