import { describe, expect, it } from 'vitest';
import { agreementDocument, verifyAgreementUnder } from '../../src/documents/agreement.ts';
import {
  type Engagement,
  engagementDocument,
  isEngagement,
  serializeEngagement,
  verifyEngagementUnder,
} from '../../src/documents/engagement.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { SignableDocument } from '../../src/documents/jws.ts';
import { anyPrice, buyer, identity, seller, session, terms } from './support.ts';

const unpinned = { parties: 'unpinned', rules: [anyPrice] } as const;
const pinned = { parties: terms.parties, rules: [anyPrice] };

async function engaged(): Promise<Engagement> {
  const document = engagementDocument({ terms, session, party: 'seller' });
  return document.assemble({ key: seller.publicKey, signature: await document.sign(seller) });
}

const rejects = (document: Uint8Array | Engagement, code: string, options: typeof pinned) =>
  expect(verifyEngagementUnder(document, options)).rejects.toThrowError(expect.objectContaining({ code }));

describe('verifyEngagementUnder', () => {
  it('accepts what the party signed', async () => {
    const engagement = await engaged();
    const verified = await verifyEngagementUnder(serializeEngagement(engagement), pinned);
    expect(verified).toMatchObject({ terms, role: 'seller', session: encodeBase64url(session) });
    expect(verified.party).toMatchObject({ key: seller.publicKey, pinned: true });
    expect((await verifyEngagementUnder(engagement, unpinned)).party.pinned).toBe(false);
  });

  it('binds the terms, the session and the role', async () => {
    const { signature } = {
      signature: await engagementDocument({ terms, session, party: 'seller' }).sign(seller),
    };
    const others = [
      engagementDocument({ terms: { ...terms, subject: 'other' }, session, party: 'seller' }),
      engagementDocument({ terms, session: new Uint8Array(32), party: 'seller' }),
      engagementDocument({ terms, session, party: 'buyer' }),
    ];
    for (const other of others) expect(other.check(seller.publicKey, signature)).toBe(false);
  });

  it('rejects any one byte changed', async () => {
    const bytes = serializeEngagement(await engaged());
    for (let position = 0; position < bytes.length; position++) {
      const changed = Uint8Array.from(bytes);
      changed[position]! ^= 1 + (position % 127);
      await expect(verifyEngagementUnder(changed, unpinned), `byte ${position}`).rejects.toThrowError(
        expect.objectContaining({ name: 'VerificationError' }),
      );
    }
  });

  it('rejects another signer, another role and other pins', async () => {
    const document = engagementDocument({ terms, session, party: 'seller' });
    const byBuyer = document.assemble({ key: buyer.publicKey, signature: await document.sign(buyer) });
    await rejects(byBuyer, 'ERR_AGREEMENT_PARTIES', pinned);
    const broker = engagementDocument({ terms, session, party: 'broker' });
    const byBroker = broker.assemble({ key: seller.publicKey, signature: await broker.sign(seller) });
    await rejects(byBroker, 'ERR_AGREEMENT_PARTIES', pinned);
    const parties = { ...terms.parties, buyer: identity(7).publicKey };
    await rejects(await engaged(), 'ERR_AGREEMENT_PARTIES', { ...pinned, parties });
  });

  it('rejects seals that the terms do not ask for, under whatever names, and members that a schema would drop', async () => {
    const body = {
      parley: 1,
      terms,
      session: encodeBase64url(session),
      party: 'seller',
      statement: 'bound by the outcome of this session',
    };
    const signed = async (changes: string) => {
      const payload = { ...body, ...JSON.parse(changes) };
      const dropped = Object.getOwnPropertyDescriptor(JSON.parse(changes), '__proto__');
      if (dropped !== undefined) Object.defineProperty(payload, '__proto__', dropped);
      const document = new SignableDocument('parley-engagement+jws', payload);
      return document.assemble({ key: seller.publicKey, signature: await document.sign(seller) });
    };
    expect(terms.seals).toBe('none');
    await expect(verifyEngagementUnder(await signed('{}'), unpinned)).resolves.toMatchObject({
      role: 'seller',
    });
    const digest = encodeBase64url(new Uint8Array(32));
    for (const seals of ['{}', `{"":"${digest}"}`, `{"seller":"${digest}","buyer":"${digest}"}`]) {
      await rejects(await signed(`{"seals":${seals}}`), 'ERR_AGREEMENT_SEALS', pinned);
    }
    await rejects(await signed('{"__proto__":{"more":1}}'), 'ERR_AGREEMENT_FORMAT', pinned);
  });

  it('is no agreement, and an agreement is no engagement', async () => {
    const engagement = await engaged();
    expect(isEngagement(engagement)).toBe(true);
    await expect(verifyAgreementUnder(engagement, unpinned)).rejects.toThrowError(
      expect.objectContaining({ code: 'ERR_AGREEMENT_FORMAT' }),
    );
    const document = agreementDocument({ terms, outcome: { deal: false }, session });
    const agreement = document.assemble(
      { key: seller.publicKey, signature: await document.sign(seller) },
      { key: buyer.publicKey, signature: await document.sign(buyer) },
    );
    expect(isEngagement(agreement)).toBe(false);
    await rejects(agreement, 'ERR_AGREEMENT_FORMAT', pinned);
  });

  it('rejects another statement', async () => {
    const document = new SignableDocument('parley-engagement+jws', {
      parley: 1,
      terms,
      session: encodeBase64url(session),
      party: 'seller',
      statement: 'not bound by anything',
    });
    const signed = document.assemble({ key: seller.publicKey, signature: await document.sign(seller) });
    await rejects(signed, 'ERR_AGREEMENT_FORMAT', pinned);
  });
});
