import { CotReceiver, CotSender } from '../../../src/ot/index.ts';
import type { SeatedEvaluator, SeatedGarbler } from './engines.ts';
import { hook, type Inside } from './hooks.ts';

/** What a cheater picks, for `count` bits from number `position` of the run on. */
export interface Choices {
  /** The MACs on its own bits, 16 bytes each; bit 0 of each is the bit. */
  macs(position: number, count: number): Uint8Array;
  /** Its keys on the other party's bits, 16 bytes each, of which bit 0 is cleared; by default those that the extension gives. */
  keys?(position: number, count: number): Uint8Array;
}

/**
 * Has both parties run on the ideal functionality of authenticated bits, in which a corrupt party picks its bits, its MACs and its keys, and the honest one's
 * follow: K = M ⊕ x·Δ. SoftSpoken OT runs too, and its output is replaced; bits of silent OT are not. Until `undoHooks`; the result goes to `seated` of `duel`.
 */
export function idealBits(
  cheater: 'a' | 'b',
  choices: Choices,
): (one: SeatedGarbler | SeatedEvaluator) => void {
  const honest = cheater === 'a' ? 'b' : 'a';
  let cheaterDelta = (): Uint8Array => new Uint8Array(16);
  const delivered = { macs: [] as Uint8Array[], keys: [] as Uint8Array[] };
  const position = { macs: 0, keys: 0 };

  hook(CotReceiver, 'extend', cheater, (self: Inside, honestly, count: number, given, into) => {
    const result = honestly(count, given, into);
    if (given !== undefined) return result; // base seeds
    const macs = choices.macs(position.macs, count);
    position.macs += count;
    self.kernel.write(result.macs, macs);
    delivered.macs.push(macs);
    return result;
  });
  hook(CotSender, 'extend', honest, (self: Inside, honestly, count, message, into) => {
    const keys = honestly(count, message, into);
    if (into === undefined) return keys;
    self.kernel.write(keys, withDelta(delivered.macs.shift()!, undefined, self.delta));
    return keys;
  });
  if (choices.keys === undefined) return () => undefined;

  hook(CotReceiver, 'extend', honest, (self: Inside, honestly, count: number, given, into) => {
    const result = honestly(count, given, into);
    if (given !== undefined) return result;
    const keys = choices.keys!(position.keys, count);
    for (let at = 0; at < keys.length; at += 16) keys[at]! &= 0xfe;
    position.keys += count;
    const macs = self.kernel.read(result.macs, 16 * count);
    self.kernel.write(result.macs, withDelta(keys, macs, cheaterDelta()));
    delivered.keys.push(keys);
    return result;
  });
  hook(CotSender, 'extend', cheater, (self: Inside, honestly, count, message, into) => {
    const keys = honestly(count, message, into);
    if (into !== undefined) self.kernel.write(keys, delivered.keys.shift()!);
    return keys;
  });
  return ({ kernel, correlated }) => {
    if ((correlated.role === 'garbler') === (cheater === 'a')) {
      cheaterDelta = () => kernel.read(correlated.delta, 16);
    }
  };
}

/** `blocks`, plus Δ wherever bit 0 of `bits` (of the blocks themselves by default) is 1. */
function withDelta(blocks: Uint8Array, bits = blocks, delta: Uint8Array): Uint8Array {
  const sum = blocks.slice();
  for (let at = 0; at < sum.length; at += 16) {
    const mask = -(bits[at]! & 1);
    for (let j = 0; j < 16; j += 1) sum[at + j]! ^= delta[j]! & mask;
  }
  return sum;
}
