import { equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import { blockAt, byteAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import { PeerCheatedError } from '../../errors.ts';
import { BASE_OTS } from '../base/messages.ts';
import { bitAt, SEED } from '../seeds.ts';
import { answer, challenge, hashMatrix } from './check.ts';
import { COLUMNS, correctionLength, DEFAULT_DEPTH, matrixRows, type TreeDepth } from './parameters.ts';
import { type BatchFields, digestSetup } from './receiver.ts';
import { allocateScratch, CHUNK_ROWS, freeScratch, LeafStreams, type Scratch } from './streams.ts';
import { Forest, type SetupFields } from './trees.ts';

export interface CotSenderOptions {
  readonly kernel: Kernel;
  /** As for the receiver. */
  readonly sid: Uint8Array;
  readonly direction: string;
  /** Δ, 16 bytes: what the base OTs' choices were. Copied. */
  readonly delta: Uint8Array;
  /** The output of a base-OT receiver whose choices were Δ, 128·16 bytes. Zeroed. */
  readonly seeds: Uint8Array;
  readonly depth?: TreeDepth;
  /** As for the receiver; needs bit 0 of Δ to be 1. */
  readonly choiceInBit0?: boolean;
}

/** The party that holds Δ and keys K = M ⊕ x·Δ (README.md, steps 2, 3 and 6). */
export class CotSender {
  private readonly kernel: Kernel;
  private readonly sid: Uint8Array;
  private readonly direction: string;
  private readonly delta: Uint8Array;
  private readonly seeds: Uint8Array;
  private readonly depth: TreeDepth;
  private readonly choiceInBit0: boolean;
  private setupDigest = new Uint8Array();
  private streams: LeafStreams | undefined;
  private batch = 0;
  private open = true;

  constructor(options: CotSenderOptions) {
    if (options.delta.length !== SEED || options.seeds.length !== BASE_OTS * SEED)
      throw new RangeError('COT seeds');
    this.kernel = options.kernel;
    this.sid = options.sid.slice();
    this.direction = options.direction;
    this.delta = options.delta.slice();
    this.seeds = options.seeds;
    this.depth = options.depth ?? DEFAULT_DEPTH;
    this.choiceInBit0 = options.choiceInBit0 ?? false;
    if (this.choiceInBit0 && bitAt(this.delta, 0) !== 1) throw new RangeError('bit 0 of Δ must be 1');
  }

  /** Step 2: takes the setup message, once. Throws `ERR_PEER_CHEATED` unless it is consistent; nothing works afterwards. */
  acceptSetup(setup: SetupFields): void {
    if (!this.open || this.streams !== undefined) throw new Error('a COT setup is accepted once');
    try {
      const forest = new Forest(this.sid, this.direction, this.depth);
      this.streams = new LeafStreams(this.kernel, forest.regrow(this.seeds, this.delta, setup), this.depth, [
        this.sid,
        this.direction,
      ]);
      this.setupDigest = digestSetup(setup) as Uint8Array<ArrayBuffer>;
      this.seeds.fill(0);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * The next batch's keys, from the receiver's message: `count` blocks, the caller's to free: at `into` if given, which needs room
   * for `matrixRows(count)`. Throws `ERR_PEER_CHEATED` unless the consistency check passes (step 6); no key of the batch is given out
   * before, and nothing works afterwards.
   */
  extend(count: number, message: BatchFields, into?: Pointer): Pointer {
    if (!this.open || this.streams === undefined) throw new Error('this COT sender is not ready');
    const { kernel, depth } = this;
    const rows = matrixRows(count);
    if (
      message.correction.length !== correctionLength({ count, depth }) ||
      message.choiceHash.length !== 16 ||
      message.macHash.length !== 32
    ) {
      this.close();
      throw new PeerCheatedError('COT batch');
    }
    const keys = into ?? kernel.allocate(rows * 16);
    const scratch = allocateScratch(kernel, rows, depth);
    const received = kernel.allocate(scratch.rows / 8);
    let read = 0;
    for (let row = 0; row < rows; row += CHUNK_ROWS) {
      read = this.chunk(
        scratch,
        received,
        keys,
        row,
        Math.min(CHUNK_ROWS, rows - row),
        message.correction,
        read,
      );
    }
    kernel.free(received);
    freeScratch(kernel, scratch);
    try {
      check('COT consistency', this.consistent(keys, rows, count, message));
    } catch (error) {
      if (into === undefined) kernel.free(keys);
      else kernel.view(keys, rows * 16).fill(0);
      this.close();
      throw error;
    }
    if (this.choiceInBit0) kernel.call.clearBits(keys, count);
    this.batch++;
    return keys;
  }

  /** Zeroes Δ and every seed; keys already given stay the caller's. */
  close(): void {
    if (this.open) this.streams?.clear();
    this.open = false;
    this.delta.fill(0);
    this.seeds.fill(0);
  }

  /** Step 3 at this side: column b of a tree is the leaves' fold, plus (sum of all leaves ⊕ correction) where Δ has bit b. */
  private chunk(
    scratch: Scratch,
    received: Pointer,
    keys: Pointer,
    row: number,
    rows: number,
    correction: Uint8Array,
    at: number,
  ): number {
    const { kernel, depth } = this;
    const length = rows / 8;
    const { columns, sum } = scratch;
    this.streams!.enter(this.batch, row);
    for (let tree = 0; tree < COLUMNS / depth; tree++) {
      this.streams!.fold(scratch, tree, rows);
      kernel.write(received, correction.subarray(at, at + length));
      kernel.call.xorBlocks(sum, sum, received, rows / 128);
      for (let column = tree * depth; column < (tree + 1) * depth; column++) {
        kernel.call.addWhere(byteAt(columns, column * length), sum, bitAt(this.delta, column), length);
      }
      at += length;
    }
    kernel.call.transposeColumns(blockAt(keys, row), columns, length, rows / 128);
    return at;
  }

  /** Step 6: the hash of the keys is that of the MACs, plus Δ wherever the hash of the choices has a one. */
  private consistent(keys: Pointer, rows: number, count: number, message: BatchFields): boolean {
    const { sid, direction, setupDigest: setup, batch } = this;
    const seed = challenge({ sid, direction, setup, batch, count }, message.correction);
    const hashed = hashMatrix(this.kernel, seed, keys, rows);
    for (let row = 0; row < 128; row++) {
      if (bitAt(message.choiceHash, row) === 0) continue;
      for (let j = 0; j < 16; j++) hashed[row * 16 + j] = hashed[row * 16 + j]! ^ this.delta[j]!;
    }
    const passed = equalBytes(answer(seed, hashed), message.macHash);
    hashed.fill(0);
    return passed;
  }
}
