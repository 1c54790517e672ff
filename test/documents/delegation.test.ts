import { describe, expect, test } from 'vitest';
import { split } from '../../protocols/split/index.ts';
import { agreementDocument, serializeAgreement } from '../../src/documents/agreement.ts';
import { arbiterFingerprint, readArbiterCard } from '../../src/documents/arbiter-card.ts';
import { requireAllCovered } from '../../src/documents/bound-party.ts';
import { ledgerName, principalFingerprint, readDelegation } from '../../src/documents/delegation.ts';
import { engagementDocument, serializeEngagement } from '../../src/documents/engagement.ts';
import { generateIdentity, thumbprint } from '../../src/documents/identity.ts';
import { type GeneralJws, serializeJws } from '../../src/documents/jws.ts';
import {
  cosignMandateCertificate,
  MAX_CERTIFICATE,
  type MandateCertificate,
  mandateCertificateDigest,
  signMandateCertificate,
} from '../../src/documents/mandate-certificate.ts';
import { cosignMandateRevocations, readMandateRevocations } from '../../src/documents/mandate-revocations.ts';
import { formatTime, parseTerms, type Terms } from '../../src/documents/terms.ts';
import { verifyAgreement, verifyEngagement } from '../../src/verify/verify.ts';
import { cardOf } from '../escrow/terms.ts';
import { testRandom } from '../support/channels.ts';
import {
  alice,
  bela,
  certificateOf,
  certify,
  cleo,
  council,
  inHours,
  listFor,
  scope,
} from '../support/delegations.ts';
import { fairTerms } from '../support/fair.ts';
import { buyer, seller, splitTerms } from '../support/sessions.ts';
import { proofOf, signer } from './tlog/log.ts';

const plain = certificateOf();
const document = await certify(plain);
const digest = mandateCertificateDigest(plain);
const session = new Uint8Array(32).fill(9);
const code = (what: string) => ({ code: `ERR_DELEGATION_${what}` });

/** An agreement that both have signed, whatever the certificate beside it is. */
async function agreementOf(
  mandates: Record<string, unknown> | undefined,
  changes: Partial<Terms> = { mandates: { seller: digest } },
): Promise<GeneralJws> {
  const terms = splitTerms(changes);
  const outcome = { deal: true, price: '450' };
  const body = agreementDocument({
    terms,
    outcome,
    session,
    ...(mandates && { mandates: mandates as never }),
  });
  return body.assemble(
    { key: seller.publicKey, signature: await body.sign(seller) },
    { key: buyer.publicKey, signature: await body.sign(buyer) },
  );
}

const unpinned = { parties: 'unpinned' } as const;

describe('a certificate', () => {
  test('of several members needs as many as its threshold, each once, in any order', async () => {
    const many = certificateOf({ principal: council });
    const one = await certify(many, cleo);
    expect(() => readDelegation({ certificate: one })).toThrowError(
      expect.objectContaining(code('SIGNATURE')),
    );
    const two = await cosignMandateCertificate(serializeJws(one), alice);
    expect(readDelegation({ certificate: two }).signedBy).toEqual(
      [alice, cleo].map((who) => thumbprint(who.publicKey)),
    );
    const all = await cosignMandateCertificate(serializeJws(two), bela);
    expect(readDelegation({ certificate: all }).digest).toBe(readDelegation({ certificate: two }).digest);
    await expect(cosignMandateCertificate(serializeJws(one), cleo)).rejects.toMatchObject({
      code: 'ERR_USAGE',
    });
    await expect(cosignMandateCertificate(serializeJws(one), buyer)).rejects.toMatchObject({
      code: 'ERR_USAGE',
    });
    const doubled = { ...one, signatures: [one.signatures[0]!, one.signatures[0]!] };
    const swapped = { ...two, signatures: two.signatures.toReversed() };
    for (const wrong of [doubled, swapped]) {
      expect(() => readDelegation({ certificate: wrong })).toThrowError(
        expect.objectContaining(code('SIGNATURE')),
      );
    }
  });

  test.each<[string, Partial<MandateCertificate>]>([
    ['no time', { expires: '2026-01-01T00:00:00Z' }],
    ['a scope that says too little', { scope: { ...scope, rules: [] } }],
    ['no serial', { serial: '' }],
    ['a serial that cannot be shown', { serial: 'a\u202eb' }],
    ['no revoker, as a list', { revokers: [] }],
    ['one revoker twice', { revokers: [bela.publicKey, bela.publicKey] }],
    ['another member', { limit: '500' } as never],
  ])('is not made with %s', async (_, changes) => {
    const made = signMandateCertificate(certificateOf(changes), alice);
    await expect(made).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });

  test('is not made by somebody else', async () => {
    await expect(signMandateCertificate(plain, bela)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });
});

test('a list of revocations counts by its principal, in full, or by any one revoker', async () => {
  const certificate = certificateOf({ principal: council, revokers: [buyer.publicKey] });
  const one = await listFor(certificate, {}, alice);
  expect(() => readMandateRevocations(one, certificate)).toThrowError(
    expect.objectContaining(code('SIGNATURE')),
  );
  const two = await cosignMandateRevocations(serializeJws(one), bela);
  expect(readMandateRevocations(two, certificate).revocations.certificates).toEqual([]);
  const byRevoker = await listFor(certificate, {}, buyer);
  readMandateRevocations(byRevoker, certificate);
  const other = certificateOf({ principal: council });
  expect(() => readMandateRevocations(byRevoker, other)).toThrowError(
    expect.objectContaining(code('SIGNATURE')),
  );
});

describe('an agreement', () => {
  test('binds the principal: that is whom one pins', async () => {
    const agreement = serializeAgreement(await agreementOf({ seller: { certificate: document } }));
    for (const pin of [alice.publicKey, thumbprint(alice.publicKey), principalFingerprint(alice.publicKey)]) {
      const { parties } = await verifyAgreement(agreement, { parties: { seller: pin } });
      expect(parties.seller).toMatchObject({ pinned: true, delegation: { mandate: 'claimed' } });
      expect(parties.buyer!.delegation).toBeUndefined();
    }
    const pinned = verifyAgreement(agreement, { parties: { seller: seller.publicKey } });
    await expect(pinned).rejects.toMatchObject({ code: 'ERR_AGREEMENT_PARTIES' });
  });

  test.each<[string, () => Promise<GeneralJws>, string]>([
    ['without the certificate that its terms name', () => agreementOf(undefined), 'FORMAT'],
    [
      'with one that they do not name',
      () => agreementOf({ seller: { certificate: document } }, {}),
      'FORMAT',
    ],
    ['with one of the other role', () => agreementOf({ buyer: { certificate: document } }), 'FORMAT'],
    [
      'with another one',
      async () => agreementOf({ seller: { certificate: await certify(certificateOf({ serial: '2' })) } }),
      'FORMAT',
    ],
    [
      'with one that nobody has signed',
      () => agreementOf({ seller: { certificate: { ...document, signatures: [] } } }),
      'SIGNATURE',
    ],
    [
      'whose terms it does not cover',
      () => agreementOf({ seller: { certificate: document } }, { mandates: { seller: digest }, attempts: 2 }),
      'SCOPE',
    ],
  ])('is not valid %s', async (_, made, what) => {
    await expect(verifyAgreement(await made(), unpinned)).rejects.toMatchObject(code(what));
  });

  test('says when a list that the verifier has had revoked the certificate, and stays valid', async () => {
    const agreement = await agreementOf({ seller: { certificate: document } });
    const revocations = await listFor(plain, { certificates: [digest] });
    const delegations = [{ certificate: document, revocations }];
    const { parties } = await verifyAgreement(agreement, { ...unpinned, delegations });
    expect(parties.seller!.delegation).toMatchObject({ mandate: 'claimed', revoked: inHours(-1) });
  });

  test('is not revoked by a stranger who lists it', async () => {
    const agreement = await agreementOf({ seller: { certificate: document } });
    const theirs = certificateOf({ principal: cleo.publicKey });
    const revocations = await listFor(theirs, { certificates: [digest] }, cleo);
    const delegations = [{ certificate: await certify(theirs, cleo), revocations }];
    const { parties } = await verifyAgreement(agreement, { ...unpinned, delegations });
    expect(parties.seller!.delegation!.revoked).toBeUndefined();
  });
});

test.each(['payload', 'signature'])('is refused by its length before its %s is read', async (member) => {
  const long = 'A'.repeat(MAX_CERTIFICATE + 1);
  const { payload, signatures } = await certify(plain);
  const certificate =
    member === 'payload'
      ? { payload: long, signatures }
      : { payload, signatures: [{ ...signatures[0]!, signature: long }] };
  expect(() => readDelegation({ certificate })).toThrow(
    expect.objectContaining({ ...code('FORMAT'), message: expect.stringContaining('longer than') }),
  );
});

test('a delegate is not among its revokers', async () => {
  await expect(certify(certificateOf({ revokers: [seller.publicKey] }))).rejects.toMatchObject({
    code: 'ERR_USAGE',
  });
});

test('a list too long to be read is not signed', async () => {
  const certificates = Array.from({ length: 1_000 }, () => digest);
  const members = Array.from({ length: 32 }, (_, i) => generateIdentity(testRandom(100 + i)).publicKey);
  const principal = { members: [alice.publicKey, ...members.slice(1)], threshold: 32 };
  await expect(listFor(certificateOf({ principal }), { certificates })).rejects.toMatchObject({
    code: 'ERR_USAGE',
  });
});

test('nobody for whom a party acts is the arbiter', async () => {
  const card = readArbiterCard(await cardOf());
  const scoped = { ...scope, arbiters: [arbiterFingerprint(card)] };
  for (const [members, refused] of [
    [[alice.publicKey, card.key], true],
    [[alice.publicKey, cleo.publicKey], false],
  ] as const) {
    const certificate = certificateOf({ principal: { members, threshold: 1 }, scope: scoped });
    const delegation = readDelegation({ certificate: await certify(certificate, alice) });
    const terms = await fairTerms({ mandates: { seller: delegation.digest } });
    const covered = () => requireAllCovered(terms, new Map([['seller', delegation]]));
    if (refused) expect(covered).toThrow(expect.objectContaining(code('SCOPE')));
    else expect(covered).not.toThrow();
  }
});

describe('a witnessed time', () => {
  const expires = formatTime(Date.now() + 3_600_000);
  const asking = certificateOf({ expires, scope: { ...scope, witnessed: true } });
  const terms = { mandates: { seller: mandateCertificateDigest(asking) }, expires };
  const keys = { log: signer('log.example', 'log', 1), witness: signer('witness.example', 'witness', 2) };
  const log = {
    at: 'https://log.example',
    log: keys.log.text,
    witnesses: [keys.witness.text],
    quorum: 1,
  };
  const proved = (agreement: GeneralJws, seconds: number) =>
    proofOf(keys.log, [serializeAgreement(agreement)], 0, [[keys.witness, seconds]]);

  test('shows that a certificate was used in time, which its scope may ask for', async () => {
    const agreement = await agreementOf({ seller: { certificate: await certify(asking) } }, terms);
    await expect(verifyAgreement(agreement, unpinned)).rejects.toMatchObject(code('EXPIRED'));
    const end = Date.parse(expires) / 1_000;
    const by = (seconds: number) => ({
      ...unpinned,
      witnessed: { log, proofs: [proved(agreement, seconds)] },
    });
    const { parties } = await verifyAgreement(agreement, by(end));
    expect(parties.seller!.delegation!.mandate).toBe('witnessed');
    await expect(verifyAgreement(agreement, by(end + 1))).rejects.toMatchObject(code('EXPIRED'));
    const revocations = await listFor(asking, {
      certificates: [terms.mandates.seller],
      asOf: formatTime(1_000 * (end - 60)),
    });
    const known = { delegations: [{ certificate: await certify(asking), revocations }] };
    // A list may say what time it likes, so its principal could undo what it regrets.
    const after = await verifyAgreement(agreement, { ...by(end - 59), ...known });
    const told = { mandate: 'witnessed', revoked: formatTime(1_000 * (end - 60)) };
    expect(after.parties.seller!.delegation).toMatchObject(told);
    const listed = (seconds: number) => ({
      ...{ ...unpinned, ...known },
      witnessed: { log, proofs: [proved(agreement, seconds), proved(revocations, end - 60)] },
    });
    await expect(verifyAgreement(agreement, listed(end - 59))).rejects.toMatchObject(code('EXPIRED'));
    const before = await verifyAgreement(agreement, listed(end - 60));
    expect(before.parties.seller!.delegation).toMatchObject(told);
  });
});

test('an engagement names the certificate, and binds whom a verifier that has it can see', async () => {
  const terms = splitTerms({ mandates: { seller: digest } });
  const body = engagementDocument({ terms, session, party: 'seller' });
  const engagement = serializeEngagement(
    body.assemble({ key: seller.publicKey, signature: await body.sign(seller) }),
  );
  const alone = await verifyEngagement(engagement, unpinned);
  expect(alone.party.delegation).toBeUndefined();
  const parties = { seller: alice.publicKey };
  await expect(verifyEngagement(engagement, { parties })).rejects.toMatchObject({
    code: 'ERR_AGREEMENT_PARTIES',
  });
  const delegations = [{ certificate: document }];
  const { party } = await verifyEngagement(engagement, { parties, delegations });
  expect(party).toMatchObject({ pinned: true, delegation: { principal: alice.publicKey } });
});

test.each([
  ['none', {}],
  ['of somebody who is no party', { owner: digest }],
  ['that is no digest', { seller: 'abc' }],
  ['of three', { seller: digest, buyer: digest, owner: digest }],
])('terms do not name certificates: %s', (_, mandates) => {
  expect(() => parseTerms({ ...splitTerms(), mandates }, split)).toThrowError(/mandates/);
});

test('principals of one key are counted as that key, and others by names that are no keys', () => {
  expect(ledgerName({ members: [alice.publicKey], threshold: 1 })).toEqual(ledgerName(alice.publicKey));
  expect(principalFingerprint({ members: [alice.publicKey], threshold: 1 })).toBe(
    thumbprint(alice.publicKey),
  );
  const other = { ...council, threshold: 3 };
  expect(principalFingerprint(other)).not.toBe(principalFingerprint(council));
  for (const members of [council, other]) expect(ledgerName(members)).toHaveLength(32);
});
