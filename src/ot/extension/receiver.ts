import { hash } from '../../crypto/hash.ts';
import { blockAt, byteAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import type { Random } from '../../crypto/random.ts';
import { tags } from '../../crypto/tags.ts';
import type { SeedPairs } from '../seeds.ts';
import { answer, challenge, hashColumn, hashMatrix } from './check.ts';
import { COLUMNS, correctionLength, DEFAULT_DEPTH, matrixRows, type TreeDepth } from './parameters.ts';
import { allocateScratch, CHUNK_ROWS, freeScratch, LeafStreams, type Scratch } from './streams.ts';
import { Forest, type SetupFields } from './trees.ts';

export interface CotReceiverOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  /** Names the session, base OTs included; the same at both ends. */
  readonly sid: Uint8Array;
  /** Names this instance within the session; the same at both ends, and different for the other direction. */
  readonly direction: string;
  /** The output of a base-OT sender. Zeroed. */
  readonly seeds: SeedPairs;
  readonly depth?: TreeDepth;
  /** Puts each choice in bit 0 of its MAC, and zero in bit 0 of the key; both ends must say so. Default false. */
  readonly choiceInBit0?: boolean;
}

/** The fields of a batch message. */
export interface BatchFields {
  readonly correction: Uint8Array;
  readonly choiceHash: Uint8Array;
  readonly macHash: Uint8Array;
}

/** The party that holds choices x and MACs M = K ⊕ x·Δ (README.md, steps 1 to 5). */
export class CotReceiver {
  /** Fields of the setup message; it travels before the first batch, in the same flight. */
  readonly setup: SetupFields;
  private readonly kernel: Kernel;
  private readonly random: Random;
  private readonly sid: Uint8Array;
  private readonly direction: string;
  private readonly depth: TreeDepth;
  private readonly choiceInBit0: boolean;
  private readonly setupDigest: Uint8Array;
  private readonly streams: LeafStreams;
  private batch = 0;
  private open = true;

  constructor(options: CotReceiverOptions) {
    this.kernel = options.kernel;
    this.random = options.random;
    this.sid = options.sid.slice();
    this.direction = options.direction;
    this.depth = options.depth ?? DEFAULT_DEPTH;
    this.choiceInBit0 = options.choiceInBit0 ?? false;
    const { leaves, setup } = new Forest(this.sid, this.direction, this.depth).grow(options.seeds);
    this.setup = setup;
    this.setupDigest = digestSetup(setup);
    this.streams = new LeafStreams(this.kernel, leaves, this.depth, [this.sid, this.direction]);
    options.seeds.zero.fill(0);
    options.seeds.one.fill(0);
  }

  /**
   * The next batch, of `count` COTs (1 to 2²²). `choices` are packed least significant first, ⌈count/8⌉ bytes; without them
   * they are drawn at random (and found in bit 0 of the MACs with `choiceInBit0`). `macs` points to `count` blocks, the
   * caller's to free: at `into` if given, which needs room for `matrixRows(count)`. The message must go out before
   * anything that depends on them.
   */
  extend(
    count: number,
    choices?: Uint8Array,
    into?: Pointer,
  ): { readonly message: BatchFields; readonly macs: Pointer } {
    if (!this.open) throw new Error('this COT receiver is closed');
    const { kernel } = this;
    const rows = matrixRows(count);
    const macs = into ?? kernel.allocate(rows * 16);
    const bits = kernel.allocate(rows / 8);
    this.drawChoices(bits, rows, count, choices);
    const scratch = allocateScratch(kernel, rows, this.depth);
    const correction = new Uint8Array(correctionLength({ count, depth: this.depth }));
    let written = 0;
    for (let row = 0; row < rows; row += CHUNK_ROWS) {
      written = this.chunk(scratch, macs, bits, row, Math.min(CHUNK_ROWS, rows - row), correction, written);
    }
    freeScratch(kernel, scratch);
    const { sid, direction, setupDigest: setup, batch } = this;
    const seed = challenge({ sid, direction, setup, batch, count }, correction);
    const hashed = hashMatrix(kernel, seed, macs, rows);
    const message = {
      correction,
      choiceHash: hashColumn(kernel, seed, bits, rows),
      macHash: answer(seed, hashed),
    };
    hashed.fill(0);
    if (this.choiceInBit0) kernel.call.placeBits(macs, bits, count);
    kernel.free(bits);
    this.batch++;
    return { message, macs };
  }

  /** Forgets every secret; MACs that were given out stay the caller's. */
  close(): void {
    if (this.open) this.streams.clear();
    this.open = false;
  }

  /** The choices, then random bits for the rows that only pad, and for those that hide the check. */
  private drawChoices(bits: Pointer, rows: number, count: number, choices: Uint8Array | undefined): void {
    const drawn = this.random(rows / 8);
    if (choices !== undefined) {
      const whole = count >> 3;
      if (choices.length !== Math.ceil(count / 8)) throw new RangeError('COT choices');
      drawn.set(choices.subarray(0, whole));
      const kept = (1 << (count & 7)) - 1;
      if (kept !== 0) drawn[whole] = (choices[whole]! & kept) | (drawn[whole]! & ~kept);
    }
    this.kernel.write(bits, drawn);
    drawn.fill(0);
  }

  /** Step 3 for `rows` rows from `row` on: writes their corrections from `at` on, gives the position after them. */
  private chunk(
    scratch: Scratch,
    macs: Pointer,
    bits: Pointer,
    row: number,
    rows: number,
    correction: Uint8Array,
    at: number,
  ): number {
    const { kernel, depth } = this;
    this.streams.enter(this.batch, row);
    for (let tree = 0; tree < COLUMNS / depth; tree++) {
      this.streams.fold(scratch, tree, rows);
      kernel.call.xorBlocks(scratch.sum, scratch.sum, byteAt(bits, row / 8), rows / 128);
      correction.set(kernel.view(scratch.sum, rows / 8), at);
      at += rows / 8;
    }
    kernel.call.transposeColumns(blockAt(macs, row), scratch.columns, rows / 8, rows / 128);
    return at;
  }
}

/** A digest that binds later hashes to the setup message, 32 bytes. */
export function digestSetup(setup: SetupFields): Uint8Array {
  return hash(tags.cotSetup, setup.sums, setup.proof, setup.digest);
}
