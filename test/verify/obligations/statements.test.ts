import { beforeAll, describe, expect, test } from 'vitest';
import { loadSodium } from '../../../src/crypto/sodium.ts';
import type { VerifiedDelegation } from '../../../src/documents/bound-party.ts';
import type { Identity } from '../../../src/documents/identity.ts';
import { encodeBase64url } from '../../../src/documents/json.ts';
import { type GeneralJws, SignableDocument, serializeJws } from '../../../src/documents/jws.ts';
import {
  MAX_EVIDENCE,
  type StatementContent,
  type StatementKind,
  signStatement,
} from '../../../src/documents/obligations/statements.ts';
import type { Obligation } from '../../../src/documents/obligations/terms.ts';
import { outcomeDigest } from '../../../src/documents/outcome-digest.ts';
import type { Principal } from '../../../src/documents/principal.ts';
import { cosignReceipt, signReceipt } from '../../../src/documents/receipt.ts';
import { completeTerms } from '../../../src/documents/terms.ts';
import type { TimeEvidence } from '../../../src/documents/time-evidence.ts';
import { documentTypes } from '../../../src/documents/types.ts';
import {
  contradictingVerdicts,
  verifyContradictingVerdicts,
} from '../../../src/verify/obligations/contradiction.ts';
import { statusOf } from '../../../src/verify/obligations/status.ts';
import {
  cosignStatement,
  type StatedAgreement,
  signaturesMissing,
  verifyStatement,
} from '../../../src/verify/obligations/verify-statement.ts';
import { judges, log, pay, publish, witnesses } from '../../documents/obligations/support.ts';
import { anyPrice, buyer, completion, draft, identity, seller } from '../../documents/support.ts';
import { proofOf } from '../../documents/tlog/log.ts';

beforeAll(loadSodium);

const own: Obligation = { ...pay, id: 'own', judge: 'to' };
const stranger = identity(77);
const agreement = (change: Partial<StatedAgreement> = {}): StatedAgreement => ({
  terms: completeTerms({ ...draft, obligations: [pay, own], publish }, completion, anyPrice),
  session: encodeBase64url(new Uint8Array(32).fill(7)),
  outcome: { deal: true, price: '500' },
  parties: { seller: { key: seller.publicKey }, buyer: { key: buyer.publicKey } },
  ...change,
});
const about = agreement();
/** Seconds: two weeks after the deadline of the terms. */
const DUE = Date.UTC(2027, 0, 15) / 1000;

const say = (kind: StatementKind, by: Identity, content: Partial<StatementContent> = {}) =>
  signStatement(
    kind,
    { agreement: outcomeDigest(about), obligation: 'pay', made: DUE * 1000, ...content },
    by,
  );
const codeOf = (run: () => unknown) => {
  try {
    run();
    return 'verified';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const verified = (statement: GeneralJws | Uint8Array, evidence: TimeEvidence[] = [], of = about) =>
  verifyStatement(statement, of, evidence);

describe('who can say what', () => {
  test.each<[string, StatementKind, Identity, Partial<StatementContent>, string]>([
    ['a claim by whoever is obliged', 'claim', buyer, {}, 'verified'],
    ['a claim by the other side', 'claim', seller, {}, 'ERR_STATEMENT_SIGNERS'],
    ['a claim by a stranger', 'claim', stranger, {}, 'ERR_STATEMENT_SIGNERS'],
    ['an objection by whom it is owed to', 'objection', seller, {}, 'verified'],
    ['an objection by whoever is obliged', 'objection', buyer, {}, 'ERR_STATEMENT_SIGNERS'],
    ['a verdict by a judge', 'verdict', judges[2]!, { verdict: 'kept' }, 'verified'],
    ['a verdict by a side', 'verdict', seller, { verdict: 'kept' }, 'ERR_STATEMENT_SIGNERS'],
    [
      'a verdict by `to`, who judges',
      'verdict',
      seller,
      { verdict: 'kept', judge: 'to', obligation: 'own' },
      'verified',
    ],
    [
      'a verdict by who does not judge that one',
      'verdict',
      judges[0]!,
      { verdict: 'kept', judge: 'to', obligation: 'own' },
      'ERR_STATEMENT_SIGNERS',
    ],
    [
      'a verdict by `to`, who judges, that does not say so',
      'verdict',
      seller,
      { verdict: 'kept', obligation: 'own' },
      'ERR_STATEMENT_SCOPE',
    ],
    [
      'a verdict by a judge that says it is by `to`',
      'verdict',
      judges[2]!,
      { verdict: 'kept', judge: 'to' },
      'ERR_STATEMENT_SCOPE',
    ],
    ['a claim of what is not owed', 'claim', buyer, { obligation: 'gift' }, 'ERR_STATEMENT_SCOPE'],
    [
      'a claim under another agreement',
      'claim',
      buyer,
      { agreement: new Uint8Array(32) },
      'ERR_STATEMENT_SCOPE',
    ],
  ])('%s', async (_, kind, by, content, code) => {
    const statement = await say(kind, by, content);
    expect(codeOf(() => verified(statement))).toBe(code);
    expect(codeOf(() => verified(serializeJws(statement)))).toBe(code);
  });

  test.each<[string, Partial<StatedAgreement>]>([
    ['another outcome', { outcome: { deal: true, price: '505' } }],
    ['another session', { session: encodeBase64url(new Uint8Array(32).fill(8)) }],
    ['other terms', { terms: { ...about.terms, subject: 'another car' } }],
  ])('a statement counts for its own agreement only: %s', async (_, change) => {
    const claim = await say('claim', buyer);
    expect(codeOf(() => verified(claim, [], agreement(change)))).toBe('ERR_STATEMENT_SCOPE');
  });

  test('several judges may sign one verdict, in their order, and each counts', async () => {
    const [first, second] = [
      await say('verdict', judges[0]!, { verdict: 'kept' }),
      await say('verdict', judges[1]!, { verdict: 'kept' }),
    ];
    const both = { ...first, signatures: [...first.signatures, ...second.signatures] };
    const { timed, signers } = verified(both);
    expect(signers).toHaveLength(2);
    expect(statusOf(about, timed, 0)[0]).toMatchObject({ status: 'kept', reason: 'verdict' });
    const turned = { ...both, signatures: both.signatures.toReversed() };
    expect(codeOf(() => verified(turned))).toBe('ERR_STATEMENT_SIGNERS');
    const twice = { ...first, signatures: [first.signatures[0]!, first.signatures[0]!] };
    expect(codeOf(() => verified(twice))).toBe('ERR_STATEMENT_SIGNERS');
    expect(codeOf(() => verified({ ...first, signatures: [] }))).toBe('ERR_STATEMENT_FORMAT');
  });

  test('a signature on one kind of statement is none on another', async () => {
    const objection = await say('objection', seller, { obligation: 'own' });
    const payload = JSON.parse(Buffer.from(objection.payload, 'base64url').toString());
    const moved = new SignableDocument(documentTypes.verdict, { ...payload, verdict: 'kept', judge: 'to' });
    const signature = Buffer.from(objection.signatures[0]!.signature, 'base64url');
    const posed = moved.assemble({ key: seller.publicKey, signature });
    expect(codeOf(() => verified(posed))).toBe('ERR_STATEMENT_SIGNATURE');
  });
});

describe('a side for which a delegate has signed the agreement', () => {
  const council = [21, 22, 23].map(identity);
  const principal = { members: council.map(({ publicKey }) => publicKey), threshold: 2 };
  const delegation = (of: Principal) => ({ delegation: { principal: of } as VerifiedDelegation });
  const by = (of: Principal) =>
    agreement({
      terms: {
        ...about.terms,
        mandates: { buyer: encodeBase64url(new Uint8Array(32)) },
      },
      parties: {
        seller: { key: seller.publicKey },
        buyer: { key: buyer.publicKey, ...delegation(of) },
      },
    });

  test('speaks by its principal, and never by the delegate', async () => {
    const alone = by(council[0]!.publicKey);
    const own = await say('claim', council[0]!, { agreement: outcomeDigest(alone) });
    const delegate = await say('claim', buyer, { agreement: outcomeDigest(alone) });
    const nobody = { ...alone, parties: about.parties };
    expect(codeOf(() => verified(own, [], nobody))).toBe('ERR_STATEMENT_SIGNERS');
    expect(codeOf(() => verified(delegate, [], nobody))).toBe('ERR_STATEMENT_SIGNERS');
    expect(codeOf(() => verified(own, [], alone))).toBe('verified');
    expect(codeOf(() => verified(delegate, [], alone))).toBe('ERR_STATEMENT_SIGNERS');
  });

  test('by as many members as it needs, each of whom adds a signature', async () => {
    const of = by(principal);
    const first = await say('claim', council[2]!, { agreement: outcomeDigest(of) });
    expect(signaturesMissing(first, of)).toBe(1);
    expect(codeOf(() => verified(first, [], of))).toBe('ERR_STATEMENT_SIGNERS');
    const both = await cosignStatement(serializeJws(first), of, council[0]!);
    expect(signaturesMissing(both, of)).toBe(0);
    expect(verified(both, [], of).signers).toEqual([council[0]!.publicKey, council[2]!.publicKey]);
    await expect(cosignStatement(both, of, council[0]!)).rejects.toMatchObject({ code: 'ERR_USAGE' });
    await expect(cosignStatement(first, of, buyer)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });

  test('receipts by the delegate prove nothing against its principal', async () => {
    const of = by(council[0]!.publicKey);
    const objection = await say('objection', seller, { agreement: outcomeDigest(of) });
    const receipt = async (who: Identity): Promise<TimeEvidence> => ({
      kind: 'receipt',
      receipt: await signReceipt(objection, who, 0),
    });
    const seen = async (who: Identity) =>
      verified(objection, [await receipt(who)], of).timed[0]!.seen[0]!.how;
    expect(await seen(buyer)).toBe('claimed');
    expect(await seen(council[0]!)).toBe('receipt');
  });

  test('receipts by as many members as it needs, each of whom adds a signature', async () => {
    const of = by(principal);
    const objection = await say('objection', seller, { agreement: outcomeDigest(of) });
    const seen = (receipt: GeneralJws) =>
      verified(objection, [{ kind: 'receipt', receipt }], of).timed[0]!.seen[0];
    const first = await signReceipt(objection, council[2]!, 1000 * DUE);
    const add = (receipt: GeneralJws, who: Identity, statement = objection) =>
      cosignReceipt(serializeJws(receipt), statement, principal, who);
    expect(seen(first)).toMatchObject({ how: 'claimed' });
    const both = await add(first, council[0]!);
    expect(seen(both)).toEqual({ how: 'receipt', by: 'buyer', at: DUE });
    expect(seen(await add(both, council[1]!))).toEqual({ how: 'receipt', by: 'buyer', at: DUE });
    expect(seen({ ...both, signatures: both.signatures.toReversed() })).toMatchObject({ how: 'claimed' });
    const other = await say('objection', seller, { agreement: outcomeDigest(of), made: 0 });
    for (const wrong of [
      () => add(first, council[2]!),
      () => add(first, buyer),
      () => add(first, council[0]!, other),
    ]) {
      await expect(wrong()).rejects.toMatchObject({ code: 'ERR_USAGE' });
    }
    const elsewhere = await signReceipt(objection, council[2]!, 0);
    const forged = { ...first, signatures: elsewhere.signatures };
    await expect(add(forged, council[0]!)).rejects.toMatchObject({ code: 'ERR_RECEIPT_SIGNATURE' });
  });
});

describe('the form of a statement', () => {
  const file = { sha256: encodeBase64url(new Uint8Array(32)), note: 'receipt of the bank' };

  test('evidence is a digest and a note', async () => {
    const claim = await say('claim', buyer, { evidence: Array(MAX_EVIDENCE).fill(file) });
    expect(verified(claim).payload.evidence).toHaveLength(MAX_EVIDENCE);
  });

  test.each<[string, StatementKind, Partial<StatementContent>]>([
    ['too many files', 'claim', { evidence: Array(MAX_EVIDENCE + 1).fill(file) }],
    ['a digest that is too short', 'claim', { evidence: [{ ...file, sha256: 'AAAA' }] }],
    ['a note that moves the cursor', 'claim', { evidence: [{ ...file, note: 'a\u202eb' }] }],
    ['a claim with a verdict', 'claim', { verdict: 'kept' }],
    ['an objection with a verdict', 'objection', { verdict: 'broken' }],
    ['a claim with a judge', 'claim', { judge: 'to' }],
    ['an objection with a judge', 'objection', { judge: 'to' }],
    ['a verdict by another judge than `to`', 'verdict', { verdict: 'kept', judge: 'by' as 'to' }],
    ['a verdict without one', 'verdict', {}],
    ['an obligation without a name', 'claim', { obligation: '' }],
    ['a time after the year 8999', 'claim', { made: Date.UTC(9000, 0) }],
  ])('nobody signs %s', async (_, kind, content) => {
    await expect(say(kind, buyer, content)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });

  test.each<[string, object]>([
    ['a member more', { fee: 1 }],
    ['another version', { parley: 2 }],
    ['a time with fractions', { made: '2027-01-15T00:00:00.0Z' }],
    ['an agreement of 31 bytes', { agreement: encodeBase64url(new Uint8Array(31)) }],
    ['text as evidence', { evidence: 'x' }],
  ])('nobody reads %s', async (_, change) => {
    const payload = JSON.parse(Buffer.from((await say('claim', buyer)).payload, 'base64url').toString());
    const document = new SignableDocument(documentTypes.claim, { ...payload, ...change });
    const signed = document.assemble({ key: buyer.publicKey, signature: await document.sign(buyer) });
    expect(codeOf(() => verified(signed))).toBe('ERR_STATEMENT_FORMAT');
  });

  test('a changed byte, a changed signature, another document', async () => {
    const claim = await say('claim', buyer);
    const bytes = serializeJws(claim);
    expect(codeOf(() => verified(Uint8Array.from([...bytes, 32])))).toMatch(/_FORMAT$/);
    const other = await say('claim', buyer, { made: 0 });
    const mixed = { ...claim, signatures: other.signatures };
    expect(codeOf(() => verified(mixed))).toBe('ERR_STATEMENT_SIGNATURE');
    expect(codeOf(() => verified(serializeJws(mixed)))).toBe('ERR_STATEMENT_SIGNATURE');
    const receipt = await signReceipt(claim, seller);
    expect(codeOf(() => verified(receipt))).toBe('ERR_STATEMENT_FORMAT');
  });
});

describe('since when it is there', () => {
  const published = (statement: GeneralJws, ...times: number[]): TimeEvidence => ({
    kind: 'publication',
    proof: proofOf(
      log,
      [new Uint8Array(3), serializeJws(statement)],
      1,
      times.map((time, i) => [witnesses[i]!, time]),
    ),
  });
  const received = async (statement: GeneralJws, by: Identity, time: number): Promise<TimeEvidence> => ({
    kind: 'receipt',
    receipt: await signReceipt(statement, by, time * 1000),
  });
  const END = DUE + 7 * 86_400;
  const at = (statement: GeneralJws, evidence: TimeEvidence[], trust = false) =>
    statusOf(about, verified(statement, evidence).timed, (END + 1) * 1000, { claimedTimes: trust })[0]!;

  test('a claim counts from its publication, or from the receipt of the other side', async () => {
    const claim = await say('claim', buyer);
    expect(at(claim, [])).toMatchObject({ status: 'broken' });
    expect(at(claim, [], true)).toMatchObject({ status: 'kept', times: [{ how: 'claimed' }] });
    expect(at(claim, [published(claim, DUE - 9, DUE)])).toMatchObject({
      status: 'kept',
      times: [{ of: 'claim', how: 'publication', at: '2027-01-15T00:00:00Z' }],
    });
    expect(at(claim, [published(claim, DUE, DUE + 1)])).toMatchObject({ status: 'broken' });
    expect(at(claim, [await received(claim, seller, DUE)])).toMatchObject({
      status: 'kept',
      times: [{ how: 'receipt' }],
    });
    expect(at(claim, [await received(claim, buyer, DUE)])).toMatchObject({ status: 'broken' });
    expect(at(claim, [await received(claim, stranger, DUE)])).toMatchObject({ status: 'broken' });
  });

  test('evidence of another statement, or of another log, proves nothing', async () => {
    const [claim, other] = [await say('claim', buyer), await say('claim', buyer, { made: 0 })];
    expect(at(claim, [published(other, 1, 1), await received(other, seller, 1)])).toMatchObject({
      status: 'broken',
    });
    const elsewhere = agreement({
      terms: completeTerms({ ...draft, obligations: [pay] }, completion, anyPrice),
    });
    const there = await say('claim', buyer, { agreement: outcomeDigest(elsewhere) });
    const { timed } = verified(there, [published(there, 1, 1)], elsewhere);
    expect(timed[0]!.seen.map(({ how }) => how)).toEqual(['claimed']);
  });

  test('an objection counts from the receipt of whoever is obliged', async () => {
    const claim = await say('claim', buyer);
    const held = verified(claim, [published(claim, DUE, DUE)]).timed;
    const objection = await say('objection', seller, { made: END * 1000 });
    const with_ = async (by: Identity) =>
      statusOf(
        about,
        [...held, ...verified(objection, [await received(objection, by, END)]).timed],
        (END + 1) * 1000,
      )[0];
    expect(await with_(buyer)).toMatchObject({ status: 'disputed', reason: 'objection' });
    expect(await with_(seller)).toMatchObject({ status: 'kept', reason: 'no objection' });
  });
});

describe('a judge who says both', () => {
  const both = async (by: Identity, more: Partial<StatementContent> = {}) =>
    [
      await say('verdict', by, { verdict: 'kept' }),
      await say('verdict', by, { verdict: 'broken', ...more }),
    ] as const;

  test('is convicted by the two documents alone', async () => {
    const [kept, broken] = await both(judges[1]!);
    for (const [one, other] of [
      [kept, broken],
      [broken, kept],
    ] as const) {
      expect(verifyContradictingVerdicts(serializeJws(one), serializeJws(other))).toEqual({
        judges: [judges[1]!.publicKey],
        agreement: encodeBase64url(outcomeDigest(about)),
        obligation: 'pay',
      });
    }
    const found = contradictingVerdicts([kept, broken].map((one) => verified(one)));
    expect(
      found.map(({ judges: who, documents }) => [who, documents.map(({ document }) => document)]),
    ).toEqual([[[judges[1]!.publicKey], [kept, broken]]]);
  });

  test('also where others have signed one of the two with it', async () => {
    const [kept, broken] = await both(judges[1]!);
    const joint = await say('verdict', judges[0]!, { verdict: 'kept' });
    const together = { ...kept, signatures: [...joint.signatures, ...kept.signatures] };
    expect(verifyContradictingVerdicts(together, broken).judges).toEqual([judges[1]!.publicKey]);
  });

  test.each<
    [string, (kept: GeneralJws, broken: GeneralJws) => Promise<readonly [GeneralJws, GeneralJws]>, string]
  >([
    ['one document twice', async (kept) => [kept, kept], 'ERR_STATEMENT_CONTRADICTION'],
    [
      'two judges',
      async (kept) => [kept, await say('verdict', judges[0]!, { verdict: 'broken' })],
      'ERR_STATEMENT_CONTRADICTION',
    ],
    [
      'two obligations',
      async (kept) => [kept, await say('verdict', judges[1]!, { verdict: 'broken', obligation: 'own' })],
      'ERR_STATEMENT_CONTRADICTION',
    ],
    [
      'two agreements',
      async (kept) => [
        kept,
        await say('verdict', judges[1]!, { verdict: 'broken', agreement: new Uint8Array(32) }),
      ],
      'ERR_STATEMENT_CONTRADICTION',
    ],
    [
      'a claim and an objection by one key',
      async () => [await say('claim', judges[1]!), await say('objection', judges[1]!)],
      'ERR_STATEMENT_CONTRADICTION',
    ],
    [
      'a signature taken from elsewhere',
      async (kept, broken) => [kept, { ...broken, signatures: kept.signatures }],
      'ERR_STATEMENT_SIGNATURE',
    ],
    ['no signature', async (kept, broken) => [kept, { ...broken, signatures: [] }], 'ERR_STATEMENT_FORMAT'],
  ])('nobody is convicted by %s', async (_, make, code) => {
    const [one, other] = await make(...(await both(judges[1]!)));
    expect(codeOf(() => verifyContradictingVerdicts(one, other))).toBe(code);
    expect(codeOf(() => verifyContradictingVerdicts(other, one))).toBe(code);
  });

  test('is not `to`, where it judges itself: its broken is an objection, and its kept ends the dispute', async () => {
    const content = { obligation: 'own', judge: 'to' } as const;
    const claim = await say('claim', buyer, { obligation: 'own' });
    const [broken, kept] = [
      await say('verdict', seller, { ...content, verdict: 'broken' }),
      await say('verdict', seller, { ...content, verdict: 'kept' }),
    ];
    const status = (...said: GeneralJws[]) =>
      statusOf(
        about,
        said.flatMap((one) => verified(one).timed),
        (DUE + 8 * 86_400) * 1000,
        {
          claimedTimes: true,
        },
      )[1];
    expect(status(claim, broken)).toMatchObject({ status: 'disputed', reason: 'objection' });
    expect(status(claim, broken, kept)).toMatchObject({ status: 'kept', reason: 'verdict' });
    expect(contradictingVerdicts([claim, broken, kept].map((one) => verified(one)))).toEqual([]);
    const asJudge = await say('verdict', seller, { obligation: 'own', verdict: 'kept' });
    for (const [one, other] of [
      [broken, kept],
      [kept, broken],
      [broken, asJudge],
      [asJudge, broken],
    ] as const) {
      const convicted = () => verifyContradictingVerdicts(serializeJws(one), serializeJws(other));
      expect(codeOf(convicted)).toBe('ERR_STATEMENT_CONTRADICTION');
    }
  });

  test('changes nothing in what enough judges have said', async () => {
    const others = [await say('verdict', judges[0]!, { verdict: 'kept' }), ...(await both(judges[1]!))];
    const said = others.flatMap((one) => verified(one).timed);
    expect(statusOf(about, said, (DUE + 1) * 1000)[0]).toMatchObject({ status: 'kept', reason: 'verdict' });
  });
});
