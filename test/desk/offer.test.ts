import { describe, expect, it } from 'vitest';
import { split } from '../../protocols/split/index.ts';
import {
  awaitReady,
  completeOffer,
  MAX_OFFER,
  offerNonce,
  offerTerms,
  receiveOffer,
} from '../../src/desk/offer.ts';
import { fingerprint, generateIdentity } from '../../src/documents/identity.ts';
import { canonicalBytes } from '../../src/documents/json.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { openSession } from '../../src/session/open.ts';
import { buyer, codes, openPair, seller, tamper } from '../support/sessions.ts';
import { draft } from './meeting.ts';

/** The buyer dialled: it joins; the seller hosts. */
async function pair() {
  const [join, host] = await openPair({
    left: { identity: buyer, peer: seller.publicKey },
    right: { identity: seller, peer: buyer.publicKey },
  });
  return { join, host };
}

/** Both have prepared. */
async function prepared() {
  const { join, host } = await pair();
  const terms = completeOffer(draft, host, 'seller', split);
  await Promise.all([join.prepare(terms), host.prepare(terms)]);
  return { join, host };
}

describe('an offer', () => {
  it('is completed by the host, accepted by the joiner, and leads to a deal', async () => {
    const { join, host } = await pair();
    const terms = completeOffer(draft, host, 'seller', split);
    expect(terms.parties).toEqual({ seller: seller.publicKey, buyer: buyer.publicKey });
    expect(terms.nonce).toBe(offerNonce(join.id));
    expect(Date.parse(terms.expires) - Date.now()).toBeGreaterThan(3_500_000);
    const offered = offerTerms(host, terms);
    const offer = await receiveOffer(join);
    expect(offer).toMatchObject({ terms, role: 'buyer', peerRole: 'seller' });
    await offer.answer(true);
    await offered;
    expect(await codes([awaitReady(join)])).toEqual(['ERR_USAGE']); // which sends nothing
    await Promise.all([join.prepare(terms), host.prepare(terms)]);
    await Promise.all([awaitReady(join), awaitReady(host)]);
    const [atHost, atJoin] = await Promise.all([
      host.negotiate({ terms, mandate: { reservation: 400n } }),
      join.negotiate({ terms: offer.terms, mandate: { reservation: 500n } }),
    ]);
    expect(atHost).toMatchObject({ price: 450n, role: 'seller' });
    expect(atJoin.agreement).toEqual(atHost.agreement);
    await Promise.all([join.close(), host.close()]);
  });

  it('that is declined ends both sides, each knowing why', async () => {
    const { join, host } = await pair();
    const offered = offerTerms(host, completeOffer(draft, host, 'buyer', split));
    const offer = await receiveOffer(join);
    expect(offer.role).toBe('seller');
    await offer.answer(false);
    await join.close().catch(() => undefined);
    await expect(offered).rejects.toMatchObject({ code: 'ERR_TERMS_DECLINED' });
    await expect(offer.answer(true)).rejects.toThrowError();
  });

  it('waits for the slower side, and says when that has gone instead', async () => {
    const { join, host } = await prepared();
    let ready = false;
    const waiting = awaitReady(host).then(() => {
      ready = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(ready).toBe(false);
    join.destroy();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_PEER_LEFT' });
  });

  it('cannot be made of a draft with a nonce, or of too long terms', async () => {
    const { join, host } = await pair();
    const named = { ...draft, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' };
    expect(() => completeOffer(named, host, 'seller', split)).toThrowError(/nonce/);
    const terms = { ...completeOffer(draft, host, 'seller', split), matter: 'x'.repeat(MAX_OFFER) };
    await expect(offerTerms(host, terms)).rejects.toMatchObject({ code: 'ERR_TERMS_INVALID' });
    join.destroy();
    host.destroy();
  });
});

describe('a joiner refuses', () => {
  /** What both sides come to if the host's document is replaced. */
  async function offering(change: (terms: Record<string, unknown>) => unknown) {
    const { join, host } = await pair();
    const terms = completeOffer(draft, host, 'seller', split);
    const changed = change(structuredClone(terms) as never);
    const document =
      typeof changed === 'string' ? new TextEncoder().encode(changed) : canonicalBytes(changed);
    tamper(host, (type, fields) => {
      if (type.name === 'offer') new DataView(fields.length!.buffer).setUint32(0, document.length);
      if (type.name === 'offered terms') fields.document = document;
    });
    const send = (host as never as { parts: { link: { send: (...message: unknown[]) => Promise<void> } } })
      .parts.link;
    const original = send.send;
    send.send = (type, shape, fields) =>
      original(type, (type as { name: string }).name === 'offered terms' ? document.length : shape, fields);
    return codes([receiveOffer(join), offerTerms(host, terms)]);
  }
  const key = generateIdentity().publicKey;

  it.each<[string, (terms: Record<string, unknown>) => unknown, string]>([
    ['what is not JSON', () => '{', 'ERR_PEER_CHEATED'],
    ['what is not UTF-8 in its one form', (terms) => ` ${JSON.stringify(terms)}`, 'ERR_PEER_CHEATED'],
    [
      'keys out of order',
      (terms) => JSON.stringify({ subject: terms.subject, ...terms }),
      'ERR_PEER_CHEATED',
    ],
    ['an unknown member', (terms) => ({ ...terms, more: 1 }), 'ERR_TERMS_UNSUPPORTED'],
    [
      'a subject that moves the cursor',
      (terms) => ({ ...terms, subject: 'a\u001b[2J' }),
      'ERR_TERMS_UNSUPPORTED',
    ],
    ['levels without end', () => `{"rule":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'ERR_PEER_CHEATED'],
    ['a number without end', () => '{"rule":{"name":"split","x":1e400}}', 'ERR_PEER_CHEATED'],
    ['terms without a rule', ({ rule: _, ...terms }) => terms, 'ERR_TERMS_UNSUPPORTED'],
    [
      'a member that copies would drop',
      (terms) => JSON.stringify(terms).replace('"parties":{', '"parties":{"__proto__":{},'),
      'ERR_PEER_CHEATED',
    ],
    ['a subject with what nobody sees', (terms) => ({ ...terms, subject: 'a\u200b' }), 'ERR_TERMS_UNCLEAR'],
    [
      'a unit that reads as digits',
      (terms) => ({ ...terms, range: { ...(terms.range as object), unit: '00' } }),
      'ERR_TERMS_UNCLEAR',
    ],
    ['a default that is not written out', ({ attempts: _, ...terms }) => terms, 'ERR_TERMS_UNSUPPORTED'],
    [
      'a subject in characters of a later Unicode',
      (terms) => ({ ...terms, subject: 'car \u{1ffff}' }),
      'ERR_TERMS_UNSUPPORTED',
    ],
    [
      "a stranger's key for the host",
      (terms) => ({ ...terms, parties: { seller: key, buyer: buyer.publicKey } }),
      'ERR_PEER_CHEATED',
    ],
    [
      "a stranger's key for itself",
      (terms) => ({ ...terms, parties: { seller: seller.publicKey, buyer: key } }),
      'ERR_PEER_CHEATED',
    ],
    ['another nonce', (terms) => ({ ...terms, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }), 'ERR_PEER_CHEATED'],
    ['an unknown rule', (terms) => ({ ...terms, rule: { name: 'dice' } }), 'ERR_TERMS_UNSUPPORTED'],
    [
      'terms that have expired',
      (terms) => ({ ...terms, expires: '2020-01-01T00:00:00Z' }),
      'ERR_TERMS_EXPIRED',
    ],
  ])('%s', async (_, change, code) => {
    const [atJoin, atHost] = await offering(change);
    expect(atJoin).toBe(code);
    expect(atHost).toMatch(/^ERR_PEER_(ABORTED|LEFT)$/);
  });

  it('a length above the bound, before it reads any of it', async () => {
    const { join, host } = await pair();
    tamper(host, (type, fields) => {
      if (type.name === 'offer') new DataView(fields.length!.buffer).setUint32(0, MAX_OFFER + 1);
    });
    const terms = completeOffer(draft, host, 'seller', split);
    expect((await codes([receiveOffer(join), offerTerms(host, terms)]))[0]).toBe('ERR_PEER_CHEATED');
  });
});

describe('a host refuses', () => {
  it.each([
    ['an answer about other terms', 'answer to the offer', 'termsDigest'],
    ['an answer that is neither yes nor no', 'answer to the offer', 'accepted'],
  ])('%s', async (_, name, field) => {
    const { join, host } = await pair();
    tamper(join, (type, fields) => {
      if (type.name === name) fields[field]![0]! ^= 0x82;
    });
    const offered = codes([offerTerms(host, completeOffer(draft, host, 'seller', split))]);
    await (await receiveOffer(join)).answer(true);
    expect(await offered).toEqual(['ERR_PEER_CHEATED']);
    join.destroy();
  });

  it('a ready that is none', async () => {
    const { join, host } = await prepared();
    tamper(join, (type, fields) => {
      if (type.name === 'ready') fields.ready![0] = 2;
    });
    expect((await codes([awaitReady(host), awaitReady(join)]))[0]).toBe('ERR_PEER_CHEATED');
    join.destroy();
  });
});

describe('a peer that is judged by its thumbprint', () => {
  it('is let in, or turned away before it has seen our key', async () => {
    const right = await fingerprint(seller.publicKey);
    for (const expected of [right, await fingerprint(buyer.publicKey)]) {
      const [left, other] = memoryChannelPair();
      let seen = false;
      const host = openSession({
        channel: other,
        identity: seller,
        accept: () => {
          seen = true;
          return true;
        },
      });
      const join = openSession({
        channel: left,
        identity: buyer,
        accept: async (key) => (await fingerprint(key)) === expected,
      });
      const [atJoin] = await codes([join, host]);
      expect(atJoin).toBe(expected === right ? 'ok' : 'ERR_PEER_IDENTITY');
      expect(seen).toBe(expected === right);
      if (expected === right) for (const session of [await join, await host]) session.destroy();
    }
  });
});
