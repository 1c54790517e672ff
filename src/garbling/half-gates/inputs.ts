import type { Link } from '../../channel/link.ts';
import type { Pointer } from '../../crypto/kernel.ts';

/**
 * The garbler's end of the correlated OTs that give the evaluator its labels: keys K and MACs M with M = K ⊕ x·Δ, so that
 * K is a wire's zero label and M the active one for the evaluator's bit x.
 */
export interface LabelSender {
  /** Δ, 16 bytes in the engine's kernel; bit 0 is 1. */
  readonly delta: Pointer;
  /** Receives the evaluator's message for `count` wires and gives their zero labels (16 bytes each), which the caller frees. */
  zeroLabels(link: Link, count: number): Promise<Pointer>;
}

/** The evaluator's end of the same. */
export interface LabelReceiver {
  /**
   * Sends the message for `count` choices (packed least significant first) and gives the active labels (16 bytes each), which the
   * caller frees. The message is queued before this returns, so that calls keep their order.
   */
  activeLabels(link: Link, choices: Uint8Array, count: number): Promise<Pointer>;
}
