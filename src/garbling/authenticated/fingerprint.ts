import { equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import { hash } from '../../crypto/hash.ts';
import type { Pointer } from '../../crypto/kernel.ts';
import {
  addHash,
  addHashOf,
  addHashOfBlocks,
  allocatePieces,
  HASH_LENGTH,
} from '../../crypto/polynomial-hash.ts';
import { tags } from '../../crypto/tags.ts';
import type { Fields } from '../../link/message.ts';
import type { Context } from './context.ts';
import { fingerprint } from './messages.ts';

/** 1 in GF(2^128): the key of the first part, the masks, which are added as they are. */
const UNIT = Uint8Array.of(1, ...new Uint8Array(HASH_LENGTH - 1));

/** What is kept of consecutive wires of one party: keys and MACs of the shares of their masks, and active labels. */
export interface EnteredWires {
  readonly keys: Pointer;
  readonly macs: Pointer;
  readonly labels: Pointer;
  readonly count: number;
}

/** A fingerprint so far, and what proves it: F and Z for one's own, A and B for the peer's. */
interface Sums {
  readonly value: Uint8Array;
  readonly proof: Uint8Array;
}

/** Step 12 at one party: both parties' fingerprints of what they have entered, as far as this one knows them. */
export class InputFingerprints {
  /** The key of each part so far, 16 bytes each, but for that of the masks. */
  readonly keys: Uint8Array[] = [];
  private masked = false;
  private readonly context: Context;
  /** A digest of everything that both have entered, under its masks. */
  private entered: Uint8Array;
  private readonly own: Sums = { value: new Uint8Array(HASH_LENGTH), proof: new Uint8Array(HASH_LENGTH) };
  private readonly peer: Sums = { value: new Uint8Array(HASH_LENGTH), proof: new Uint8Array(HASH_LENGTH) };

  constructor(context: Context) {
    this.context = context;
    this.entered = hash(tags.authenticatedInputs, context.binding);
  }

  /** Once both parties' masked inputs of a batch are known to both (packed; undefined for none). */
  absorb(garbler: Uint8Array | undefined, evaluator: Uint8Array | undefined): void {
    const none = new Uint8Array(0);
    this.entered = hash(tags.authenticatedInputs, this.entered, garbler ?? none, evaluator ?? none);
  }

  /** Draws the key of the next part. Both parties do so at the same place of the computation. */
  nextKey(): Uint8Array {
    if (!this.masked) {
      this.masked = true;
      return UNIT;
    }
    const key = hash(tags.fingerprintKey, this.entered, this.keys.length).subarray(0, HASH_LENGTH);
    this.keys.push(key);
    return key;
  }

  /** Adds a part that this party has entered: its bits packed, and the MACs on its shares. */
  addOwn(bits: Uint8Array, { macs, count }: EnteredWires, key: Uint8Array): void {
    const { kernel } = this.context;
    addHashOf(kernel, this.own.value, key, bits);
    addHashOfBlocks(kernel, this.own.proof, key, macs, count);
  }

  /** Adds the same part of what the peer has entered: its masked values, less this party's shares of the masks, and the keys. */
  addPeer({ keys, macs, labels, count }: EnteredWires, key: Uint8Array): void {
    const { kernel } = this.context;
    for (const blocks of [labels, macs]) {
      const bits = allocatePieces(kernel, count);
      kernel.call.packBits(bits, blocks, count, 0);
      addHash(kernel, this.peer.value, key, bits, count);
      kernel.free(bits);
    }
    addHashOfBlocks(kernel, this.peer.proof, key, keys, count);
  }

  /** Sends this party's fingerprint, and gives it. */
  async send(): Promise<Uint8Array> {
    await this.context.link.send(fingerprint, undefined, { ...this.own });
    return this.own.value.slice();
  }

  /** The fingerprint that the peer states. Throws `ERR_PEER_CHEATED` unless it is that of what the peer has entered. */
  verify({ value, proof }: Fields<'value' | 'proof'>): Uint8Array {
    const { context, peer } = this;
    const { kernel } = context;
    const expected = peer.proof.slice();
    const delta = kernel.read(context.delta, HASH_LENGTH);
    const difference = value.map((byte, i) => byte ^ peer.value[i]!);
    addHashOf(kernel, expected, delta, difference); // one piece: (F ⊕ A)·Δ
    const holds = equalBytes(expected, proof);
    for (const secret of [expected, delta, difference]) secret.fill(0);
    check('fingerprint', holds);
    return value.slice();
  }

  /** Forgets the sums. */
  clear(): void {
    for (const { value, proof } of [this.own, this.peer]) {
      value.fill(0);
      proof.fill(0);
    }
  }
}
