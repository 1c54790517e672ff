import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import type { Bits, Party, Wires } from '../../src/engine/engine.ts';
import { element } from '../crypto/polynomial-hash-reference.ts';
import { authenticatedPair } from './authenticated-pair.ts';
import { give } from './contract.ts';
import {
  atBoth,
  enterPart,
  expectedFingerprint,
  expectRight,
  oneAnd,
  type Parts,
  state,
  statements,
} from './fingerprinting.ts';

const bits = (length: number) => fc.uint8Array({ minLength: length, maxLength: length, max: 1 });
const mask = fc.uint8Array({ minLength: 16, maxLength: 16 });
const width = fc.integer({ min: 1, max: 300 });
const scene = fc.array(fc.tuple(width, width), { minLength: 1, maxLength: 4 }).chain((widths) =>
  fc.record({
    masks: fc.record({ a: mask, b: mask }),
    parts: fc.record({
      a: fc.tuple(...widths.map(([a]) => bits(a))),
      b: fc.tuple(...widths.map(([, b]) => bits(b))),
    }),
    seed: fc.nat({ max: 9999 }),
    prepared: fc.constantFrom(undefined, 0, 3, 40),
  }),
);

test('each party’s fingerprint is the hash of what it entered, under the same keys on both sides', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ masks, parts, seed, prepared }) => {
      const pair = await authenticatedPair(seed);
      if (prepared !== undefined) await atBoth(pair, (engine) => engine.prepare(prepared));
      expectRight(await statements(pair, masks, parts), masks, parts);
    }),
    { numRuns: 20 },
  );
});

const masks = { a: new Uint8Array(16).fill(0x3a), b: new Uint8Array(16).fill(0xc5) };
const some = (length: number, step: number) => Uint8Array.from({ length }, (_, i) => +(i % step === 0));

test('what one party alone enters is fingerprinted too, and what is not asked for does not count', async () => {
  const pair = await authenticatedPair(1);
  const [x, y, z] = [some(130, 3), some(20, 2), some(77, 5)];
  const [a, b] = await atBoth(pair, async (engine) => {
    engine.maskFingerprints(masks[engine.party]);
    const aside = give(engine, 'b', y);
    const first = give(engine, 'a', x);
    engine.fingerprint(first);
    const second = give(engine, 'b', z);
    engine.fingerprint(second);
    await engine.reveal(engine.concat(engine.apply(oneAnd(130, 20), [first, aside]), second), 'b');
    return state(engine);
  });
  expect(element(a.own)).toBe(expectedFingerprint(masks.a, [x], a.keys));
  expect(element(b.own)).toBe(expectedFingerprint(masks.b, [z], a.keys.slice(1)));
  expect([a.peer, b.peer]).toEqual([b.own, a.own]);
});

test('an input that gates have been queued on can still be fingerprinted, in any batch of the reveal', async () => {
  const pair = await authenticatedPair(2);
  const parts: Parts = { a: [some(9, 2), some(140, 3)], b: [some(9, 4), some(9, 3)] };
  const [a, b] = await atBoth(pair, async (engine) => {
    engine.maskFingerprints(masks[engine.party]);
    const [x, y] = [give(engine, 'a', parts.a[0]!), give(engine, 'b', parts.b[0]!)];
    const out = engine.apply(oneAnd(9, 9), [x, y]);
    enterPart(engine, parts.a[1]!, parts.b[1]!);
    engine.fingerprint(x, y);
    await engine.reveal(out, 'both');
    return state(engine);
  });
  for (const [{ own, keys }, party] of [
    [a, 'a'],
    [b, 'b'],
  ] as const) {
    expect(element(own)).toBe(expectedFingerprint(masks[party], parts[party].toReversed(), keys));
  }
});

test.each([undefined, 0, 40])(
  'where something is revealed once inputs are fixed, too; %s gates prepared',
  async (prepared) => {
    const pair = await authenticatedPair(4);
    if (prepared !== undefined) await atBoth(pair, (engine) => engine.prepare(prepared));
    const parts: Parts = { a: [some(150, 3)], b: [some(30, 2)] };
    const [a, b] = await atBoth(pair, async (engine) => {
      engine.maskFingerprints(masks[engine.party]);
      const wires = enterPart(engine, parts.a[0]!, parts.b[0]!);
      const fixing = { send: async () => {}, receive: async () => {} };
      await engine.reveal(engine.apply(oneAnd(150, 30), wires), 'both', undefined, fixing);
      return state(engine);
    });
    expectRight({ a, b }, masks, parts);
  },
);

test('over several reveals, keys follow what has been entered by then', async () => {
  const run = async (late: Bits) => {
    const pair = await authenticatedPair(3);
    const parts: Parts = { a: [some(40, 3), some(40, 7)], b: [some(40, 2), late] };
    const [a, b] = await atBoth(pair, async (engine) => {
      engine.maskFingerprints(masks[engine.party]);
      const [x] = enterPart(engine, parts.a[0]!, parts.b[0]!);
      await engine.reveal(engine.slice(x, 0, 1), 'b');
      const early = engine.fingerprintKeys.length;
      const [y, z] = enterPart(engine, parts.a[1]!, late);
      await engine.reveal(engine.apply(oneAnd(40, 40), [y, z]), 'both');
      return { ...(await state(engine)), early };
    });
    expectRight({ a, b }, masks, parts);
    expect([a.early, a.keys.length]).toEqual([1, 2]);
    return a.keys;
  };
  const [one, other] = [await run(some(40, 5)), await run(some(40, 6))];
  expect(one[0]).toEqual(other[0]);
  expect(one[1]).not.toEqual(other[1]);
});

describe('the key of a part depends on every masked input of both parties, and on the session', () => {
  const parts: Parts = { a: [some(30, 3), some(30, 4)], b: [some(30, 5), some(30, 6)] };
  const keysOf = async (given: Parts, seed = 5) =>
    (await statements(await authenticatedPair(seed), masks, given)).a.keys.map(String);
  const flipped = (party: Party, part: number): Parts => ({
    ...parts,
    [party]: parts[party].map((own, i) => (i === part ? own.map((bit, j) => bit ^ +(j === 29)) : own)),
  });

  test('alike, it is the same', async () => {
    expect(await keysOf(parts)).toEqual(await keysOf(parts));
  });

  test.each([
    ['a', 0],
    ['a', 1],
    ['b', 0],
    ['b', 1],
  ] as const)('one bit of %s’s input number %i', async (party, part) => {
    const [usual, changed] = [await keysOf(parts), await keysOf(flipped(party, part))];
    for (const i of [0, 1]) expect(changed[i]).not.toBe(usual[i]);
  });

  test.each(['a', 'b'] as const)('%s’s mask', async (party) => {
    const { a } = await statements(
      await authenticatedPair(5),
      { ...masks, [party]: new Uint8Array(16) },
      parts,
    );
    const usual = await keysOf(parts);
    for (const i of [0, 1]) expect(String(a.keys[i])).not.toBe(usual[i]);
  });

  test('the session', async () => {
    const [usual, other] = [await keysOf(parts), await keysOf(parts, 6)];
    for (const i of [0, 1]) expect(other[i]).not.toBe(usual[i]);
  });
});

describe('used wrongly, ERR_USAGE', () => {
  const usage = { code: 'ERR_USAGE' };
  const x = some(5, 2);
  /** At one party; the other is not there. */
  const alone = async (use: (engine: AuthenticatedEngine) => void | Promise<void>) =>
    use((await authenticatedPair(7)).a);
  const masked = (use: (engine: AuthenticatedEngine) => void | Promise<void>) =>
    alone((engine) => {
      engine.maskFingerprints(masks.a);
      return use(engine);
    });
  const refused = (use: () => unknown) => expect(use).toThrow(expect.objectContaining(usage));

  test('without masks', () =>
    alone(async (engine) => {
      refused(() => engine.fingerprint(give(engine, 'a', x)));
      await expect(engine.sendFingerprint()).rejects.toMatchObject(usage);
      await expect(engine.receiveFingerprint()).rejects.toMatchObject(usage);
    }));

  test('masked twice', () => masked((engine) => refused(() => engine.maskFingerprints(masks.a))));

  test.each([0, 15, 17])('a mask of %i bytes', (length) =>
    alone((engine) => {
      refused(() => engine.maskFingerprints(new Uint8Array(length)));
      refused(() => engine.fingerprint(give(engine, 'a', x)));
      engine.maskFingerprints(masks.a);
    }),
  );

  const wrong: readonly (readonly [string, (engine: AuthenticatedEngine) => Wires[]])[] = [
    ['a part of an input', (engine) => [engine.slice(give(engine, 'a', x), 1)]],
    ['two inputs in one', (engine) => [engine.concat(give(engine, 'a', x), give(engine, 'b', x))]],
    ['no wires', (engine) => [engine.slice(give(engine, 'a', x), 2, 2)]],
    [
      'what gates give',
      (engine) => [engine.apply(oneAnd(5, 5), [give(engine, 'a', x), give(engine, 'b', x)])],
    ],
    ['two inputs of one party', (engine) => [give(engine, 'a', x), give(engine, 'a', x)]],
    ['two inputs of the other', (engine) => [give(engine, 'b', x), give(engine, 'b', x)]],
    [
      'a released input',
      (engine) => {
        const wires = give(engine, 'a', x);
        engine.release(wires);
        return [wires];
      },
    ],
    [
      'an input released in part',
      (engine) => {
        const wires = give(engine, 'a', x);
        engine.release(engine.slice(wires, 4));
        return [wires];
      },
    ],
    [
      'an input twice',
      (engine) => {
        const wires = give(engine, 'a', x);
        engine.fingerprint(wires);
        return [wires];
      },
    ],
  ];
  test.each(wrong)('%s', (_title, wires) =>
    masked((engine) => refused(() => engine.fingerprint(...wires(engine)))),
  );

  /** Both, after a reveal of an input x of a in which nothing but the masks was fingerprinted. */
  const afterReveal = async (use: (engine: AuthenticatedEngine, x: ReturnType<typeof give>) => unknown) =>
    atBoth(await authenticatedPair(8), async (engine) => {
      engine.maskFingerprints(masks[engine.party]);
      const wires = give(engine, 'a', x);
      const revealed = engine.reveal(wires, 'both');
      refused(() => engine.fingerprint(wires)); // at once, too
      expect(await revealed).toEqual(x);
      await use(engine, wires);
    });

  test('an input that an earlier reveal has entered, at its owner and at the other party', () =>
    afterReveal((engine, wires) => refused(() => engine.fingerprint(wires))));

  test('stated before what it covers has been entered', () =>
    afterReveal(async (engine) => {
      enterPart(engine, x, x);
      await expect(engine.sendFingerprint()).rejects.toMatchObject(usage);
      await expect(engine.receiveFingerprint()).rejects.toMatchObject(usage);
    }));

  test('stated before any reveal', () =>
    masked(async (engine) => {
      await expect(engine.sendFingerprint()).rejects.toMatchObject(usage);
      await expect(engine.receiveFingerprint()).rejects.toMatchObject(usage);
    }));

  test('anything added to one that has been stated, whose difference from the next would have no mask', () =>
    afterReveal(async (engine) => {
      await engine.sendFingerprint();
      refused(() => engine.fingerprint(give(engine, 'a', x)));
      await engine.receiveFingerprint();
      refused(() => engine.fingerprint(give(engine, 'b', x)));
    }));
});

test('closed, ERR_CLOSED', async () => {
  const { a } = await authenticatedPair(9);
  const x = give(a, 'a', some(5, 2));
  const closed = { code: 'ERR_CLOSED' };
  a.close();
  expect(() => a.maskFingerprints(masks.a)).toThrow(expect.objectContaining(closed));
  expect(() => a.fingerprint(x)).toThrow(expect.objectContaining(closed));
  await expect(a.sendFingerprint()).rejects.toMatchObject(closed);
  await expect(a.receiveFingerprint()).rejects.toMatchObject(closed);
});

test('a false one closes the engine, outside of a reveal too', async () => {
  const pair = await authenticatedPair(10, {
    intercept: (side, type, fields) =>
      side === 'a' && type.name === 'authenticated.fingerprint'
        ? { ...fields, value: fields.value!.map((byte) => byte ^ 1) }
        : fields,
  });
  const x = some(5, 2);
  const run = async (engine: AuthenticatedEngine) => {
    engine.maskFingerprints(masks[engine.party]);
    const [wires] = enterPart(engine, x, x);
    await engine.reveal(wires, 'both');
    return state(engine);
  };
  const [a, b] = await Promise.allSettled([run(pair.a), run(pair.b)]);
  expect(a.status).toBe('fulfilled');
  expect(b).toMatchObject({ reason: { code: 'ERR_PEER_CHEATED' } });
  expect(() => pair.b.input('b', 5, x)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
});

test.each(['a', 'b'] as const)('%s closed while it waits for the other’s blames nobody', async (party) => {
  const pair = await authenticatedPair(11);
  const x = some(5, 2);
  await atBoth(pair, async (engine) => {
    engine.maskFingerprints(masks[engine.party]);
    const [wires] = enterPart(engine, x, x);
    await engine.reveal(wires, 'both');
  });
  const waiting = expect(pair[party].receiveFingerprint()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  pair[party].close();
  await pair[party === 'a' ? 'b' : 'a'].sendFingerprint();
  await waiting;
});

test.each(['a', 'b'] as const)(
  'its bits are zeroed once %s has entered and fingerprinted it',
  async (party) => {
    const pair = await authenticatedPair(12);
    const kept: Bits[] = [];
    await atBoth(pair, async (engine) => {
      engine.maskFingerprints(masks[engine.party]);
      const wires = enterPart(engine, some(5, 2), some(5, 2));
      const mine = wires[engine.party === 'a' ? 0 : 1] as unknown as { segments: { node: { bits: Bits } }[] };
      if (engine.party === party) kept.push(mine.segments[0]!.node.bits);
      await engine.reveal(wires[0], 'both');
    });
    expect(kept).toEqual([new Uint8Array(5)]);
  },
);
