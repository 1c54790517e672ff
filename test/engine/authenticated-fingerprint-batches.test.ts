import { describe, expect, test, vi } from 'vitest';
import type { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import type { Bits, Wires } from '../../src/engine/engine.ts';
import { authenticatedPair } from './authenticated-pair.ts';
import { give } from './contract.ts';
import { atBoth, enterPart, expectRight, oneAnd, type Parts, state, statements } from './fingerprinting.ts';

// So low that masks and inputs are cut, and that every part of what follows takes several batches.
vi.mock('../../src/engine/batch-limit.ts', () => ({ BATCH_LIMIT: 150 }));

const masks = { a: new Uint8Array(16).fill(0x71), b: new Uint8Array(16).fill(0x8e) };
const some = (length: number, step: number) => Uint8Array.from({ length }, (_, i) => +(i % step === 1));

/** Lengths that end within a batch, at its end, and several batches later; the last ones leave a part in two batches. */
const parts: Parts = {
  a: [some(44, 3), some(150, 4), some(1, 2), some(333, 5), some(128, 2)],
  b: [some(150, 2), some(7, 3), some(149, 6), some(300, 7), some(129, 3)],
};

async function run(prepared: number | undefined, program: (engine: AuthenticatedEngine) => Wires) {
  const pair = await opened(prepared);
  const [a, b] = await atBoth(pair, async (engine) => {
    engine.maskFingerprints(masks[engine.party]);
    await engine.reveal(program(engine), 'both');
    return state(engine);
  });
  expectRight({ a, b }, masks, parts);
}

async function opened(prepared: number | undefined) {
  const pair = await authenticatedPair(1);
  if (prepared !== undefined) await atBoth(pair, (engine) => engine.prepare(prepared));
  return pair;
}

const enterAll = (engine: AuthenticatedEngine) => parts.a.map((a, i) => enterPart(engine, a, parts.b[i]!));

describe.each([undefined, 0, 60])('over several batches, prepared: %s', (prepared) => {
  test('each part in turn, used and released', async () => {
    expectRight(await statements(await opened(prepared), masks, parts), masks, parts);
  });

  test('all inputs first, and gates after them', () =>
    run(prepared, (engine) => {
      const outputs = enterAll(engine).map(([x, y]) => engine.apply(oneAnd(x.width, y.width), [x, y]));
      return engine.concat(...outputs);
    }));

  test('all inputs first, and what is fingerprinted said batches later, with gates between', () =>
    run(prepared, (engine) => {
      const pairs = parts.a.map((a, i) => [give(engine, 'a', a), give(engine, 'b', parts.b[i]!)] as const);
      let last = engine.apply(oneAnd(44, 150), pairs[0]!);
      for (let i = 0; i < 200; i += 1)
        last = engine.apply(oneAnd(1, 1), [last, engine.slice(pairs[0]![1], 0, 1)]);
      for (const pair of pairs) engine.fingerprint(...pair);
      engine.release(...pairs.flat());
      return last;
    }));
});

test('a later part changes no earlier key; its own depends on every bit of either party that its batches entered', async () => {
  const keysOf = async (given: Parts) => {
    const { a } = await statements(await authenticatedPair(2), masks, given);
    return a.keys.map(String);
  };
  const flip = (bits: Bits, at: number) => bits.map((bit, i) => bit ^ +(i === at));
  const usual = await keysOf(parts);
  for (const party of ['a', 'b'] as const) {
    for (const [part, own] of parts[party].entries()) {
      for (const at of new Set([0, own.length - 1])) {
        const changed = await keysOf({
          ...parts,
          [party]: parts[party].map((bits, i) => (i === part ? flip(bits, at) : bits)),
        });
        const differs = changed.map((key, i) => key !== usual[i]);
        // A part may share its batch with the end of the one before, whose key then also depends on it.
        expect(differs.slice(part).every(Boolean), `${party} ${part} ${at}`).toBe(true);
        expect(differs.slice(0, Math.max(0, part - 1)).some(Boolean), `${party} ${part} ${at}`).toBe(false);
      }
    }
  }
});

test('bits of an input are kept for its fingerprint, and zeroed then', async () => {
  const pair = await authenticatedPair(3);
  await atBoth(pair, async (engine) => {
    engine.maskFingerprints(masks[engine.party]);
    const wires = [give(engine, 'a', some(100, 2)), give(engine, 'b', some(100, 2))];
    const nodes = wires.map(
      (each) => (each as unknown as { segments: { node: { bits?: Bits } }[] }).segments[0]!.node,
    );
    const mine = nodes[engine.party === 'a' ? 0 : 1]!;
    const bits = mine.bits!;
    const last = engine.concat(...wires, give(engine, 'a', some(200, 2)));
    engine.fingerprint(...wires);
    await engine.reveal(last, 'both');
    expect(mine.bits).toBeUndefined();
    expect(bits).toEqual(new Uint8Array(100));
    await state(engine);
  });
});
