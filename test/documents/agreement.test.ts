import { describe, expect, it } from 'vitest';
import {
  type Agreement,
  agreementDocument,
  serializeAgreement,
  type VerifyOptions,
  verifyAgreementUnder,
} from '../../src/documents/agreement.ts';
import { fingerprint, type Identity } from '../../src/documents/identity.ts';
import { canonicalText, encodeBase64url } from '../../src/documents/json.ts';
import { SignableDocument } from '../../src/documents/jws.ts';
import type { OutcomeJson, Terms } from '../../src/documents/terms.ts';
import { anyPrice, buyer, identity, seller, session, terms } from './support.ts';

const deal: OutcomeJson = { deal: true, price: '455' };
const unpinned: VerifyOptions = { parties: 'unpinned', rules: [anyPrice] };
const pinned: VerifyOptions = { parties: terms.parties, rules: [anyPrice] };

async function signed(
  outcome: OutcomeJson = deal,
  over: Terms = terms,
  signers: readonly Identity[] = [seller, buyer],
): Promise<Agreement> {
  const document = agreementDocument({ terms: over, outcome, session });
  return document.assemble(
    ...(await Promise.all(
      signers.map(async (signer) => ({ key: signer.publicKey, signature: await document.sign(signer) })),
    )),
  );
}

/** A document over any payload, correctly signed by both. */
async function forged(payload: unknown, type = 'parley-agreement+jws'): Promise<Agreement> {
  const document = new SignableDocument(type, payload);
  return document.assemble(
    { key: seller.publicKey, signature: await document.sign(seller) },
    { key: buyer.publicKey, signature: await document.sign(buyer) },
  );
}

const rejects = (document: Uint8Array | string | Agreement, code: string, options = unpinned) =>
  expect(verifyAgreementUnder(document, options)).rejects.toThrowError(expect.objectContaining({ code }));

describe('verifyAgreementUnder', () => {
  it.each([[deal], [{ deal: false } as const]])('accepts what both sides assembled: %o', async (outcome) => {
    const agreement = await signed(outcome);
    const bytes = serializeAgreement(agreement);
    for (const form of [bytes, Buffer.from(bytes).toString('utf8'), agreement]) {
      const verified = await verifyAgreementUnder(form, pinned);
      expect(verified).toEqual({
        terms,
        outcome,
        session: encodeBase64url(session),
        parties: {
          seller: { key: seller.publicKey, fingerprint: await fingerprint(seller.publicKey), pinned: true },
          buyer: { key: buyer.publicKey, fingerprint: await fingerprint(buyer.publicKey), pinned: true },
        },
        pinned: true,
        proof: 'signed',
        inForce: true,
      });
      expect(Object.keys(verified.parties)).toEqual(['seller', 'buyer']);
    }
  });

  it('is built alike by two sides that each hold the other’s signature', async () => {
    const mine = agreementDocument({ terms, outcome: deal, session });
    const shuffled = JSON.parse(JSON.stringify(terms, Object.keys(flatten(terms)).reverse())) as Terms;
    const theirs = agreementDocument({ session, outcome: { price: '455', deal: true }, terms: shuffled });
    const bySeller = await mine.sign(seller);
    const byBuyer = await theirs.sign(buyer);
    expect(theirs.check(seller.publicKey, bySeller) && mine.check(buyer.publicKey, byBuyer)).toBe(true);
    expect(mine.check(buyer.publicKey, bySeller)).toBe(false);
    const parts = [
      { key: seller.publicKey, signature: bySeller },
      { key: buyer.publicKey, signature: byBuyer },
    ] as const;
    expect(serializeAgreement(mine.assemble(...parts))).toEqual(
      serializeAgreement(theirs.assemble(...parts)),
    );
  });

  it('rejects any one byte changed, removed or doubled, at every position', async () => {
    const bytes = serializeAgreement(await signed());
    const refused = (changed: Uint8Array) =>
      verifyAgreementUnder(changed, unpinned).then(
        () => 'accepted',
        ({ name }) => name,
      );
    for (let position = 0; position < bytes.length; position++) {
      const changes = [1, 0x20, 0x80].map((change) => {
        const changed = Uint8Array.from(bytes);
        changed[position]! ^= change;
        return changed;
      });
      const removed = Buffer.concat([bytes.subarray(0, position), bytes.subarray(position + 1)]);
      const doubled = Buffer.concat([bytes.subarray(0, position + 1), bytes.subarray(position)]);
      const names = await Promise.all([...changes, removed, doubled].map(refused));
      expect(names, `byte ${position}`).toEqual(Array(5).fill('VerificationError'));
    }
  });

  it('rejects bytes that mean the same but are written otherwise', async () => {
    const agreement = await signed();
    const text = Buffer.from(serializeAgreement(agreement)).toString('utf8');
    await rejects(text.trimEnd(), 'ERR_AGREEMENT_FORMAT');
    await rejects(`${text}\n`, 'ERR_AGREEMENT_FORMAT');
    await rejects(`\uFEFF${text}`, 'ERR_AGREEMENT_FORMAT');
    await rejects(text.replace('\n', '\r\n'), 'ERR_AGREEMENT_FORMAT');
    await rejects(JSON.stringify(agreement, null, 2), 'ERR_AGREEMENT_FORMAT');
    await rejects(text.replace('"signatures"', '"\\u0073ignatures"'), 'ERR_AGREEMENT_FORMAT');
    await rejects(text.replace('{', '{"header":{},'), 'ERR_AGREEMENT_FORMAT');
    await rejects(`{"payload":"",${text.slice(1)}`, 'ERR_AGREEMENT_FORMAT');
    await rejects('', 'ERR_AGREEMENT_FORMAT');
    await rejects(new Uint8Array([0xff, 0xfe]), 'ERR_AGREEMENT_FORMAT');
  });

  it('rejects base64url that does not re-encode to itself', async () => {
    const { payload, signatures } = await signed();
    const [first, second] = signatures as [Agreement['signatures'][0], Agreement['signatures'][0]];
    const last = first.signature.at(-1)!;
    const stray = { ...first, signature: first.signature.slice(0, -1) + next(last) };
    await rejects({ payload, signatures: [stray, second] }, 'ERR_AGREEMENT_FORMAT');
    const padded = { ...first, signature: `${first.signature}==` };
    await rejects({ payload, signatures: [padded, second] }, 'ERR_AGREEMENT_FORMAT');
    await rejects({ payload: `${payload}=`, signatures }, 'ERR_AGREEMENT_FORMAT');
    const header = { ...first, protected: `${first.protected}=` };
    await rejects({ payload, signatures: [header, second] }, 'ERR_AGREEMENT_PARTIES');
  });

  it('rejects a signature removed, doubled, swapped, or one too many', async () => {
    const { payload, signatures } = await signed();
    const [first, second] = signatures as [Agreement['signatures'][0], Agreement['signatures'][0]];
    for (const some of [[], [first], [second], [first, second, second], [first, second, first]]) {
      await rejects({ payload, signatures: some }, 'ERR_AGREEMENT_FORMAT');
    }
    for (const some of [
      [second, first],
      [first, first],
      [second, second],
    ]) {
      await rejects({ payload, signatures: some }, 'ERR_AGREEMENT_PARTIES');
    }
    const crossed = [
      { ...first, signature: second.signature },
      { ...second, signature: first.signature },
    ];
    await rejects({ payload, signatures: crossed }, 'ERR_AGREEMENT_SIGNATURE');
  });

  it('rejects an agreement re-signed with other keys under the original pins', async () => {
    const [mallory, eve] = [identity(8), identity(9)];
    const parties = { seller: mallory.publicKey, buyer: eve.publicKey };
    const theirs = await signed(deal, { ...terms, parties }, [mallory, eve]);
    expect((await verifyAgreementUnder(theirs, unpinned)).pinned).toBe(false);
    await rejects(theirs, 'ERR_AGREEMENT_PARTIES', pinned);
    for (const role of ['seller', 'buyer'] as const) {
      const pin = { [role]: await fingerprint(terms.parties[role]!) };
      await rejects(theirs, 'ERR_AGREEMENT_PARTIES', { ...pinned, parties: pin });
    }
    await rejects(await signed(deal, terms, [mallory, eve]), 'ERR_AGREEMENT_PARTIES');
  });

  it('tells a partly pinned agreement from a pinned one, and wants a choice', async () => {
    const agreement = await signed();
    const parties = { buyer: await fingerprint(buyer.publicKey) };
    const verified = await verifyAgreementUnder(agreement, { ...pinned, parties });
    expect(verified.pinned).toBe(false);
    expect(verified.parties.buyer?.pinned).toBe(true);
    expect(verified.parties.seller?.pinned).toBe(false);
    await rejects(agreement, 'ERR_USAGE', { ...pinned, parties: {} });
    await rejects(agreement, 'ERR_USAGE', { ...pinned, parties: { broker: buyer.publicKey } });
  });

  it.each([
    [{ deal: true }],
    [{ deal: true, price: '456' }],
    [{ deal: true, price: '1005' }],
    [{ deal: true, price: '-5' }],
    [{ deal: true, price: '0455' }],
  ] as OutcomeJson[][])('rejects an outcome that the rule cannot give: %o', async (outcome) => {
    await rejects(await signed(outcome), 'ERR_AGREEMENT_OUTCOME');
  });

  it('rejects payloads of another form, though both signed them', async () => {
    const body = { parley: 1, terms, outcome: deal, session: encodeBase64url(session) };
    expect((await verifyAgreementUnder(await forged(body), pinned)).pinned).toBe(true);
    await rejects(await forged({ ...body, parley: 2 }), 'ERR_AGREEMENT_FORMAT');
    await rejects(await forged({ ...body, extra: 1 }), 'ERR_AGREEMENT_FORMAT');
    await rejects(await forged({ ...body, outcome: { deal: 'yes' } }), 'ERR_AGREEMENT_FORMAT');
    await rejects(await forged({ ...body, outcome: { deal: false, price: '5' } }), 'ERR_AGREEMENT_OUTCOME');
    await rejects(await forged({ ...body, session: 'AAAA' }), 'ERR_AGREEMENT_FORMAT');
    await rejects(await forged({ ...body, terms: { ...terms, attempts: 0 } }), 'ERR_AGREEMENT_TERMS');
    await rejects(
      await forged({ ...body, terms: { ...terms, rule: { name: 'dice' } } }),
      'ERR_AGREEMENT_TERMS',
    );
    await rejects(await forged({ ...body, terms: { ...terms, subject: '\u202e' } }), 'ERR_AGREEMENT_FORMAT');
    await rejects(await forged(body, 'parley-engagement+jws'), 'ERR_AGREEMENT_PARTIES');
  });

  it('rejects a payload that is signed but not canonical', async () => {
    const payload = encodeBase64url(
      Buffer.from(
        JSON.stringify({ terms, parley: 1, outcome: deal, session: encodeBase64url(session) }),
        'utf8',
      ),
    );
    const signatures = await Promise.all(
      [seller, buyer].map(async (signer) => {
        const header = { alg: 'EdDSA', jwk: signer.publicKey, typ: 'parley-agreement+jws' };
        const encoded = encodeBase64url(Buffer.from(canonicalText(header)));
        const signature = await signer.sign(Buffer.from(`${encoded}.${payload}`));
        return { protected: encoded, signature: encodeBase64url(signature) };
      }),
    );
    await rejects({ payload, signatures }, 'ERR_AGREEMENT_FORMAT');
  });

  it.each([
    ['a further member', { kid: 'x' }],
    ['another algorithm', { alg: 'none' }],
    ['the other spelling', { alg: 'Ed25519' }],
    ['a critical extension', { crit: ['b64'], b64: false }],
    ['another type', { typ: 'JWT' }],
  ])('rejects a protected header with %s', async (_, change) => {
    const { payload, signatures } = await signed();
    const header = { alg: 'EdDSA', jwk: seller.publicKey, typ: 'parley-agreement+jws', ...change };
    const encoded = encodeBase64url(Buffer.from(canonicalText(header)));
    const signature = encodeBase64url(await seller.sign(Buffer.from(`${encoded}.${payload}`)));
    await rejects(
      { payload, signatures: [{ protected: encoded, signature }, signatures[1]!] },
      'ERR_AGREEMENT_PARTIES',
    );
  });
});

/** Every key at any depth, for JSON.stringify's list of keys to keep. */
function flatten(value: object): Record<string, true> {
  const keys: Record<string, true> = {};
  for (const [key, member] of Object.entries(value)) {
    keys[key] = true;
    if (typeof member === 'object' && member !== null) Object.assign(keys, flatten(member));
  }
  return keys;
}

/** The base64url letter after this one: the same bits but for the stray ones at the end. */
function next(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(letter) + 1]!;
}
