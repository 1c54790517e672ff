import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Arbiter,
  type CaseStore,
  complain,
  conclude,
  type DisputeEnd,
  memoryCases,
  type Proved,
  questionOf,
  type requestOf,
  settle,
} from '../../src/arbiter/index.ts';
import { toHex, utf8 } from '../../src/crypto/encoding.ts';
import { type Complaint, MAX_ARBITRATED_TERMS, MAX_COMPLAINT } from '../../src/documents/complaint.ts';
import { engagementDocument } from '../../src/documents/engagement.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { type GeneralJws, openJws, SignableDocument } from '../../src/documents/jws.ts';
import { maskDocument } from '../../src/documents/mask-opening.ts';
import { readResolution } from '../../src/documents/resolution.ts';
import { documentTypes } from '../../src/documents/types.ts';
import { isVoid, readVoid } from '../../src/documents/void.ts';
import { EscrowKey, shownOf } from '../../src/escrow/index.ts';
import { readProvedOutcome } from '../../src/verify/proved-form.ts';
import { flipped, seeded } from '../escrow/support.ts';
import { cardOf } from '../escrow/terms.ts';
import {
  arbiterAt,
  arbiterIdentity,
  buyer,
  COMPLAIN_BY,
  codeOf,
  complaintOf,
  DEADLINE,
  DEAL,
  disputeOf,
  type Engaged,
  engaged,
  questionFrom,
  seller,
  shown,
} from './support.ts';

let deal: Engaged;
/** Another session of the same two. */
let second: Engaged;
beforeAll(async () => {
  deal = await engaged();
  second = await engaged({ name: 'second session' });
});

/** Sends requests to an arbiter in this process. */
const sendTo = (arbiter: Arbiter) => (request: Awaited<ReturnType<typeof requestOf>>) =>
  request.kind === 'complaint' ? arbiter.answer(request.document) : arbiter.ask(request.document);

describe('a complaint', () => {
  test('gives both sides the outcome, by one resolution', async () => {
    const { arbiter } = arbiterAt(DEADLINE - 5_000);
    const first = await complain({
      dispute: disputeOf(deal, 'buyer'),
      identity: buyer,
      send: sendTo(arbiter),
    });
    const other = await complain({
      dispute: disputeOf(deal, 'seller'),
      identity: seller,
      send: sendTo(arbiter),
    });
    for (const end of [first, other]) {
      expect(end).toMatchObject({ kind: 'proved', agreement: { proof: 'resolved', outcome: DEAL } });
    }
    const resolutionIn = (end: DisputeEnd) => readProvedOutcome((end as Proved).proof).resolution!;
    expect(resolutionIn(first)).toEqual(resolutionIn(other));
    const read = readResolution(resolutionIn(first), arbiterIdentity.publicKey);
    expect(read).toMatchObject({ by: 'buyer', complainBy: COMPLAIN_BY, resolved: '2026-11-27T12:09:55Z' });
    expect(read.case).toEqual(deal.case);
  });

  test('by a side with both engagements serves one that has only its own', async () => {
    const { arbiter } = arbiterAt(DEADLINE - 5_000);
    const alone = disputeOf(deal, 'buyer', { both: false });
    expect(await complain({ dispute: alone, identity: buyer, send: sendTo(arbiter) })).toEqual({
      kind: 'pending',
      until: '2026-11-27T12:10:11Z',
    });
    await complain({ dispute: disputeOf(deal, 'seller'), identity: seller, send: sendTo(arbiter) });
    const end = await complain({ dispute: alone, identity: buyer, send: sendTo(arbiter) });
    expect(end).toMatchObject({ kind: 'proved', agreement: { proof: 'resolved', outcome: DEAL } });
  });

  test('that is on time to the millisecond is answered, and later ones are not', async () => {
    const on = arbiterAt(DEADLINE);
    expect(await codeOf(on.arbiter.answer(await complaintOf(deal)))).toBe('answered');
    const late = arbiterAt(DEADLINE + 1);
    expect(await codeOf(late.arbiter.answer(await complaintOf(deal)))).toBe('ERR_COMPLAINT_LATE');
    expect(await late.store.get(toHex(deal.case))).toBeUndefined();
  });

  test('gets the same answer at any time once there is one', async () => {
    const { arbiter, clock } = arbiterAt(DEADLINE - 1);
    const before = await arbiter.answer(await complaintOf(deal));
    clock.time = DEADLINE + 3_600_000;
    expect(await arbiter.answer(await complaintOf(deal, { by: 'seller' }, seller))).toEqual(before);
    expect(await arbiter.ask(questionFrom(deal))).toEqual(before);
  });
});

describe('without the arbiter', () => {
  const unreachable = () => Promise.reject(new Error('nobody answers'));

  test('a side has a proof once the other one has opened its mask', async () => {
    const opening = deal.escrows.seller.own.open();
    const document = maskDocument({ case: deal.case, party: 'seller', mask: opening.mask });
    const peer = { ...opening, signature: await document.sign(seller) };
    const dispute = { ...disputeOf(deal, 'buyer', { opened: true }), peer };
    const end = await complain({ dispute, identity: buyer, send: unreachable });
    expect(end).toMatchObject({ kind: 'proved', agreement: { proof: 'opened', outcome: DEAL } });
    // Then a void does not matter: the other side has the same proof.
    const { arbiter } = arbiterAt(DEADLINE + 11_000);
    const statement = await arbiter.ask(questionFrom(deal));
    expect(isVoid(statement!)).toBe(true);
    expect(await conclude({ dispute, identity: buyer }, statement)).toMatchObject({ kind: 'proved' });
  });

  test('and otherwise nothing, and the failure is told', async () => {
    const dispute = disputeOf(deal, 'buyer', { opened: true });
    await expect(complain({ dispute, identity: buyer, send: unreachable })).rejects.toThrow('nobody answers');
  });
});

describe('a question', () => {
  test('is answered with a void, and only later than ten seconds after the deadline', async () => {
    const { arbiter, clock } = arbiterAt(DEADLINE);
    for (const time of [DEADLINE - 1, DEADLINE + 1, DEADLINE + 10_000]) {
      clock.time = time;
      expect(await arbiter.ask(questionFrom(deal))).toBeUndefined();
    }
    clock.time += 1;
    const answer = (await arbiter.ask(questionFrom(deal)))!;
    expect(readVoid(answer, arbiterIdentity.publicKey)).toMatchObject({
      case: deal.case,
      asOf: '2026-11-27T12:10:10Z',
    });
    expect(await arbiter.ask(questionFrom(deal, 'seller'))).toEqual(answer);
  });

  test('that was answered with a void decides the case, whatever the clock says then', async () => {
    const { arbiter, clock } = arbiterAt(DEADLINE + 10_001);
    const answer = await arbiter.ask(questionFrom(deal));
    clock.time = DEADLINE - 60_000;
    expect(await arbiter.answer(await complaintOf(deal))).toEqual(answer);
    const end = settle(disputeOf(deal, 'seller', { opened: true }), answer);
    expect(end).toMatchObject({ kind: 'void', mayBeBound: true });
    expect(settle(disputeOf(deal, 'seller'), answer)).toMatchObject({ kind: 'void', mayBeBound: false });
  });

  test('is what a late complaint turns into', async () => {
    const { arbiter, clock } = arbiterAt(DEADLINE + 1);
    const dispute = disputeOf(deal, 'seller');
    expect(await complain({ dispute: dispute, identity: seller, send: sendTo(arbiter) })).toMatchObject({
      kind: 'pending',
    });
    clock.time = DEADLINE + 10_001;
    expect(await complain({ dispute: dispute, identity: seller, send: sendTo(arbiter) })).toMatchObject({
      kind: 'void',
    });
  });

  test('about anything else is refused', async () => {
    const { arbiter } = arbiterAt(DEADLINE + 20_000);
    const [engagement] = [questionFrom(deal)];
    const cut = engagement.subarray(0, -2);
    for (const wrong of [cut, utf8('{}'), await complaintOf(deal), flipped(engagement, 8_000)]) {
      expect(await codeOf(arbiter.ask(wrong))).toBe('ERR_COMPLAINT_FORMAT');
    }
    expect(await codeOf(arbiter.ask(new Uint8Array(MAX_COMPLAINT + 1)))).toBe('ERR_COMPLAINT_FORMAT');
    const other = arbiterAt(DEADLINE + 20_000, { identity: generateIdentity() });
    expect(await codeOf(other.arbiter.ask(engagement))).toBe('ERR_COMPLAINT_NOT_MINE');
  });
});

describe('a complaint is refused', () => {
  const { arbiter } = arbiterAt(DEADLINE);
  const refusal = async (complaint: Uint8Array | Promise<Uint8Array>, by: Arbiter = arbiter) =>
    codeOf(by.answer(await complaint));

  test('if it has another form, or is signed by somebody else', async () => {
    const whole = await complaintOf(deal);
    const stranger = generateIdentity();
    for (const wrong of [
      whole.subarray(0, -1),
      utf8(` ${new TextDecoder().decode(whole)}`),
      utf8('null'),
      questionFrom(deal),
      new Uint8Array((4 << 20) + 1),
      complaintOf(deal, {}, seller),
      complaintOf(deal, {}, stranger),
      complaintOf(deal, { by: 'broker' }),
      complaintOf(deal, { by: '__proto__' }),
    ]) {
      expect(await refusal(wrong)).toBe('ERR_COMPLAINT_FORMAT');
    }
  });

  test('if it is longer than complaints are, which none is under terms that may name an arbiter', async () => {
    // An engagement holds the terms, and a few digests, in base64url.
    const longest: GeneralJws = {
      payload: 'A'.repeat(Math.ceil(((MAX_ARBITRATED_TERMS + 4_096) * 4) / 3)),
      signatures: deal.engagements.buyer.signatures,
    };
    const record = { ...shownOf(deal.escrows.buyer.record) };
    const wide = { ...record, ciphertexts: record.ciphertexts.map(() => new Uint8Array(198)) };
    const complaint = await complaintOf(deal, {
      engagements: { seller: longest, buyer: longest },
      escrows: { seller: wide, buyer: wide },
    });
    expect(complaint.length).toBeGreaterThan(0.75 * MAX_COMPLAINT);
    expect(complaint.length).toBeLessThan(MAX_COMPLAINT);
  });

  test('if its engagements are not two of one case', async () => {
    const { seller: sellers, buyer: buyers } = deal.engagements;
    const deadline = await engaged({ complainBy: '2026-11-27T12:10:01Z' });
    for (const engagements of [
      { seller: buyers, buyer: buyers },
      { seller: buyers, buyer: sellers },
      { seller: sellers, buyer: second.engagements.buyer },
      { seller: sellers, buyer: deadline.engagements.buyer },
    ]) {
      expect(await refusal(complaintOf(deal, { engagements }))).toBe('ERR_COMPLAINT_PARTIES');
    }
    // Right in all that the case covers, and made for the arbiter alone: with the buyer's engagement they prove nothing.
    const fingerprints = (role: string) => ({
      keys: [],
      values: { [role]: encodeBase64url(new Uint8Array(16)) },
    });
    for (const more of [
      { seals: { seller: encodeBase64url(deal.case), buyer: encodeBase64url(deal.case) } },
      { fingerprints: fingerprints('seller') },
      { fingerprints: fingerprints('buyer') },
    ]) {
      const document = new SignableDocument(documentTypes.engagement, {
        ...(openJws(sellers).payload as object),
        ...more,
      });
      const own = document.assemble({ key: seller.publicKey, signature: await document.sign(seller) });
      const engagements = { seller: own, buyer: buyers };
      expect(await refusal(complaintOf(deal, { engagements }))).toBe('ERR_COMPLAINT_PARTIES');
    }
    const forged = engagementDocument({
      ...{ terms: deal.terms, session: deal.session, party: 'seller', fair: deal.fair },
    });
    const signed = forged.assemble({ key: buyer.publicKey, signature: await forged.sign(buyer) });
    const engagements = { seller: signed, buyer: buyers };
    expect(await refusal(complaintOf(deal, { engagements }))).toBe('ERR_COMPLAINT_PARTIES');
  });

  test('by an arbiter that does not have both keys of the terms', async () => {
    const complaint = await complaintOf(deal);
    const other = EscrowKey.generate(seeded(7));
    for (const options of [{ identity: generateIdentity() }, { escrowKey: other }]) {
      const { arbiter: wrong } = arbiterAt(DEADLINE, options);
      expect(await refusal(complaint, wrong)).toBe('ERR_COMPLAINT_NOT_MINE');
    }
  });

  test('if it shows other ciphertexts than those that were signed', async () => {
    const escrows = shown(deal);
    const changed = (change: Partial<Complaint['escrows'][string]>) => ({
      escrows: { ...escrows, seller: { ...escrows.seller!, ...change } },
    });
    const { ciphertexts, challenge, second: rest } = escrows.seller!;
    for (const wrong of [
      { escrows: shown(second) },
      { escrows: { seller: escrows.buyer!, buyer: escrows.seller! } },
      changed({ challenge: flipped(challenge, 3) }),
      changed({ second: flipped(rest, 3) }),
      changed({ ciphertexts: ciphertexts.with(5, flipped(ciphertexts[5]!, 300)) }),
      changed({ ciphertexts: [...ciphertexts.slice(1), ciphertexts[0]!] }),
    ]) {
      expect(await refusal(complaintOf(deal, wrong))).toBe('ERR_COMPLAINT_ESCROW');
    }
  });
});

describe('what is decided', () => {
  /** A store that counts, and does what a test wants when a record is made. */
  function watched(create: (store: CaseStore, name: string, record: Uint8Array) => Promise<boolean>) {
    const store = memoryCases();
    const made: string[] = [];
    const watching: CaseStore = {
      get: store.get,
      async create(name, record) {
        made.push(name);
        return create(store, name, record);
      },
    };
    return { store: watching, made };
  }

  test('is one record for fifty complaints and questions at a time', async () => {
    const { store, made } = watched(async (inner, name, record) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return inner.create(name, record);
    });
    const { arbiter } = arbiterAt(DEADLINE, { store });
    const complaints = [await complaintOf(deal), await complaintOf(deal, { by: 'seller' }, seller)];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => arbiter.answer(complaints[i % 2]!)),
    );
    expect(new Set(answers.map((answer) => toHex(answer))).size).toBe(1);
    expect(made).toEqual([toHex(deal.case)]);
  });

  test('is answered after a crash between the record and the answer', async () => {
    let crashed = false;
    const { store, made } = watched(async (inner, name, record) => {
      const first = await inner.create(name, record);
      if (crashed) return first;
      crashed = true;
      throw new Error('gone');
    });
    const { arbiter, clock } = arbiterAt(DEADLINE - 9_000, { store });
    expect(await codeOf(arbiter.answer(await complaintOf(deal)))).toBe('ERR_ARBITER_STORE');
    clock.time = DEADLINE + 60_000;
    const answer = await arbiter.answer(await complaintOf(deal, { by: 'seller' }, seller));
    const { resolved, by } = readResolution(answer, arbiterIdentity.publicKey);
    expect({ resolved, by }).toEqual({ resolved: '2026-11-27T12:09:51Z', by: 'buyer' });
    expect(made).toHaveLength(1);
  });

  test('is what the first of two processes has recorded', async () => {
    const { arbiter: void_ } = arbiterAt(DEADLINE + 11_000);
    const theirs = (await void_.ask(questionFrom(deal)))!;
    const { store } = watched(async (inner, name) => {
      await inner.create(name, theirs);
      return false;
    });
    const { arbiter } = arbiterAt(DEADLINE, { store });
    const answer = await arbiter.answer(await complaintOf(deal));
    expect(answer).toEqual(theirs);
    expect(isVoid(answer)).toBe(true);
  });

  test('is not answered unless the record could be made', async () => {
    const { store } = watched(async () => {
      throw new Error('no room');
    });
    const { arbiter } = arbiterAt(DEADLINE, { store });
    expect(await codeOf(arbiter.answer(await complaintOf(deal)))).toBe('ERR_ARBITER_STORE');
  });

  test('is never a damaged record, or that of another case', async () => {
    const { arbiter: good } = arbiterAt(DEADLINE);
    const [whole, other] = [await complaintOf(deal), await complaintOf(second)];
    const record = await good.answer(whole);
    for (const wrong of [record.subarray(0, 500), flipped(record, 4_000), await good.answer(other)]) {
      const store = memoryCases();
      await store.create(toHex(deal.case), wrong);
      const { arbiter } = arbiterAt(DEADLINE, { store });
      expect(await codeOf(arbiter.answer(whole))).toBe('ERR_ARBITER_STORE');
      expect(await codeOf(arbiter.ask(questionFrom(deal)))).toBe('ERR_ARBITER_STORE');
    }
  });

  test('is decided for each case by itself, also where sessions have one identifier', async () => {
    const deadline = await engaged({ complainBy: '2026-11-27T12:20:00Z' });
    expect(deadline.session).toEqual(deal.session);
    const { arbiter } = arbiterAt(DEADLINE + 11_000);
    expect(isVoid((await arbiter.ask(questionFrom(deal)))!)).toBe(true);
    expect(isVoid(await arbiter.answer(await complaintOf(deadline)))).toBe(false);
  });
});

test('a card is found in the terms as it was signed', async () => {
  expect(deal.terms.arbiter!.card).toEqual(await cardOf());
  expect(questionOf(disputeOf(deal, 'buyer')).document).toEqual(questionFrom(deal));
});

test('long documents that are refused leave room for everything else in between', async () => {
  const { arbiter } = arbiterAt(DEADLINE);
  const payload = encodeBase64url(utf8(`[${'{"a":1},'.repeat(50_000)}0]`));
  const junk = utf8(`{"payload":"${payload}","signatures":[]}\n`);
  expect(junk.length).toBeLessThan(MAX_COMPLAINT);
  let refused = 0;
  const all = Array.from({ length: 4 }, () =>
    arbiter.answer(junk).catch(() => {
      refused += 1;
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(refused).toBeLessThan(4);
  await Promise.all(all);
  expect(refused).toBe(4);
});
