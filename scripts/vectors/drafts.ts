import type { Obligation } from '../../src/documents/obligations/terms.ts';
import type { PublishTerms } from '../../src/documents/publish-terms.ts';
import type { TermsDraft } from '../../src/documents/terms.ts';
import { signer } from '../../test/documents/tlog/log.ts';
import { arbiterCard } from './arbiter.ts';
import { certificates } from './mandates.ts';
import { people } from './people.ts';

/** Terms over a range of 1,001 prices, with the two keys. */
export function priced(
  changes: Partial<TermsDraft> & Pick<TermsDraft, 'rule'>,
): TermsDraft & Required<Pick<TermsDraft, 'parties'>> {
  return {
    parley: 1,
    subject: 'used car',
    range: { min: '0', max: '1000', unit: 'USD' },
    parties: { seller: people.seller().publicKey, buyer: people.buyer().publicKey },
    security: 'malicious',
    expires: '2030-01-01T00:00:00Z',
    nonce: 'AAECAwQFBgcICQoLDA0ODw',
    ...changes,
  } as TermsDraft & Required<Pick<TermsDraft, 'parties'>>;
}

/** The log and its witnesses. */
export const publishers = {
  log: () => signer('log.example/parley', 'log', 20),
  witnesses: () => [
    signer('witness.example/one', 'witness', 21),
    signer('witness.example/two', 'witness', 22),
  ],
};

export function publish(): PublishTerms {
  return {
    at: 'https://log.example/parley',
    log: publishers.log().text,
    witnesses: publishers.witnesses().map(({ text }) => text),
    quorum: 2,
  };
}

/** A payment that judges decide about, with a remedy, and a delivery that the buyer judges by itself. */
export function obligations(): readonly Obligation[] {
  const members = people.judges().map(({ publicKey }) => publicKey);
  return [
    {
      ...{ id: 'pay', by: 'buyer', to: 'seller', if: 'deal', what: 'pay the price' },
      due: { days: 14, after: 'expires' },
      judge: { members, threshold: 2 },
      ...{ objection: 7, remedy: 'refund', stake: { amount: '50000', unit: 'USD' } },
    },
    {
      ...{ id: 'refund', by: 'buyer', to: 'seller', if: 'always', what: 'give the car back' },
      due: { days: 10, after: 'broken' },
      judge: { members, threshold: 1 },
      objection: 5,
    },
    {
      ...{ id: 'deliver', by: 'seller', to: 'buyer', if: 'deal', what: 'deliver the car' },
      due: { days: 3, after: 'pay' },
      judge: 'to',
      objection: 7,
    },
  ];
}

/** Every optional member at once. */
export async function fullDraft(): Promise<TermsDraft> {
  const [seller, buyer] = await certificates();
  return priced({
    rule: { name: 'split' },
    roles: { a: 'owner', b: 'collector' },
    matter: 'the red car',
    arbiter: { card: await arbiterCard(), window: 600 },
    obligations: obligations(),
    mandates: { seller: seller.digest, buyer: buyer.digest },
    publish: publish(),
    ratify: {
      buyer: {
        members: people.board().map(({ publicKey }) => publicKey),
        threshold: 2,
        by: '2030-01-10T00:00:00Z',
      },
    },
  });
}
