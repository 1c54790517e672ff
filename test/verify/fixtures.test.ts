import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { agreementDocument, serializeAgreement } from '../../src/documents/agreement.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { type GeneralJws, openJws, serializeJws } from '../../src/documents/jws.ts';
import {
  cosignMandateCertificate,
  type MandateCertificate,
  mandateCertificateDigest,
  signMandateCertificate,
} from '../../src/documents/mandate-certificate.ts';
import { signMandateRevocations } from '../../src/documents/mandate-revocations.ts';
import { signStatement } from '../../src/documents/obligations/statements.ts';
import type { Obligation } from '../../src/documents/obligations/terms.ts';
import { outcomeDigest } from '../../src/documents/outcome-digest.ts';
import { signRatification } from '../../src/documents/ratification.ts';
import { signReceipt } from '../../src/documents/receipt.ts';
import { parseTerms, type Terms } from '../../src/documents/terms.ts';
import { secondsOf } from '../../src/documents/time.ts';
import { timeEvidenceIn } from '../../src/documents/time-evidence.ts';
import { verifyContradictingVerdicts } from '../../src/verify/obligations/contradiction.ts';
import { statusOf } from '../../src/verify/obligations/status.ts';
import { verifyStatement } from '../../src/verify/obligations/verify-statement.ts';
import { verifyAgreement, verifyDelegation } from '../../src/verify/verify.ts';
import { buyer, identity, seller, session } from '../documents/support.ts';
import { proofOf, signer } from '../documents/tlog/log.ts';

/**
 * Documents of version 1 that stand around a deal. They must verify in every later version, and their bytes follow from the seeds below: a difference means that the format changed. Never regenerate a
 * fixture; add one.
 */
const file = (name: string) => new URL(`../fixtures/v1/${name}`, import.meta.url);
const saved = (name: string) => readFileSync(file(name));

const owners = [61, 62, 63].map(identity);
const board = [64, 65].map(identity);
const judges = [66, 67, 68].map(identity);
const keysOf = (people: readonly ReturnType<typeof identity>[]) => people.map(({ publicKey }) => publicKey);
const log = signer('log.example/parley', 'log', 71);
const witness = signer('witness.example', 'witness', 72);
const publish = { at: 'https://log.example', log: log.text, witnesses: [witness.text], quorum: 1 };

const pay: Obligation = {
  ...{ id: 'pay', by: 'buyer', to: 'seller', if: 'deal', what: 'pay the agreed price to account 4711' },
  due: { days: 14, after: 'expires' },
  judge: { members: keysOf(judges), threshold: 2 },
  objection: 7,
  remedy: 'interest',
  stake: { amount: '500', unit: 'USD' },
};
const deliver: Obligation = {
  ...{ id: 'deliver', by: 'seller', to: 'buyer', if: 'deal', what: 'hand over the car with its papers' },
  ...{ due: '2027-01-20T00:00:00Z', judge: 'to', objection: 3 },
};
const interest: Obligation = {
  ...deliver,
  id: 'interest',
  by: 'buyer',
  to: 'seller',
  due: { days: 5, after: 'broken' },
};
const certificate: MandateCertificate = {
  principal: { members: keysOf(owners), threshold: 2 },
  delegate: seller.publicKey,
  scope: {
    ...{ rules: ['split'], roles: ['seller'], minimumSecurity: 'malicious', seals: 'none' },
    ...{ unit: 'USD', decimals: 2, min: '0', max: '1000000', further: ['obligations', 'publish'] },
  },
  notBefore: '2026-01-01T00:00:00Z',
  expires: '2027-06-01T00:00:00Z',
  serial: 'first',
};

function termsWith(more: object): Terms {
  const given = {
    ...{ parley: 1, subject: 'used car', rule: { name: 'split', sellerShare: '1/2' } },
    range: { min: '0', max: '1000000', step: '1', unit: 'USD', decimals: 2 },
    parties: { seller: seller.publicKey, buyer: buyer.publicKey },
    ...{ security: 'malicious', seals: 'none', attempts: 1 },
    ...{ expires: '2026-12-31T23:59:59Z', nonce: 'AAECAwQFBgcICQoLDA0ODw', ...more },
  };
  return parseTerms(given, rules.find(({ name }) => name === 'split')!);
}
const outcome = { deal: true, price: '455000' };
const deal = (terms: Terms) => ({ terms, outcome, session: encodeBase64url(session) });
const obliged = () => deal(termsWith({ publish, obligations: [pay, deliver, interest] }));
const ratified = () =>
  deal(
    termsWith({
      publish,
      ratify: { buyer: { members: keysOf(board), threshold: 2, by: '2027-01-08T00:00:00Z' } },
    }),
  );

async function agreement(
  terms: Terms,
  mandates?: { seller: { certificate: GeneralJws } },
): Promise<Uint8Array> {
  const document = agreementDocument({ terms, outcome, session, ...(mandates && { mandates }) });
  const signed = [];
  for (const one of [seller, buyer]) signed.push({ key: one.publicKey, signature: await document.sign(one) });
  return serializeAgreement(document.assemble(...signed));
}

async function certify(): Promise<GeneralJws> {
  return cosignMandateCertificate(await signMandateCertificate(certificate, owners[2]!), owners[0]!);
}

const about = (obligation: string, time: string) => ({
  ...{ agreement: outcomeDigest(obliged()), obligation, made: Date.parse(time) },
  evidence: [{ sha256: encodeBase64url(new Uint8Array(32).fill(1)), note: 'Überweisung.pdf' }],
});
const proof = (bytes: Uint8Array, time: string) =>
  Buffer.from(proofOf(log, [Uint8Array.of(1), bytes], 1, [[witness, secondsOf(time)]]));
const jws = (name: string) => openJws(saved(name)).jws;

/** Each file, and how it was made: from seeds, and from files before it. */
const files: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'mandate-certificate.json': async () => serializeJws(await certify()),
  'mandate-revocations.json': async () =>
    serializeJws(
      await signMandateRevocations(
        {
          principal: owners[0]!.publicKey,
          ...{ asOf: '2026-12-01T00:00:00Z', next: '2026-12-02T00:00:00Z' },
          certificates: [mandateCertificateDigest({ ...certificate, principal: owners[0]!.publicKey })],
        },
        owners[0]!,
      ),
    ),
  'mandate-agreement.json': async () =>
    agreement(termsWith({ mandates: { seller: mandateCertificateDigest(certificate) } }), {
      seller: { certificate: await certify() },
    }),
  'ratified-agreement.json': () => agreement(ratified().terms),
  'ratification-yes.json': async () => serializeJws(await signRatification(ratified(), 'yes', board[0]!)),
  'ratification-also-yes.json': async () =>
    serializeJws(await signRatification(ratified(), 'yes', board[1]!)),
  'ratification-no.json': async () => serializeJws(await signRatification(ratified(), 'no', board[1]!)),
  'ratification-yes.tlog-proof': async () => proof(saved('ratification-yes.json'), '2027-01-07T00:00:00Z'),
  'ratification-also-yes.tlog-proof': async () =>
    proof(saved('ratification-also-yes.json'), '2027-01-08T00:00:00Z'),
  'obliged-agreement.json': () => agreement(obliged().terms),
  'claim.json': async () =>
    serializeJws(await signStatement('claim', about('pay', '2027-01-10T00:00:00Z'), buyer)),
  'claim.tlog-proof': async () => proof(saved('claim.json'), '2027-01-14T23:59:59Z'),
  'objection.json': async () =>
    serializeJws(await signStatement('objection', about('pay', '2027-01-20T00:00:00Z'), seller)),
  'receipt.json': async () =>
    serializeJws(await signReceipt(jws('objection.json'), buyer, Date.parse('2027-01-21T23:59:59Z'))),
  'verdict-kept.json': async () =>
    serializeJws(
      await signStatement(
        'verdict',
        { ...about('pay', '2027-02-01T00:00:00Z'), verdict: 'kept' },
        judges[1]!,
      ),
    ),
  'verdict-broken.json': async () =>
    serializeJws(
      await signStatement(
        'verdict',
        { ...about('pay', '2027-02-02T00:00:00Z'), verdict: 'broken' },
        judges[1]!,
      ),
    ),
  'verdict-to.json': async () => {
    const said = { ...about('deliver', '2027-01-18T00:00:00Z'), verdict: 'kept', judge: 'to' } as const;
    return serializeJws(await signStatement('verdict', said, buyer));
  },
};

beforeAll(loadSodium);

describe('documents of version 1 around a deal', () => {
  test.each(Object.entries(files))('%s has the bytes that it had', async (name, make) => {
    const rebuilt = await make();
    if (process.env.PARLEY_NEW_FIXTURE === name) writeFileSync(file(name), rebuilt, { flag: 'wx' });
    expect(Buffer.compare(saved(name), rebuilt)).toBe(0);
  });

  test('a mandate certificate, a list of revocations, and an agreement under it', async () => {
    const documents = { certificate: saved('mandate-certificate.json') };
    const delegation = await verifyDelegation(documents);
    expect(delegation.certificate).toEqual(certificate);
    expect(delegation.signedBy).toHaveLength(2);
    const alone = { ...certificate, principal: owners[0]!.publicKey };
    const listed = await verifyDelegation({
      certificate: await signMandateCertificate(alone, owners[0]!),
      revocations: saved('mandate-revocations.json'),
    });
    expect(listed.revocations?.certificates).toEqual([listed.digest]);
    const pins = { seller: certificate.principal, buyer: buyer.publicKey };
    const { parties, inForce, pinned } = await verifyAgreement(saved('mandate-agreement.json'), {
      parties: pins,
    });
    expect({ inForce, pinned }).toEqual({ inForce: true, pinned: true });
    expect(parties.seller!.delegation).toMatchObject({ certificate: delegation.digest, mandate: 'claimed' });
  });

  test('a ratified agreement', async () => {
    const at = (now: string, ...names: string[]) =>
      verifyAgreement(saved('ratified-agreement.json'), {
        parties: 'unpinned',
        ratified: {
          statements: names.filter((name) => name.endsWith('.json')).map(jws),
          evidence: names
            .filter((name) => !name.endsWith('.json'))
            .map((name) => timeEvidenceIn(saved(name))!),
          now: Date.parse(now),
        },
      });
    const yes = ['yes', 'also-yes'].flatMap((name) =>
      ['json', 'tlog-proof'].map((end) => `ratification-${name}.${end}`),
    );
    expect(await at('2027-01-07T23:59:59Z', ...yes)).toMatchObject({ inForce: false });
    expect(await at('2027-01-08T00:00:00Z', ...yes)).toMatchObject({ inForce: true });
    const refused = await at('2027-01-08T00:00:00Z', 'ratification-yes.json', 'ratification-no.json');
    expect(refused.ratification).toMatchObject({ state: 'refused', ignored: [] });
  });

  test('an agreement with obligations, and what was said about them', async () => {
    const found = await verifyAgreement(saved('obliged-agreement.json'), { parties: 'unpinned' });
    const evidence = ['claim.tlog-proof', 'receipt.json'].map((name) => timeEvidenceIn(saved(name))!);
    const said = (...names: string[]) =>
      names.flatMap((name) => verifyStatement(saved(`${name}.json`), found, evidence).timed);
    const statuses = (now: string, ...names: string[]) =>
      statusOf(found, said(...names), Date.parse(now)).map(({ status, reason }) => `${status}: ${reason}`);
    const all = ['claim', 'objection', 'verdict-kept', 'verdict-to'];
    expect(statuses('2027-02-10T00:00:00Z', ...all)).toEqual([
      'disputed: objection',
      'kept: verdict',
      'void: other obligation not broken',
    ]);
    expect(statuses('2027-02-10T00:00:00Z', 'claim')).toEqual([
      'kept: no objection',
      'broken: no claim',
      'void: other obligation not broken',
    ]);
    expect(statuses('2027-02-10T00:00:00Z')[2]).toBe('broken: no claim');
    const convicted = verifyContradictingVerdicts(saved('verdict-kept.json'), saved('verdict-broken.json'));
    expect(convicted).toMatchObject({ judges: [judges[1]!.publicKey], obligation: 'pay' });
  });
});
