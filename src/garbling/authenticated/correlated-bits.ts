import { blockAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import type { Link } from '../../link/link.ts';

/** The two roles in the protocol. */
export type Role = 'garbler' | 'evaluator';

/**
 * Step 1: this party's end of the two COT extensions, one in each direction. It may serve several engines one after another on
 * the same connection. Neither Δ, keys nor MACs ever leave the kernel's memory.
 */
export interface CorrelatedBits {
  readonly kernel: Kernel;
  readonly role: Role;
  /** This party's Δ: 16 bytes; bit 0 is 1, bit 1 is 1 at the garbler and 0 at the evaluator. */
  readonly delta: Pointer;
  /**
   * The garbler's first half: draws `count` random bits, and sends the peer what gives it keys on them. Gives where the MACs are, 16 bytes each, bit 0 of
   * each being the bit itself. They may be used once `accept` has resolved: a large batch is verified only there.
   */
  offer(link: Link, count: number): Promise<Pointer>;
  /**
   * The garbler's second half, for as many of the evaluator's bits. Only when everything that the peer has sent is verified this gives the keys, 16 bytes each, with
   * bit 0 zero: the peer's MAC is the key, plus this party's Δ if the bit is 1.
   */
  accept(link: Link, count: number): Promise<Pointer>;
  /**
   * Both at once, for the evaluator, which computes its own bits while the garbler computes its own. `verified` is called once all of the garbler's bits
   * have been verified. Those of a small batch leave only then, together with what follows.
   */
  exchange(link: Link, count: number, verified: () => Promise<void>): Promise<Shares>;
}

/** Keys on the peer's shares and MACs on one's own, of the same authenticated bits, 16 bytes each. */
export interface Shares {
  readonly keys: Pointer;
  readonly macs: Pointer;
}

/** The shares from position `start` on. */
export function sharesAt({ keys, macs }: Shares, start: number): Shares {
  return { keys: blockAt(keys, start), macs: blockAt(macs, start) };
}
