import { isIdentity, type Point, type Scalar } from './group.ts';
import { byteAt, Kernel, type Pointer } from './kernel.ts';

/** Constants of RFC 9496, 4.1, in the order that wasm/ristretto255.ts reads them. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const CONSTANTS = [
  1n,
  D,
  2n * D,
  19681161376707505956807079304988542015446066515923890162744021073123829784752n, // √−1
  1159843021668779879193775521855586647937357759715417654439879720876111806838n, // 1 − D²
  40440834346308536858101042469323190826248399146238708352240133220865137265952n, // (D − 1)²
  25063068953384623474111414158702152701244531502492656460079210482610430750235n, // √(−D − 1)
  54469307008909316920995813868745141605393597292927456921205312896311721017578n, // 1/√(−1 − D)
];
const MODULUS = (1n << 255n) - 19n;
const ENCODED = Uint8Array.from(
  CONSTANTS.flatMap((value) => [value % MODULUS, value % MODULUS]).flatMap(littleEndian),
);
const CONTEXT = 48 * 80;
const POINT = 320;
/** Bytes of an element's tables, and how many points are listed to make them (wasm/fixed-point.ts). */
const TABLES = 51 * 1_920;
const LISTED = 51 * 8;

/** The tables of the public elements that were used last, by the elements' bytes. */
const keptTables = new Map<string, Uint8Array>();
const MOST_TABLES = 4;

/** A pair of internal points in the batch's own memory. */
export type PointPair = Pointer & { readonly __pair: true };

/** An element's tables, in the batch's own memory. */
export type Tables = Pointer & { readonly __tables: true };

/**
 * ristretto255 for batches, two elements at a time (wasm/ristretto255.ts): the same group as group.ts, faster where many elements
 * meet in one computation, because points between operations stay unencoded and doubles are encoded together. Has its own memory; `destroy` zeroes it.
 */
export class GroupBatch {
  private readonly kernel = new Kernel();
  private readonly context: Pointer;
  private readonly input: Pointer;
  private readonly scalars: Pointer;
  private readonly table: Pointer;

  constructor() {
    const { kernel } = this;
    this.context = kernel.allocate(CONTEXT);
    this.input = kernel.allocate(512);
    this.scalars = kernel.allocate(64);
    this.table = kernel.allocate(8 * POINT);
    kernel.write(this.input, ENCODED);
    kernel.call.ristrettoContext(this.context, this.input);
  }

  /** Room for `count` pairs, side by side. */
  allocate(count: number): PointPair {
    return this.kernel.allocate(count * POINT) as PointPair;
  }

  /** Zeroes and returns room, or tables. */
  free(pointer: Pointer): void {
    this.kernel.free(pointer);
  }

  /** Decodes two elements (32 bytes each); false unless both are canonical. The identity decodes. */
  decode(target: PointPair, left: Uint8Array, right: Uint8Array): boolean {
    this.kernel.write(this.input, left);
    this.kernel.write(byteAt(this.input, 32), right);
    return this.kernel.call.ristrettoDecode(this.context, target, this.input) === 0;
  }

  /** The elements that two strings of 64 uniform bytes map to (RFC 9496, 4.3.4). */
  map(target: PointPair, left: Uint8Array, right: Uint8Array): void {
    this.kernel.write(this.input, left);
    this.kernel.write(byteAt(this.input, 64), right);
    this.kernel.call.ristrettoMap(this.context, target, this.input);
  }

  add(target: PointPair, left: PointPair, right: PointPair): void {
    this.kernel.call.ristrettoAdd(this.context, target, left, right);
  }

  subtract(target: PointPair, left: PointPair, right: PointPair): void {
    this.kernel.call.ristrettoSubtract(this.context, target, left, right);
  }

  double(target: PointPair, pair: PointPair): void {
    this.kernel.call.ristrettoDouble(this.context, target, pair);
  }

  /** Both points times the scalars last given to `use`. Overwrites `pair`. */
  multiply(target: PointPair, pair: PointPair): void {
    this.kernel.call.ristrettoMultiply(this.context, target, pair, this.scalars, this.table);
  }

  /**
   * Prepares many products of one element: as long as about 25 of them take. Throws for bytes that are not an element's, and for the
   * identity's.
   */
  tables(element: Point): Tables {
    const [pair, space] = [this.allocate(1), this.allocate(LISTED)];
    if (isIdentity(element) || !this.decode(pair, element, element)) {
      throw new Error('an element that does not decode');
    }
    const tables = this.kernel.allocate(TABLES) as Tables;
    this.kernel.call.ristrettoTables(this.context, tables, pair, space);
    for (const pointer of [pair, space]) this.free(pointer);
    return tables;
  }

  /** The same for a public element that many computations multiply: its tables are made once. */
  publicTables(element: Point): Tables {
    const name = String.fromCharCode(...element);
    const kept = keptTables.get(name);
    const tables = kept === undefined ? this.tables(element) : (this.kernel.allocate(TABLES) as Tables);
    if (kept !== undefined) this.kernel.write(tables, kept);
    keptTables.delete(name); // the last one used is the last to go
    keptTables.set(name, kept ?? this.kernel.read(tables, TABLES));
    for (const oldest of keptTables.keys()) {
      if (keptTables.size > MOST_TABLES) keptTables.delete(oldest);
    }
    return tables;
  }

  /** The element of `tables` times each of the scalars last given to `use`. */
  multiplyFixed(target: PointPair, tables: Tables): void {
    this.kernel.call.ristrettoMultiplyFixed(this.context, target, tables, this.scalars);
  }

  /** The two scalars of the products that follow, below 2²⁵³. */
  use(left: Scalar, right: Scalar): void {
    this.kernel.write(this.scalars, left);
    this.kernel.write(byteAt(this.scalars, 32), right);
  }

  /**
   * The encodings of twice each of `count` pairs, 64 bytes per pair; undefined if one of them is the identity. Overwrites the pairs.
   */
  encodeDoubles(pairs: PointPair, count: number): Uint8Array | undefined {
    const { kernel } = this;
    const bytes = kernel.allocate(count * 64);
    const products = kernel.allocate(count * 80);
    const failed = kernel.call.ristrettoEncodeDoubles(this.context, bytes, pairs, products, count);
    const encodings = kernel.read(bytes, count * 64);
    kernel.free(products);
    kernel.free(bytes);
    return failed === 0 ? encodings : undefined;
  }

  /** Zeroes everything. Nothing works afterwards. */
  destroy(): void {
    this.kernel.destroy();
  }
}

/** Runs `use` with a batch whose memory is borrowed for the time of the call, and zeroed after it. */
export function withGroupBatch<Value>(use: (group: GroupBatch) => Value): Value {
  const group = new GroupBatch();
  try {
    return use(group);
  } finally {
    group.destroy();
  }
}

/** Whether all are canonical encodings of elements other than the identity, 32 bytes each. */
export function arePoints(encodings: readonly Uint8Array[]): boolean {
  return withGroupBatch((group) => {
    const pair = group.allocate(1);
    return encodings.every((left, i) => {
      if (i % 2 === 1) return true;
      const right = encodings[i + 1] ?? left;
      return !isIdentity(left) && !isIdentity(right) && group.decode(pair, left, right);
    });
  });
}

/** The pair `index` places after `pairs`. */
export function pairAt(pairs: PointPair, index: number): PointPair {
  return (pairs + index * POINT) as PointPair;
}

function littleEndian(value: bigint): number[] {
  return Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** Has the engine compile the kernels with its optimising compiler before a session needs them: about one product. */
export function warmUp(): void {
  withGroupBatch((group) => {
    const pair = group.allocate(1);
    const one = Uint8Array.of(1, ...new Uint8Array(31)) as Scalar;
    group.map(pair, new Uint8Array(64), new Uint8Array(64));
    group.use(one, one);
    group.multiply(pair, pair);
    group.encodeDoubles(pair, 1);
  });
}
