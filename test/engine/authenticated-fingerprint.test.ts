import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packBits } from '../../src/circuit/bits.ts';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import type { FingerprintingEngine } from '../../src/engine/engine.ts';
import { authenticatedPair } from './authenticated-pair.ts';

/** GF(2^128) with bigints: bit r is the coefficient of z^r. */
function multiply(left: bigint, right: bigint): bigint {
  let product = 0n;
  for (let i = 0n; i < 128n; i += 1n) if ((right >> i) & 1n) product ^= left << i;
  for (let i = 254n; i >= 128n; i -= 1n) {
    if ((product >> i) & 1n) product ^= ((1n << 128n) | 0x87n) << (i - 128n);
  }
  return product;
}

function element(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** mask ⊕ Σ over the parts Σ_j c_j·key^(J+1−j). */
function expected(mask: Uint8Array, parts: readonly Uint8Array[], keys: readonly Uint8Array[]): bigint {
  return parts.reduce((sum, bits, part) => {
    let state = 0n;
    for (let at = 0; at < bits.length; at += 128) {
      state = multiply(state ^ element(packBits(bits.subarray(at, at + 128))), element(keys[part]!));
    }
    return sum ^ state;
  }, element(mask));
}

function circuit(width: number) {
  const c = new CircuitBuilder();
  const [x, y] = [c.input(width), c.input(width)];
  c.output([c.and(x[0]!, y[0]!)]);
  return c.build();
}

type Parts = Readonly<Record<'a' | 'b', readonly Uint8Array[]>>;

/** Both enter their parts, by turns, and fingerprint each pair; then open something, and say their fingerprints. */
async function run(engine: FingerprintingEngine, mask: Uint8Array, parts: Parts) {
  const { party } = engine;
  const own = parts[party];
  engine.maskFingerprints(mask);
  let last: ReturnType<typeof engine.apply> | undefined;
  own.forEach((bits, i) => {
    const [x, y] = (['a', 'b'] as const).map((owner) =>
      engine.input(owner, parts[owner][i]!.length, owner === party ? bits : undefined),
    ) as [never, never];
    engine.fingerprint(x, y);
    last = engine.apply(circuit(bits.length), [x, y]);
    engine.release(x, y);
  });
  await engine.reveal(last!, 'both');
  const sent = await engine.sendFingerprint();
  return { own: sent, peer: await engine.receiveFingerprint(), keys: engine.fingerprintKeys };
}

const bits = (length: number) => fc.uint8Array({ minLength: length, maxLength: length, max: 1 });
const mask = fc.uint8Array({ minLength: 16, maxLength: 16 });
const widths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });
const scene = widths.chain((list) => {
  const parts = fc.tuple(...list.map(bits));
  return fc.record({ masks: fc.tuple(mask, mask), a: parts, b: parts, seed: fc.nat({ max: 9999 }) });
});

test('each party’s fingerprint is the hash of what it entered, under the same keys on both sides', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ masks, a, b, seed }) => {
      const pair = await authenticatedPair(seed);
      const [atA, atB] = await Promise.all([
        run(pair.a, masks[0], { a, b }),
        run(pair.b, masks[1], { a, b }),
      ]);
      expect(atA.keys).toHaveLength(a.length);
      expect(atA.keys).toEqual(atB.keys);
      expect(new Set(atA.keys.map(String)).size).toBe(a.length);
      expect(element(atA.own)).toBe(expected(masks[0], a, atA.keys));
      expect(element(atB.own)).toBe(expected(masks[1], b, atA.keys));
      expect(atA.peer).toEqual(atB.own);
      expect(atB.peer).toEqual(atA.own);
    }),
    { numRuns: 15 },
  );
});
