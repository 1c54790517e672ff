import { ParleyError } from '../errors.ts';

/** A byte offset into a kernel's memory, 16-byte aligned. */
export type Pointer = number;

/** What wasm/index.ts exports; each function's contract stands in its file under wasm/. */
export interface KernelFunctions {
  xorBlocks(target: Pointer, left: Pointer, right: Pointer, count: number): void;
  xorTriples(plane: Pointer, triples: Pointer, count: number, copies: number): void;
  scatterCopies(
    slots: Pointer,
    source: Pointer,
    width: number,
    copies: number,
    first: number,
    count: number,
  ): void;
  broadcastSlots(slots: Pointer, source: Pointer, count: number, copies: number): void;
  collectSlots(target: Pointer, plane: Pointer, list: Pointer, width: number, copies: number): void;
  xorSelected(target: Pointer, source: Pointer, bits: Pointer, delta: Pointer, count: number): void;
  extractBits(target: Pointer, source: Pointer, bit: number, count: number): void;
  naturalInputs(target: Pointer, source: Pointer, count: number, first: number, domain: number): void;
  garblePrepare(
    blocks: Pointer,
    plane: Pointer,
    triples: Pointer,
    copies: number,
    first: number,
    count: number,
    delta: Pointer,
    gate: number,
  ): void;
  garbleFinish(
    tables: Pointer,
    blocks: Pointer,
    plane: Pointer,
    triples: Pointer,
    copies: number,
    first: number,
    count: number,
    delta: Pointer,
    gate: number,
  ): void;
  evaluatePrepare(
    blocks: Pointer,
    plane: Pointer,
    triples: Pointer,
    copies: number,
    first: number,
    count: number,
    gate: number,
  ): void;
  evaluateFinish(
    tables: Pointer,
    blocks: Pointer,
    plane: Pointer,
    triples: Pointer,
    copies: number,
    first: number,
    count: number,
    gate: number,
  ): void;
  addTweaks(
    target: Pointer,
    source: Pointer,
    rows: number,
    first: number,
    domain0: number,
    domain1: number,
    domain2: number,
  ): void;
  packBits(target: Pointer, blocks: Pointer, count: number, bit: number): void;
  addPublicBits(blocks: Pointer, bits: Pointer, count: number, addend: Pointer, stride: number): void;
  leakyEntries(entries: Pointer, keys: Pointer, macs: Pointer, total: number, count: number): void;
  leakyHashBlocks(target: Pointer, entries: Pointer, count: number, delta: Pointer): void;
  leakyCiphertexts(
    ciphertexts: Pointer,
    partial: Pointer,
    inner: Pointer,
    outer: Pointer,
    entries: Pointer,
    count: number,
    delta: Pointer,
  ): void;
  leakyShares(partial: Pointer, bits: Pointer, peerCiphertexts: Pointer, count: number): void;
  shuffle(order: Pointer, last: number, words: Pointer, count: number): number;
  fillBuckets(
    sums: Pointer,
    rest: Pointer,
    keys: Pointer,
    macs: Pointer,
    entries: Pointer,
    order: Pointer,
    bits: Pointer,
    addends: Pointer,
    buckets: number,
    size: number,
  ): void;
  correctBuckets(
    keysZ: Pointer,
    macsZ: Pointer,
    rest: Pointer,
    bits: Pointer,
    buckets: number,
    size: number,
  ): void;
  fitTriples(sigmas: Pointer, x: Pointer, y: Pointer, alpha: Pointer, beta: Pointer, count: number): void;
  garbleInputs(
    target: Pointer,
    labels: Pointer,
    ands: Pointer,
    gates: number,
    copies: number,
    delta: Pointer,
    domain: number,
    first: number,
  ): void;
  garbleGates(
    tables: Pointer,
    permutes: Pointer,
    fresh: Pointer,
    inputs: Pointer,
    outputs: Pointer,
    labels: Pointer,
    ands: Pointer,
    gates: number,
    copies: number,
    material: Pointer,
    index: number,
    delta: Pointer,
  ): void;
  evaluateInputs(
    target: Pointer,
    labels: Pointer,
    ands: Pointer,
    gates: number,
    copies: number,
    domain: number,
    first: number,
  ): void;
  evaluateGates(
    lefts: Pointer,
    rights: Pointer,
    fresh: Pointer,
    tables: Pointer,
    permutes: Pointer,
    inputs: Pointer,
    outputs: Pointer,
    labels: Pointer,
    ands: Pointer,
    gates: number,
    copies: number,
    material: Pointer,
    index: number,
  ): void;
  gateCheckSums(
    sigmas: Pointer,
    gammas: Pointer,
    alphas: Pointer,
    betas: Pointer,
    lefts: Pointer,
    rights: Pointer,
    count: number,
  ): void;
  gateCheckExpected(
    keys: Pointer,
    macs: Pointer,
    lefts: Pointer,
    rights: Pointer,
    fresh: Pointer,
    count: number,
    delta: Pointer,
  ): void;
  propagate(
    plane: Pointer,
    copies: number,
    xors: Pointer,
    ands: Pointer,
    xorEnd: Pointer,
    andEnd: Pointer,
    layers: number,
    lefts: Pointer,
    rights: Pointer,
    fresh: Pointer,
  ): void;
  transposeColumns(rows: Pointer, columns: Pointer, stride: number, blocks: number): void;
  leafInputs(target: Pointer, seeds: Pointer, width: number, blocks: number): void;
  foldLeaves(
    columns: Pointer,
    stride: number,
    sum: Pointer,
    leaves: Pointer,
    seeds: Pointer,
    depth: number,
    blocks: number,
  ): void;
  addWhere(target: Pointer, source: Pointer, bit: number, length: number): void;
  placeBits(blocks: Pointer, bits: Pointer, count: number): void;
  clearBits(blocks: Pointer, count: number): void;
  ristrettoContext(context: Pointer, encodings: Pointer): void;
  ristrettoDecode(context: Pointer, target: Pointer, bytes: Pointer): number;
  ristrettoMap(context: Pointer, target: Pointer, bytes: Pointer): void;
  ristrettoAdd(context: Pointer, target: Pointer, left: Pointer, right: Pointer): void;
  ristrettoSubtract(context: Pointer, target: Pointer, left: Pointer, right: Pointer): void;
  ristrettoDouble(context: Pointer, target: Pointer, point: Pointer): void;
  ristrettoMultiply(context: Pointer, target: Pointer, point: Pointer, digits: Pointer, table: Pointer): void;
  ristrettoTables(context: Pointer, tables: Pointer, point: Pointer): void;
  ristrettoMultiplyFixed(context: Pointer, target: Pointer, tables: Pointer, digits: Pointer): void;
  ristrettoEncodeDoubles(
    context: Pointer,
    bytes: Pointer,
    points: Pointer,
    products: Pointer,
    count: number,
  ): number;
  hashMatrix(matrix: Pointer, chi: Pointer): void;
  hashRows(state: Pointer, tables: Pointer, matrix: Pointer, rows: Pointer, blocks: number): void;
  hashBits(state: Pointer, chi: Pointer, bits: Pointer, blocks: number): void;
  weighBlocks(target: Pointer, blocks: Pointer, count: number): void;
}

const PAGE = 65_536;
const FIRST = 4_096; // below it lie the kernel's own constants
const MAX_PAGES = 65_535; // a page short of 4 GiB, so that no region ends at an address that wraps to 0

const compiled = await import('./kernel-binary.ts').then(
  ({ kernelBinary }) => new WebAssembly.Module(Buffer.from(kernelBinary, 'base64')),
  (cause: unknown) => {
    throw new ParleyError('ERR_KERNEL_MISSING', 'the WebAssembly kernels have not been built', {
      hint: 'run npm run prepare (npm install --ignore-scripts skips it)',
      cause,
    });
  },
);

/**
 * One WebAssembly instance with its own memory, where labels, keys and MACs live. A session owns one, so that
 * `destroy` can zero every secret of that session in one call.
 */
export class Kernel {
  readonly call: KernelFunctions;
  private readonly memory = new WebAssembly.Memory({ initial: 4, maximum: MAX_PAGES });
  private bytes = new Uint8Array(this.memory.buffer);
  private readonly sizes = new Map<Pointer, number>();
  /** Free regions by address, never adjacent to one another. */
  private holes: { start: Pointer; size: number }[] = [{ start: FIRST, size: 4 * PAGE - FIRST }];
  private destroyed = false;

  constructor() {
    const instance = new WebAssembly.Instance(compiled, { env: { memory: this.memory } });
    this.call = instance.exports as unknown as KernelFunctions;
  }

  /** Reserves `length` bytes, rounded up to 16; contents are zero. May grow the memory, which detaches views. */
  allocate(length: number): Pointer {
    this.requireAlive();
    const size = Math.max(16, Math.ceil(length / 16) * 16);
    let index = this.holes.findIndex((hole) => hole.size >= size);
    if (index < 0) {
      this.grow(size);
      index = this.holes.length - 1;
    }
    const hole = this.holes[index]!;
    const pointer = hole.start;
    if (hole.size === size) this.holes.splice(index, 1);
    else this.holes[index] = { start: hole.start + size, size: hole.size - size };
    this.sizes.set(pointer, size);
    return pointer;
  }

  /** Zeroes and returns a region to the pool. Nothing to do once the kernel is destroyed. */
  free(pointer: Pointer): void {
    if (this.destroyed) return;
    const size = this.sizes.get(pointer);
    if (size === undefined) throw new Error('freeing what was not allocated');
    this.sizes.delete(pointer);
    this.bytes.fill(0, pointer, pointer + size);
    let index = this.holes.findIndex((hole) => hole.start > pointer);
    if (index < 0) index = this.holes.length;
    this.holes.splice(index, 0, { start: pointer, size });
    this.join(index);
    this.join(index - 1);
  }

  /** The `length` bytes at `pointer`, by reference: valid until the next `allocate`. */
  view(pointer: Pointer, length: number): Uint8Array {
    return this.bytes.subarray(pointer, pointer + length);
  }

  /** Copies bytes in. Throws `ERR_CLOSED` once the memory has been destroyed, so that it stays zero. */
  write(pointer: Pointer, bytes: Uint8Array): void {
    this.requireAlive();
    this.bytes.set(bytes, pointer);
  }

  /** Copies `length` bytes out. Throws `ERR_CLOSED` once the memory has been destroyed: they would all be zero. */
  read(pointer: Pointer, length: number): Uint8Array {
    this.requireAlive();
    return this.bytes.slice(pointer, pointer + length);
  }

  /** Throws `ERR_CLOSED` once the memory has been destroyed: for loops that wait between writes. */
  requireAlive(): void {
    if (this.destroyed) throw new ParleyError('ERR_CLOSED', 'the session is closed');
  }

  /** Zeroes the whole memory. Nothing can be allocated, written or read afterwards. */
  destroy(): void {
    this.destroyed = true;
    this.bytes.fill(0);
    this.sizes.clear();
    this.holes = [];
  }

  private grow(size: number): void {
    const last = this.holes.at(-1);
    const tail = last !== undefined && last.start + last.size === this.bytes.length ? last.size : 0;
    const pages = Math.max(Math.ceil((size - tail) / PAGE), Math.ceil(this.bytes.length / PAGE / 4));
    const start = this.bytes.length;
    this.memory.grow(Math.min(pages, MAX_PAGES - start / PAGE));
    this.bytes = new Uint8Array(this.memory.buffer);
    this.holes.push({ start, size: this.bytes.length - start });
    this.join(this.holes.length - 2);
    if (this.holes.at(-1)!.size < size) {
      throw new ParleyError(
        'ERR_OUT_OF_MEMORY',
        'the computation needs more memory than a kernel can address',
      );
    }
  }

  /** Merges the hole at `index` with the next one if they touch. */
  private join(index: number): void {
    const left = this.holes[index];
    const right = this.holes[index + 1];
    if (left === undefined || right === undefined || left.start + left.size !== right.start) return;
    this.holes.splice(index, 2, { start: left.start, size: left.size + right.size });
  }
}
