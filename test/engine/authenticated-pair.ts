import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { AuthenticatedEvaluator } from '../../src/engine/authenticated/evaluator.ts';
import { AuthenticatedGarbler } from '../../src/engine/authenticated/garbler.ts';
import {
  EvaluatorCorrelations,
  GarblerCorrelations,
} from '../../src/garbling/authenticated/ot-correlations.ts';
import { type Intercept, type MemoryLink, memoryLinkPair } from '../../src/link/memory-link.ts';
import { BaseOtReceiver, BaseOtSender, type DealtBaseOts, dealtBaseOts } from '../../src/ot/index.ts';

export interface AuthenticatedPair {
  /** Party a garbles. */
  readonly a: AuthenticatedGarbler;
  readonly b: AuthenticatedEvaluator;
  readonly links: { readonly a: MemoryLink; readonly b: MemoryLink };
  readonly kernels: { readonly a: Kernel; readonly b: Kernel };
}

/** A seed of 16 bytes from a number and a label. */
export function seedOf(seed: number, label: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, seed);
  bytes[15] = label;
  return bytes;
}

/** Both engines over memory links, everything from a seed, with dealt base OTs unless `publicKey`. */
export async function authenticatedPair(
  seed: number,
  options: { intercept?: Intercept; publicKey?: boolean; timeout?: number } = {},
): Promise<AuthenticatedPair> {
  const [linkA, linkB] = memoryLinkPair({
    timeout: options.timeout ?? 10_000,
    ...(options.intercept === undefined ? {} : { intercept: options.intercept }),
  });
  const randomA = seededRandom(seedOf(seed, 1));
  const randomB = seededRandom(seedOf(seed, 2));
  const sid = seedOf(seed, 3);
  const kernels = { a: new Kernel(), b: new Kernel() };
  const sender = new BaseOtSender(randomA, sid);
  let dealt: DealtBaseOts | undefined;
  const evaluator = new EvaluatorCorrelations({ kernel: kernels.b, random: randomB, sid }, (delta) => {
    if (options.publicKey) return new BaseOtReceiver(randomB, sid, delta, sender.point);
    const bases = dealtBaseOts(seededRandom(seedOf(seed, 4)), delta);
    dealt = bases;
    return { message: new Uint8Array(128 * 64), keys: () => bases.chosen, clear() {} };
  });
  const garbler = new GarblerCorrelations(
    { kernel: kernels.a, random: randomA, sid },
    options.publicKey ? sender : { keys: () => dealt!.pairs },
  );
  await evaluator.begin(linkB);
  const common = { sessionId: new Uint8Array(32).fill(seed & 255) };
  return {
    a: new AuthenticatedGarbler({ ...common, link: linkA, random: randomA, party: 'a', correlated: garbler }),
    b: new AuthenticatedEvaluator({
      ...common,
      link: linkB,
      random: randomB,
      party: 'b',
      correlated: evaluator,
    }),
    links: { a: linkA, b: linkB },
    kernels,
  };
}
