import { allocate } from './allocate.ts';
import {
  type Agreement,
  createSealKey,
  defineDelegate,
  describeTerms,
  generateIdentity,
  leakage,
  type Mandate,
  type MandateSource,
  memoryChannelPair,
  negotiate,
  openAgreement,
  type Policy,
  verifyAgreement,
  verifyOpenings,
} from './entry/index.ts';

/** The terms of the example, without parties. */
export const terms = {
  parley: 1,
  subject: 'the flat in Ghent',
  rule: { name: 'allocate', items: ['car', 'piano', 'bookcase', 'dog'] },
  expires: '2999-01-01T00:00:00Z',
  nonce: 'AAECAwQFBgcICQoLDA0ODw',
} as const;

export const mandates: readonly [Mandate, Mandate] = [
  { scores: { car: 10, piano: 60, bookcase: 20, dog: 10 } },
  { scores: { car: 40, piano: 20, bookcase: 20, dog: 20 } },
];

const rules = [allocate];

/** One negotiation by the rule, sealed, with an agreement that both openings confirm. */
export async function divide(given: readonly [MandateSource, MandateSource] = mandates) {
  const [left, right] = [generateIdentity(), generateIdentity()];
  const [one, two] = memoryChannelPair();
  const parties = { left: left.publicKey, right: right.publicKey };
  const common = { terms: { ...terms, parties }, rules };
  const [leftKey, rightKey] = await Promise.all([
    createSealKey(left.publicKey),
    createSealKey(right.publicKey),
  ]);
  const [mine, theirs] = await Promise.all([
    negotiate({ ...common, channel: one, identity: left, sealKey: leftKey, mandate: given[0] }),
    negotiate({ ...common, channel: two, identity: right, sealKey: rightKey, mandate: given[1] }),
  ]);
  const verified = await verifyAgreement(mine.agreement, { parties, rules });
  const open = (agreement: Agreement, identity: typeof left, sealKey: typeof leftKey) =>
    openAgreement(agreement, { identity: identity.publicKey, sealKey }, rules);
  const openings = [await open(mine.agreement, left, leftKey), await open(theirs.agreement, right, rightKey)];
  const opened = await verifyOpenings(mine.agreement, openings, { parties, rules });
  return {
    deal: mine.deal,
    outcome: verified.outcome,
    seals: verified.terms.seals,
    mandates: opened.mandates,
    confirmed: opened.confirmed,
  };
}

/** What a person is told of the terms. */
export const described = (): Promise<string> => describeTerms(terms, { rules });

/** How much the outcome tells each side at most. */
export const told = async (): Promise<number> => (await leakage(terms, 'uniform', { rules })).left!.bits;

/** A delegate that gives no item more than `most` points. */
export function bounded(mandate: Mandate, most: number | undefined): MandateSource {
  const policy: Policy = {
    peers: 'anyone',
    subject: terms.subject,
    roles: 'any',
    maxDays: Number.POSITIVE_INFINITY,
    rules: ['allocate'],
    maxBits: 5,
    sessionsPerDay: 10,
    ...(most !== undefined && { bounds: { items: { most } } }),
  };
  return defineDelegate({ policy, mandate, rules });
}
