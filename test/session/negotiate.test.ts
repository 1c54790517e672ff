import { describe, expect, test } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { serializeAgreement, verifyAgreementUnder } from '../../src/documents/agreement.ts';
import { connect, listen } from '../../src/node/net/tcp.ts';
import { negotiate } from '../../src/session/negotiate.ts';
import { buyer, openPair, seller, splitTerms } from '../support/sessions.ts';

const pins = { parties: { seller: seller.publicKey, buyer: buyer.publicKey }, rules };

describe('negotiate', () => {
  test('two parties strike a deal, and hold the same agreement', async () => {
    const [left, right] = await openPair();
    expect(left.id).toEqual(right.id);
    const terms = splitTerms();
    const phases: string[] = [];
    const [atSeller, atBuyer] = await Promise.all([
      left.negotiate({ terms, mandate: { reservation: 400n }, onProgress: (phase) => phases.push(phase) }),
      right.negotiate({ terms, mandate: { reservation: 500n } }),
    ]);
    expect(atSeller).toMatchObject({ deal: true, price: 450n, role: 'seller' });
    expect(atBuyer).toMatchObject({ deal: true, price: 450n, role: 'buyer' });
    const bytes = serializeAgreement(atSeller.agreement);
    expect(serializeAgreement(atBuyer.agreement)).toEqual(bytes);
    expect(await verifyAgreementUnder(bytes, pins)).toMatchObject({ outcome: { deal: true, price: '450' } });
    expect(phases).toEqual(['terms-agreed', 'mandate-given', 'engaged', 'outcome-known', 'signed']);
    expect([atSeller.stats.flights, atBuyer.stats.flights]).toEqual([9, 9]);
    expect(atSeller.stats.bytes.sent).toBe(atBuyer.stats.bytes.received);
    expect(atSeller.stats.bytes.received).toBe(atBuyer.stats.bytes.sent);
    await Promise.all([left.close(), right.close()]);
  });

  test('no deal is agreed and signed too, and abstaining looks the same on the wire', async () => {
    const terms = splitTerms();
    const sizes: number[][] = [];
    for (const mandate of [{ reservation: 400n }, { reservation: 501n }, { abstain: true } as const]) {
      const [left, right] = await openPair();
      const [atSeller, atBuyer] = await Promise.all([
        left.negotiate({ terms, mandate }),
        right.negotiate({ terms, mandate: { reservation: 500n } }),
      ]);
      const deal = 'reservation' in mandate && mandate.reservation === 400n;
      expect(atSeller.deal).toBe(deal);
      expect(await verifyAgreementUnder(atBuyer.agreement, pins)).toMatchObject({ outcome: { deal } });
      sizes.push([atSeller.stats.bytes.sent, atSeller.stats.bytes.received]);
      await Promise.all([left.close(), right.close()]);
    }
    expect(new Set(sizes.map((size) => size.join())).size).toBe(1);
  });

  test('a session serves further negotiations, each with its own id, in fewer flights', async () => {
    const [left, right] = await openPair();
    const sessions: string[] = [];
    for (const [reservation, price] of [
      [100n, 300n],
      [300n, 400n],
      [500n, 500n],
    ] as const) {
      const terms = splitTerms();
      const [result, other] = await Promise.all([
        left.negotiate({ terms, mandate: { reservation } }),
        right.negotiate({ terms, mandate: { reservation: 500n } }),
      ]);
      expect(result).toMatchObject({ price });
      const { session } = await verifyAgreementUnder(result.agreement, pins);
      if (sessions.length > 0) expect([result.stats.flights, other.stats.flights]).toEqual([7, 7]);
      sessions.push(session);
    }
    expect(new Set(sessions).size).toBe(3);
    await left.close();
    await right.close();
  });

  test('prepared ahead', async () => {
    const [left, right] = await openPair();
    const terms = splitTerms();
    await Promise.all([left.prepare(terms), right.prepare(terms)]);
    await expect(left.prepare(terms)).rejects.toMatchObject({ code: 'ERR_USAGE' });
    await expect(
      left.negotiate({ terms: splitTerms({ subject: 'another' }), mandate: { reservation: 1n } }),
    ).rejects.toMatchObject({ code: 'ERR_USAGE' });
    const [result] = await Promise.all([
      left.negotiate({ terms, mandate: { reservation: 100n } }),
      right.negotiate({ terms, mandate: { reservation: 200n } }),
    ]);
    expect(result).toMatchObject({ price: 150n });
    expect(result.stats.flights).toBe(6);
    const [again] = await Promise.all([
      left.negotiate({ terms, mandate: { reservation: 100n } }),
      right.negotiate({ terms, mandate: { reservation: 300n } }),
    ]);
    expect(again).toMatchObject({ price: 200n });
    await left.close();
  });

  test('the one-call form over TCP, with drafts that name no keys, and mandates asked for once the terms are agreed', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    const { parties: _, ...terms } = splitTerms();
    const asked: string[] = [];
    const hosting = (async () =>
      negotiate({
        channel: (await listener.accept())!,
        identity: buyer,
        terms,
        role: 'buyer',
        mandate: async ({ peer, role, terms: completed, leakage }) => {
          asked.push(role);
          expect(peer).toEqual(seller.publicKey);
          expect((await leakage())!.buyer!.bits).toBeGreaterThan(0);
          expect(completed.parties).toEqual({ seller: seller.publicKey, buyer: buyer.publicKey });
          await new Promise((resolve) => setTimeout(resolve, 30));
          return { reservation: '900' };
        },
      }))();
    const joining = negotiate({
      channel: await connect(listener.address),
      identity: seller,
      peer: buyer.publicKey,
      terms,
      role: 'seller',
      mandate: () => {
        asked.push('seller');
        return { reservation: '100' };
      },
    });
    const [host, join] = await Promise.all([hosting, joining]);
    expect(host).toMatchObject({ price: 500n, confirmed: true });
    expect(join).toMatchObject({ price: 500n, confirmed: true });
    expect(asked.sort()).toEqual(['buyer', 'seller']);
    await listener.close();
  });

  test('either side may dial, and zopa shows one bit', async () => {
    const { range } = splitTerms();
    const terms = { ...splitTerms(), rule: { name: 'zopa' }, range };
    const [left, right] = await openPair({
      left: { identity: buyer, peer: seller.publicKey },
      right: { identity: seller, peer: buyer.publicKey },
    });
    const [atBuyer, atSeller] = await Promise.all([
      left.negotiate({ terms: terms as never, mandate: { reservation: 9n } }),
      right.negotiate({ terms: terms as never, mandate: { reservation: 9n } }),
    ]);
    expect(atBuyer.outcome).toEqual({ deal: true });
    expect(serializeAgreement(atBuyer.agreement)).toEqual(serializeAgreement(atSeller.agreement));
    await right.close();
  });
});
