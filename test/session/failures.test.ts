import { describe, expect, test } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import type { Mandate } from '../../protocols/rule.ts';
import { split } from '../../protocols/split/index.ts';
import { verifyEngagementUnder } from '../../src/documents/engagement.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { formatTime, type Security, type Terms } from '../../src/documents/terms.ts';
import type { Queue } from '../../src/engine/engine.ts';
import { InputError, type ParleyError } from '../../src/errors.ts';
import type { Channel } from '../../src/link/channel.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import type { NegotiateOptions } from '../../src/session/options.ts';
import type { Session } from '../../src/session/session.ts';
import { rewriting, tcpChannelPair, testRandom } from '../support/channels.ts';
import { changed } from '../support/rules.ts';
import { buyer, codes, kernelOf, openPair, seller, splitTerms, tamper } from '../support/sessions.ts';

const pins = { parties: { seller: seller.publicKey, buyer: buyer.publicKey }, rules };
const low: Mandate = { reservation: 400n };
const high: Mandate = { reservation: 500n };

function both(
  [left, right]: readonly [Session, Session],
  terms: Terms,
  options: Partial<NegotiateOptions> = {},
  others: Partial<NegotiateOptions> = {},
) {
  return [
    left.negotiate({ terms, mandate: low, timeout: 2_000, ...options }),
    right.negotiate({ terms, mandate: high, timeout: 2_000, ...options, ...others }),
  ] as const;
}

/** The methods of a queue, as a plain object. */
function queueOf(queue: Queue): Queue {
  return {
    input: (...call) => queue.input(...call),
    apply: (...call) => queue.apply(...call),
    slice: (...call) => queue.slice(...call),
    concat: (...call) => queue.concat(...call),
    release: (...call) => queue.release(...call),
  };
}

function expectWiped(...sessions: Session[]): void {
  for (const session of sessions) expect(kernelOf(session).every((byte) => byte === 0)).toBe(true);
}

describe('both sides of a session that fails', () => {
  test('other terms: each says so, and no mandate is asked for', async () => {
    const pair = await openPair();
    const asked: string[] = [];
    const mandate = ({ role }: { role: string }) => {
      asked.push(role);
      return low;
    };
    const running = both(pair, splitTerms(), { mandate }, { terms: splitTerms({ subject: 'another car' }) });
    expect(await codes(running)).toEqual(['ERR_TERMS_MISMATCH', 'ERR_TERMS_MISMATCH']);
    expect(asked).toEqual([]);
    expectWiped(...pair);
    expect(await codes(both(pair, splitTerms()))).not.toContain('ok');
  });

  test('one side prepares ahead, and the other has begun to negotiate', async () => {
    const pair = await openPair();
    const terms = splitTerms({ security: 'malicious' });
    expect(await codes(both(pair, terms))).toEqual(['ok', 'ok']);
    const [left, right] = pair; // from the second negotiation on the right one speaks first, and goes on
    const running = [left.prepare(terms), right.negotiate({ terms, mandate: high })];
    expect(await codes(running)).toEqual(['ERR_TERMS_MISMATCH', 'ERR_TERMS_MISMATCH']);
  });

  test('the rule of one side queues something else under the same terms: it comes out before a mandate is asked for', async () => {
    const exchanged = changed(split, ({ program }) => ({
      program(queue) {
        const exchange = (owner: string) => (owner === 'a' ? 'b' : 'a');
        return program!({ ...queueOf(queue), input: (owner, width) => queue.input(exchange(owner), width) });
      },
    }));
    for (const differs of [0, 1]) {
      const pair = await openPair();
      const terms = splitTerms({ security: 'malicious' });
      const preparing = pair.map((session, side) =>
        session.prepare(terms, side === differs ? { rules: [exchanged] } : {}),
      );
      const ended = await codes(preparing);
      expect(ended).not.toContain('ok');
      expect(ended).toContain('ERR_PEER_CHEATED');
      expectWiped(...pair);
    }
  });

  test('an abort while the call is checked sends nothing, and is not lost', async () => {
    const pair = await openPair();
    const terms = splitTerms();
    for (const call of ['prepare', 'negotiate'] as const) {
      const leaving = new AbortController();
      const before = pair[0].stats.sent;
      const { signal } = leaving;
      const work =
        call === 'prepare'
          ? pair[0].prepare(terms, { signal })
          : pair[0].negotiate({ terms, mandate: low, signal });
      queueMicrotask(() => leaving.abort());
      expect(await codes([work])).toEqual(['ERR_CANCELLED']);
      expect(pair[0].stats.sent).toBe(before);
    }
    expect(await codes(both(pair, terms))).toEqual(['ok', 'ok']);
  });

  test('what can be refused before anything is sent leaves the session open', async () => {
    const pair = await openPair();
    const [left] = pair;
    const stranger = generateIdentity(testRandom(40)).publicKey;
    const refusals: [Partial<NegotiateOptions>, string][] = [
      [{ mandate: { reservation: 1_001n } }, 'ERR_MANDATE_INVALID'],
      [{ mandate: { reservation: 0.5 } as never }, 'ERR_MANDATE_INVALID'],
      [{ terms: splitTerms({ expires: '2001-01-01T00:00:00Z' }) }, 'ERR_TERMS_EXPIRED'],
      [{ terms: { ...splitTerms(), extra: 1 } as never }, 'ERR_TERMS_INVALID'],
      [{ terms: { ...splitTerms(), rule: { name: 'unknown' } } }, 'ERR_TERMS_INVALID'],
      [
        { terms: splitTerms({ parties: { seller: seller.publicKey, buyer: stranger } }) },
        'ERR_PEER_IDENTITY',
      ],
      [{ terms: splitTerms({ parties: { seller: stranger, buyer: buyer.publicKey } }) }, 'ERR_USAGE'],
      [{ role: 'buyer' }, 'ERR_USAGE'],
      [{ timeout: Number.NaN }, 'ERR_USAGE'],
      [{ signal: AbortSignal.abort() }, 'ERR_CANCELLED'],
    ];
    for (const [options, code] of refusals) {
      expect(await codes([left.negotiate({ terms: splitTerms(), mandate: low, ...options })])).toEqual([
        code,
      ]);
    }
    expect(await codes(both(pair, splitTerms()))).toEqual(['ok', 'ok']);
    await left.close();
  });

  test('terms that leave open who is who', async () => {
    const [left] = await openPair();
    const { parties: _, ...terms } = splitTerms();
    expect(await codes([left.negotiate({ terms, mandate: low })])).toEqual(['ERR_USAGE']);
    expect(await codes([left.negotiate({ terms, mandate: low, role: 'broker' })])).toEqual(['ERR_USAGE']);
  });

  test('a delegate that declines stops both sides; one that gives what is no mandate stops neither', async () => {
    const pair = await openPair();
    const declined = new Error('no, thank you');
    const running = both(pair, splitTerms(), {}, { mandate: () => Promise.reject(declined) });
    await expect(running[1]).rejects.toBe(declined);
    expect(await codes(running)).toContain('ERR_PEER_ABORTED');
    expectWiped(...pair);
    const other = await openPair();
    const invalid = both(other, splitTerms(), {}, { mandate: () => ({ reservation: -1n }) });
    expect(await codes(invalid)).toEqual(['ok', 'ok']);
    expect(await invalid[1]).toMatchObject({ deal: false, entered: { abstain: true } });
  });

  test('a rule under which nobody can abstain is not run', async () => {
    const [left] = await openPair();
    const stubborn = changed(split, ({ enter }) => ({
      fit: () => undefined,
      enter(party, mandate, random) {
        if (mandate !== low) throw new InputError('ERR_MANDATE_INVALID', 'no');
        return enter(party, mandate, random);
      },
    }));
    const running = left.negotiate({ terms: splitTerms(), mandate: low, rules: [stubborn] });
    await expect(running).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });

  test('a person who takes longer than the protocol may be silent is waited for', async () => {
    const pair = await openPair({ timeout: 80 });
    const mandate = () => new Promise<Mandate>((resolve) => setTimeout(() => resolve(high), 300));
    expect(await codes(both(pair, splitTerms(), { timeout: 80 }, { mandate }))).toEqual(['ok', 'ok']);
    await pair[0].close();
  });

  test('a person who never answers is not waited for longer than that clock', async () => {
    const pair = await openPair();
    let told: AbortSignal | undefined;
    const running = both(
      pair,
      splitTerms(),
      {},
      {
        wait: 100,
        timeout: 100,
        mandate: ({ signal }) => {
          told = signal;
          return new Promise<Mandate>(() => undefined);
        },
      },
    );
    expect(await codes(running)).toEqual(['ERR_PEER_ABORTED', 'ERR_TIMEOUT']);
    expect(told!.aborted).toBe(true);
  });

  test('a peer that leaves while a person types ends the prompt', async () => {
    const pair = await openPair();
    let told: AbortSignal | undefined;
    const running = pair[1].negotiate({
      terms: splitTerms(),
      mandate: ({ signal }) => {
        told = signal;
        pair[0].destroy();
        return new Promise<Mandate>(() => undefined);
      },
    });
    const other = pair[0].negotiate({ terms: splitTerms(), mandate: low });
    expect(await codes([other, running])).toEqual(['ERR_CLOSED', 'ERR_PEER_LEFT']);
    expect(told!.aborted).toBe(true);
    expectWiped(...pair);
  });

  test('terms that expire before the engagement', async () => {
    const pair = await openPair();
    const terms = splitTerms({ expires: formatTime(Math.floor(Date.now() / 1_000) * 1_000 + 2_000) });
    const mandate = () => new Promise<Mandate>((resolve) => setTimeout(() => resolve(high), 2_200));
    const [atSeller, atBuyer] = await codes(both(pair, terms, { mandate }));
    expect(['ERR_TERMS_EXPIRED', 'ERR_PEER_ABORTED']).toContain(atSeller);
    expect(['ERR_TERMS_EXPIRED', 'ERR_PEER_ABORTED']).toContain(atBuyer);
    expect([atSeller, atBuyer]).toContain('ERR_TERMS_EXPIRED');
  });

  test('an AbortSignal of the negotiation or of the session', async () => {
    for (const of of ['negotiation', 'session']) {
      const abort = new AbortController();
      const pair = await openPair(of === 'session' ? { left: { signal: abort.signal } } : {});
      const options = of === 'session' ? {} : { signal: abort.signal };
      const mandate = () => {
        abort.abort();
        return new Promise<Mandate>(() => undefined);
      };
      const running = [
        pair[0].negotiate({ terms: splitTerms(), mandate, ...options }),
        pair[1].negotiate({ terms: splitTerms(), mandate: high }),
      ];
      expect(await codes(running)).toEqual(['ERR_CANCELLED', 'ERR_PEER_ABORTED']);
      expectWiped(...pair);
    }
  });

  test('closing during a negotiation cancels it', async () => {
    const pair = await openPair();
    const mandate = () => {
      void pair[0].close();
      return new Promise<Mandate>(() => undefined);
    };
    expect(await codes(both(pair, splitTerms(), { mandate }, { mandate: high }))).toEqual([
      'ERR_CLOSED',
      'ERR_PEER_ABORTED',
    ]);
  });

  test('garbage and oversized frames after the handshake', async () => {
    for (const bytes of [testRandom(3)(50), Uint8Array.of(0xff, 0xff, 0xff, 0xff)]) {
      for (const side of [0, 1] as const) {
        const channels = memoryChannelPair();
        const raw = channels[side];
        const pair = await openPair({ channels });
        await raw.send(bytes);
        const result = await codes(both(pair, splitTerms()));
        expect(result[1 - side]).toBe('ERR_PEER_CHEATED');
        expect(result[side]).toMatch(/^ERR_PEER_(ABORTED|LEFT)$/);
      }
    }
  });
});

/** Both channels, one of which does something else from its chunk number `index` on. */
function turning(
  side: 0 | 1,
  index: number,
  act: (channel: Channel) => void,
  channels = memoryChannelPair(),
): { channels: [Channel, Channel]; count: () => number } {
  const plain = channels[side];
  let count = 0;
  let over = false;
  channels[side] = rewriting(plain, (chunk) => {
    if (count++ === index) {
      over = true;
      act(plain);
    }
    return over ? [] : [chunk];
  });
  return { channels, count: () => count };
}

async function run(
  security: Security,
  channels: [Channel, Channel],
  timeout: number,
): Promise<PromiseSettledResult<unknown>[]> {
  const opening = openPair({ channels, timeout });
  const pair = await opening.catch(() => undefined);
  if (pair === undefined) return [];
  const results = await Promise.allSettled(
    both(pair, splitTerms({ security }), { timeout, wait: 2 * timeout }),
  );
  for (const session of pair) session.destroy();
  return results;
}

const rejection = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseRejectedResult).reason as ParleyError;

/** The malicious engine has many more messages to stop at. */
const securities: readonly Security[] = process.env.PARLEY_FULL
  ? ['semi-honest', 'malicious']
  : ['semi-honest'];
const sides = securities.flatMap((security) => ([0, 1] as const).map((side) => ({ security, side })));

describe.each(sides)('whatever side $side does last, $security', ({ security, side }) => {
  // All runs of the silent peer share one processor.
  const scale = security === 'malicious' ? 6 : 1;

  test.each([
    ['memory', async () => memoryChannelPair()],
    ['TCP', tcpChannelPair],
  ])(
    'it hangs up over %s: the other has a typed error, and the engagement if it had come',
    async (_, make) => {
      const total = await messagesOf(security, side);
      let engagements = 0;
      for (let index = 0; index < total; index += 1) {
        const { channels } = turning(side, index, (channel) => channel.destroy(), await make());
        const results = await run(security, channels, 10_000);
        if (results.length === 0) continue;
        const left = results[1 - side]!;
        if (left.status === 'fulfilled') continue;
        expect(rejection(left).code).toBe('ERR_PEER_LEFT');
        const { engagement } = rejection(left);
        if (engagement === undefined) continue;
        engagements += 1;
        const verified = await verifyEngagementUnder(engagement, pins);
        expect(verified.role).toBe(side === 0 ? 'seller' : 'buyer');
      }
      expect(engagements).toBeGreaterThan(0);
    },
  );

  test('it falls silent: the other has a typed error in time', async () => {
    const total = await messagesOf(security, side);
    const runs = Array.from({ length: total }, async (_, index) => {
      const { channels } = turning(side, index, () => undefined);
      const results = await run(security, channels, 700 * scale);
      for (const result of results) {
        if (result.status === 'fulfilled') continue;
        expect(rejection(result).code).toMatch(/^ERR_(TIMEOUT|PEER_ABORTED|PEER_LEFT)$/);
      }
      return results.filter(({ status }) => status === 'rejected').length;
    });
    const failed = await Promise.all(runs);
    expect(failed.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
  });

  test('it sends another byte than it should: the other has a typed error', async () => {
    const total = await messagesOf(security, side);
    for (let index = 2; index < total - 1; index += 1) {
      const channels = memoryChannelPair();
      channels[side] = rewriting(channels[side], (chunk, at) => {
        if (at === index) chunk[chunk.length >> 1]! ^= 0x20;
        return [chunk];
      });
      const results = await run(security, channels, 1_000);
      if (results.length > 0) expect(rejection(results[1 - side]!).code).toBe('ERR_PEER_CHEATED');
    }
  });
});

/** How many chunks a side sends in a whole session. */
async function messagesOf(security: Security, side: 0 | 1): Promise<number> {
  const { channels, count } = turning(side, Number.POSITIVE_INFINITY, () => undefined);
  const results = await run(security, channels, 4_000);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  return count();
}

describe('a peer that follows everything but one message', () => {
  const cases: [string, string, string][] = [
    ['hello', 'termsDigest', 'ERR_TERMS_MISMATCH'],
    ['hello', 'mode', 'ERR_PEER_CHEATED'],
    ['engagement', 'signature', 'ERR_PEER_CHEATED'],
    ['agreement signature', 'signature', 'ERR_PEER_CHEATED'],
  ];
  test.each(cases)('%s.%s', async (name, field, code) => {
    for (const cheat of [0, 1] as const) {
      const pair = await openPair();
      tamper(pair[cheat], (type, fields) => {
        if (type.name === name) fields[field]![0]! ^= 0x81; // of the modes, one that there is not
      });
      const results = await Promise.allSettled(both(pair, splitTerms()));
      expect(rejection(results[1 - cheat]!).code).toBe(code);
      expectWiped(pair[1 - cheat]!);
      if (name !== 'agreement signature') continue;
      const { engagement } = rejection(results[1 - cheat]!);
      expect((await verifyEngagementUnder(engagement!, pins)).role).toBe(cheat === 0 ? 'seller' : 'buyer');
    }
  });

  test('an engagement or signature of another negotiation of the same session', async () => {
    for (const name of ['engagement', 'agreement signature']) {
      const pair = await openPair();
      let recorded: Uint8Array | undefined;
      tamper(pair[1], (type, fields) => {
        if (type.name !== name) return;
        if (recorded === undefined) recorded = fields.signature!.slice();
        else fields.signature!.set(recorded);
      });
      expect(await codes(both(pair, splitTerms()))).toEqual(['ok', 'ok']);
      const [atSeller] = await codes(both(pair, splitTerms()));
      expect(atSeller).toBe('ERR_PEER_CHEATED');
    }
  });
});
