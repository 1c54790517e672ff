import { expect } from 'vitest';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import type { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import type { Bits, FingerprintingEngine, Party, Wires } from '../../src/engine/engine.ts';
import { element, polynomialHash } from '../crypto/polynomial-hash-reference.ts';
import type { AuthenticatedPair } from './authenticated-pair.ts';
import { give } from './contract.ts';

/** What a party enters in each part. */
export type Parts = Readonly<Record<Party, readonly Bits[]>>;
export type Masks = Readonly<Record<Party, Uint8Array>>;

/** What a party has at the end. */
export interface Statement {
  readonly own: Uint8Array;
  readonly peer: Uint8Array;
  readonly keys: readonly Uint8Array[];
}

/** mask ⊕ the hash of each part under its key. */
export function expectedFingerprint(
  mask: Uint8Array,
  parts: readonly Bits[],
  keys: readonly Uint8Array[],
): bigint {
  return parts.reduce((sum, bits, part) => sum ^ polynomialHash(bits, keys[part]!), element(mask));
}

/** One AND, of the first bits of two inputs. */
export function oneAnd(left: number, right: number) {
  const c = new CircuitBuilder();
  const [x, y] = [c.input(left), c.input(right)];
  c.output([c.and(x[0]!, y[0]!)]);
  return c.build();
}

/** Enters a part of both parties, and fingerprints it. */
export function enterPart(engine: FingerprintingEngine, a: Bits, b: Bits): [Wires, Wires] {
  const wires: [Wires, Wires] = [give(engine, 'a', a), give(engine, 'b', b)];
  engine.fingerprint(...wires);
  return wires;
}

/** Both parties state their fingerprints. */
export async function state(engine: FingerprintingEngine): Promise<Statement> {
  const own = await engine.sendFingerprint();
  return { own, peer: await engine.receiveFingerprint(), keys: engine.fingerprintKeys };
}

/** Enters masks and then parts, each used by a gate and released at once; opens something, and states. */
export async function enterAndState(
  engine: FingerprintingEngine,
  mask: Uint8Array,
  parts: Parts,
): Promise<Statement> {
  engine.maskFingerprints(mask);
  let last: Wires | undefined;
  parts.a.forEach((a, i) => {
    const b = parts.b[i]!;
    const wires = enterPart(engine, a, b);
    last = engine.apply(oneAnd(a.length, b.length), wires);
    engine.release(...wires);
  });
  await engine.reveal(last!, 'both');
  return state(engine);
}

/** Runs the same program at both parties. */
export function atBoth<T>(
  pair: AuthenticatedPair,
  program: (engine: AuthenticatedEngine) => Promise<T>,
): Promise<[T, T]> {
  return Promise.all([program(pair.a), program(pair.b)]);
}

/** What both state. */
export async function statements(
  pair: AuthenticatedPair,
  masks: Masks,
  parts: Parts,
): Promise<Record<Party, Statement>> {
  const [a, b] = await atBoth(pair, (engine) => enterAndState(engine, masks[engine.party], parts));
  return { a, b };
}

/** Each states what it has entered, under the same keys, and the other gets that. */
export function expectRight({ a, b }: Record<Party, Statement>, masks: Masks, parts: Parts): void {
  expect(a.keys).toHaveLength(parts.a.length);
  expect(a.keys).toEqual(b.keys);
  expect(new Set(a.keys.map(String)).size).toBe(parts.a.length);
  expect(element(a.own)).toBe(expectedFingerprint(masks.a, parts.a, a.keys));
  expect(element(b.own)).toBe(expectedFingerprint(masks.b, parts.b, a.keys));
  expect([a.peer, b.peer]).toEqual([b.own, a.own]);
}
