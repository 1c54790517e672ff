import { beforeAll, describe, expect, test } from 'vitest';
import {
  conclude,
  defineArbiter,
  memoryCases,
  type ReadDispute,
  readDispute,
  requestOf,
  type SignedOpening,
  serializeDispute,
  settle,
  verifyContradiction,
} from '../../src/arbiter/index.ts';
import { utf8 } from '../../src/crypto/encoding.ts';
import { isAddress } from '../../src/documents/address.ts';
import { readArbiterCard } from '../../src/documents/arbiter-card.ts';
import { generateIdentity, type Identity } from '../../src/documents/identity.ts';
import { canonicalText, decodeBase64url, encodeBase64url } from '../../src/documents/json.ts';
import { type GeneralJws, openJws, SignableDocument, serializeJws } from '../../src/documents/jws.ts';
import { maskDocument } from '../../src/documents/mask-opening.ts';
import { documentTypes } from '../../src/documents/types.ts';
import { isParleyError } from '../../src/errors.ts';
import { cardOf } from '../escrow/terms.ts';
import {
  arbiterIdentity,
  buyer,
  DEADLINE,
  disputeOf,
  type Engaged,
  engaged,
  arbiter as escrowKey,
  seller,
} from './support.ts';

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
type Path = readonly (string | number)[];

let deal: Engaged;
let resolution: Uint8Array;
let statement: Uint8Array;
beforeAll(async () => {
  deal = await engaged();
  const answering = (time: number) =>
    defineArbiter({ identity: arbiterIdentity, escrowKey, store: memoryCases(), now: () => time });
  const { document } = await requestOf(disputeOf(deal, 'buyer'), buyer);
  resolution = await answering(DEADLINE).answer(document);
  statement = (await answering(DEADLINE + 15_000).ask(serializeJws(deal.engagements.buyer)))!;
});

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'accepted';
  } catch (error) {
    return isParleyError(error) ? error.code : String(error);
  }
};

/** The paths of everything in a value that is no object. */
function leaves(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) =>
    leaves(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** The value with something else at a path. */
function changed(value: Json, [key, ...rest]: Path, change: (leaf: Json) => Json): Json {
  if (key === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.map((member, i) => (i === key ? changed(member, rest, change) : member));
  }
  const object = value as { [member: string]: Json };
  return { ...object, [key]: changed(object[key]!, rest, change) };
}

/** Another value of the same kind: bytes with one bit turned, another text or number. */
function other(leaf: Json): Json {
  if (typeof leaf === 'number') return leaf + 1;
  if (typeof leaf === 'boolean') return !leaf;
  if (typeof leaf !== 'string') return 'none';
  const bytes = decodeBase64url(leaf);
  if (bytes === undefined || bytes.length === 0) return `${leaf}x`;
  return encodeBase64url(bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)));
}

/** Signs a payload anew: what an arbiter says that lies, or makes mistakes. */
async function signedAs(type: string, payload: Json, identity: Identity): Promise<Uint8Array> {
  const document = new SignableDocument(type, payload);
  const signature = await document.sign(identity);
  return serializeJws(document.assemble({ key: identity.publicKey, signature }));
}

const payloadOf = (document: Uint8Array | object) => openJws(document).payload as Json;
const asJson = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as Json;

describe('a resolution that the arbiter has signed', () => {
  const sign = (payload: Json) => signedAs('parley-resolution+jws', payload, arbiterIdentity);
  let dispute: ReadDispute;
  beforeAll(() => {
    dispute = disputeOf(deal, 'buyer');
  });

  test('counts only for its case, session, terms and deadline, with its two engagements', async () => {
    const payload = payloadOf(resolution);
    // The arbiter may say any time before the deadline and either party; what it opens is below.
    const told = leaves(payload).filter(([member]) => !['opened', 'by', 'resolved'].includes(String(member)));
    expect(told.length).toBeGreaterThan(8);
    for (const path of told) {
      const wrong = await sign(changed(payload, path, other));
      expect(
        codeOf(() => settle(dispute, wrong)),
        path.join('.'),
      ).toBe('ERR_RESOLUTION_INVALID');
    }
    for (const [member, value] of [
      ['resolved', '2026-11-27T12:10:01Z'],
      ['by', 'broker'],
      ['by', '__proto__'],
      ['more', 1],
    ] as const) {
      const wrong = await sign({ ...(payload as object), [member]: value } as Json);
      expect(
        codeOf(() => settle(dispute, wrong)),
        member,
      ).toBe('ERR_RESOLUTION_INVALID');
    }
  });

  test('is refused if an engagement in it, rightly signed, says other things than the own one', async () => {
    const engagement = payloadOf(deal.engagements.seller) as { [member: string]: Json };
    const seals = { seller: encodeBase64url(deal.case), buyer: encodeBase64url(deal.case) };
    const crooked = await signedAs(documentTypes.engagement, { ...engagement, seals }, seller);
    const wrong = await sign(
      changed(payloadOf(resolution), ['engagements', 'seller'], () => asJson(crooked)),
    );
    expect(codeOf(() => settle(dispute, wrong))).toBe('ERR_RESOLUTION_INVALID');
  });

  test('gives a mask by ciphertexts that hold what it says, and by no others', async () => {
    const payload = payloadOf(resolution);
    const whole = settle(dispute, resolution);
    const lie = (members: readonly string[], from: number) => {
      const change = (value: Json, index: number) =>
        members.reduce((sum, member) => changed(sum, ['opened', 'seller', index, member], other), value);
      return Array.from({ length: 40 - from }, (_, i) => i + from).reduce(change, payload);
    };
    for (const member of ['p', 'seed']) {
      const wrong = await sign(lie([member], 0));
      expect(
        codeOf(() => settle(dispute, wrong)),
        member,
      ).toBe('ERR_RESOLUTION_INVALID');
      const most = settle(dispute, await sign(lie([member], 1)));
      expect(most).toMatchObject({ kind: 'resolved', outcome: (whole as { outcome: Uint8Array }).outcome });
    }
    const nothing = changed(payload, ['opened', 'seller'], () => new Array<Json>(40).fill(null));
    const denied = await sign(nothing);
    expect(codeOf(() => settle(dispute, denied))).toBe('ERR_RESOLUTION_INVALID');
    const short = await sign(changed(payload, ['opened', 'seller'], (all) => (all as Json[]).slice(1)));
    expect(codeOf(() => settle(dispute, short))).toBe('ERR_RESOLUTION_INVALID');
    // A lie about this side's own escrow takes nothing away from it: it has its own mask.
    const own = await sign(changed(payload, ['opened', 'buyer'], () => new Array<Json>(40).fill(null)));
    expect(settle(dispute, own)).toMatchObject({ kind: 'resolved' });
    expect(await conclude({ dispute, identity: buyer }, own)).toMatchObject({ kind: 'proved' });
  });

  test('is nothing with another signature, key or type', async () => {
    const payload = payloadOf(resolution);
    for (const wrong of [
      await signedAs('parley-resolution+jws', payload, generateIdentity()),
      await signedAs('parley-complaint+jws', payload, arbiterIdentity),
      serializeJws(withSignature(resolution, 5)),
      resolution.subarray(1),
      utf8('{}'),
    ]) {
      expect(codeOf(() => settle(dispute, wrong))).toBe('ERR_RESOLUTION_INVALID');
    }
  });
});

describe('a void that the arbiter has signed', () => {
  const sign = (payload: Json) => signedAs('parley-void+jws', payload, arbiterIdentity);

  test('counts only for its case and session, and once the case is over', async () => {
    const dispute = disputeOf(deal, 'buyer');
    const payload = payloadOf(statement);
    expect(settle(dispute, statement)).toMatchObject({ kind: 'void' });
    for (const path of leaves(payload)) {
      const wrong = await sign(changed(payload, path, other));
      expect(
        codeOf(() => settle(dispute, wrong)),
        path.join('.'),
      ).toBe('ERR_RESOLUTION_INVALID');
    }
    const early = await sign({ ...(payload as object), asOf: '2026-11-27T12:10:09Z' });
    expect(codeOf(() => settle(dispute, early))).toBe('ERR_RESOLUTION_INVALID');
    const theirs = await signedAs('parley-void+jws', payload, seller);
    expect(codeOf(() => settle(dispute, theirs))).toBe('ERR_RESOLUTION_INVALID');
  });

  test('convicts the arbiter, together with a resolution of the same case', async () => {
    const { publicKey } = arbiterIdentity;
    const found = verifyContradiction({ resolution, void: statement }, publicKey);
    expect(found.case).toEqual(deal.case);
    const payload = payloadOf(statement);
    const elsewhere = await sign(changed(payload, ['case'], other));
    expect(codeOf(() => verifyContradiction({ resolution, void: elsewhere }, publicKey))).toBe(
      'ERR_RESOLUTION_INVALID',
    );
    expect(codeOf(() => verifyContradiction({ resolution, void: statement }, seller.publicKey))).toBe(
      'ERR_AGREEMENT_PARTIES',
    );
    const forged = serializeJws(withSignature(statement, 9));
    expect(codeOf(() => verifyContradiction({ resolution, void: forged }, publicKey))).toBe(
      'ERR_AGREEMENT_SIGNATURE',
    );
    expect(codeOf(() => verifyContradiction({ resolution: statement, void: resolution }, publicKey))).toBe(
      'ERR_AGREEMENT_FORMAT',
    );
  });
});

test('a complaint with any member changed is refused, although its party signs it', async () => {
  const { document } = await requestOf(disputeOf(deal, 'buyer'), buyer);
  const payload = payloadOf(document);
  const all = leaves(payload);
  expect(all).toHaveLength(14);
  for (const path of all) {
    const arbiter = defineArbiter({
      ...{ identity: arbiterIdentity, escrowKey, store: memoryCases(), now: () => DEADLINE },
    });
    const wrong = await signedAs('parley-complaint+jws', changed(payload, path, other), buyer);
    const code = await arbiter.answer(wrong).then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    );
    const expected = { engagements: 'ERR_COMPLAINT_PARTIES', escrows: 'ERR_COMPLAINT_ESCROW' };
    expect(code, path.join('.')).toBe(expected[path[0] as 'escrows'] ?? 'ERR_COMPLAINT_FORMAT');
  }
});

describe('a card', () => {
  test('is nothing with any member changed', async () => {
    const card = await cardOf();
    expect(readArbiterCard(card)).toMatchObject({ at: 'https://arbiter.example' });
    const payload = payloadOf(card);
    for (const path of leaves(payload)) {
      const wrong = changed(payload, path, other);
      const unsigned = { ...card, payload: encodeBase64url(utf8(canonicalText(wrong))) };
      expect(
        codeOf(() => readArbiterCard(unsigned)),
        path.join('.'),
      ).toMatch(/^ERR_AGREEMENT_/);
    }
  });

  test('that is signed has windows, keys and an address that can be used', async () => {
    const payload = payloadOf(await cardOf()) as { [member: string]: Json };
    const read = async (changes: { [member: string]: Json }) => {
      const signed = await signedAs('parley-arbiter+jws', { ...payload, ...changes }, arbiterIdentity);
      return codeOf(() => readArbiterCard(signed));
    };
    expect(await read({})).toBe('accepted');
    for (const wrong of [
      { windows: { min: 299, max: 600 } },
      { windows: { min: 700, max: 600 } },
      { windows: { min: 300, max: 2_592_001 } },
      { at: 'http://arbiter.example' },
      { escrow: 'AAAA' },
      { pop: 'AAAA' },
      { more: 1 },
      { parley: 2 },
    ]) {
      expect(await read(wrong), JSON.stringify(wrong)).toBe('ERR_AGREEMENT_FORMAT');
    }
    expect(await read({ key: { ...seller.publicKey } })).toBe('ERR_AGREEMENT_PARTIES');
  });

  test.each([
    ['https://arbiter.example', true],
    ['https://arbiter.example:8443/parley', true],
    ['https://arbiter.example/', false],
    ['https://arbiter.example:99999', false],
    ['https://user@arbiter.example', false],
    ['https://arbiter.example/?q', false],
    ['https://arbiter.example/#x', false],
    ['https://[::1]', false],
    ['https://arbiter.example\n', false],
    [`https://arbiter.example/${'a'.repeat(61)}`, false],
  ])('%s: %s', (at, usable) => {
    expect(isAddress(at)).toBe(usable);
  });
});

describe('a dispute file', () => {
  async function opened(): Promise<SignedOpening> {
    const opening = deal.escrows.seller.own.open();
    const document = maskDocument({ case: deal.case, party: 'seller', mask: opening.mask });
    return { ...opening, signature: await document.sign(seller) };
  }

  test('is read as it was written', async () => {
    const { engagement: _, ...dispute } = disputeOf(deal, 'buyer', { opened: true });
    const peer = await opened();
    const read = readDispute(serializeDispute({ ...dispute, peer }));
    expect(read).toMatchObject({ ...dispute, peer });
    expect(read.engagement.case).toEqual(deal.case);
  });

  test('with any member changed is refused', async () => {
    const json = asJson(serializeDispute({ ...disputeOf(deal, 'buyer'), peer: await opened() }));
    // Whether the own mask has left is this side's own memory, which nothing can check.
    const all = leaves(json).filter(([member]) => member !== 'opened');
    expect(all.length).toBeGreaterThan(100);
    const some = all.filter(([member, , kind, index]) => {
      return member !== 'records' || kind !== 'ciphertexts' || index === 17;
    });
    for (const path of some) {
      const wrong = utf8(JSON.stringify(changed(json, path, other)));
      expect(
        codeOf(() => readDispute(wrong)),
        path.join('.'),
      ).toBe('ERR_DISPUTE_INVALID');
    }
  });

  test('of another form is refused', () => {
    const json = asJson(serializeDispute(disputeOf(deal, 'buyer'))) as { [member: string]: Json };
    for (const wrong of [
      { ...json, more: 1 },
      { ...json, parley: 2 },
      { ...json, engagements: { seller: json.engagements as Json } },
      { ...json, width: 13 },
      [],
    ]) {
      expect(codeOf(() => readDispute(utf8(JSON.stringify(wrong))))).toBe('ERR_DISPUTE_INVALID');
    }
    for (const wrong of [utf8('{'), new Uint8Array((8 << 20) + 1)]) {
      expect(codeOf(() => readDispute(wrong))).toBe('ERR_DISPUTE_INVALID');
    }
  });

  test('is of no use to another identity', async () => {
    await expect(requestOf(disputeOf(deal, 'buyer'), seller)).rejects.toMatchObject({
      code: 'ERR_DISPUTE_INVALID',
    });
  });
});

/** The document with a bit of its signature turned. */
function withSignature(document: Uint8Array, bit: number): GeneralJws {
  const { jws } = openJws(document);
  const [{ protected: header, signature }] = jws.signatures as [GeneralJws['signatures'][number]];
  const bytes = decodeBase64url(signature)!;
  bytes[bit]! ^= 1;
  return { ...jws, signatures: [{ protected: header, signature: encodeBase64url(bytes) }] };
}
