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
/** Bytes of the tables of an element. */
const TABLES = 256 * POINT;

/** The tables of public elements that were used last, by the elements' bytes. */
const publicTables = new Map<string, Uint8Array>();
const MOST_TABLES = 4;

/** A pair of internal points in the batch's own memory. */
export type PointPair = Pointer & { readonly __pair: true };

/**
 * ristretto255 for batches, two elements at a time (wasm/ristretto255.ts): the same group as group.ts, faster where many elements
 * meet in one computation, because points between operations stay unencoded and doubles are encoded together. Has its own memory; `destroy` zeroes it.
 */
export class GroupBatch {
  private readonly kernel = new Kernel();
  private readonly context: Pointer;
  private readonly input: Pointer;
  private readonly digits: Pointer;
  private readonly table: Pointer;

  constructor() {
    const { kernel } = this;
    this.context = kernel.allocate(CONTEXT);
    this.input = kernel.allocate(512);
    this.digits = kernel.allocate(128);
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
    this.kernel.call.ristrettoMultiply(this.context, target, pair, this.digits, this.table);
  }

  /** Prepares many products of one element, which both points of `pair` are. Overwrites `pair`. */
  tables(pair: PointPair): Pointer {
    const tables = this.kernel.allocate(TABLES);
    this.kernel.call.ristrettoTables(this.context, tables, pair);
    return tables;
  }

  /** The same for a public element that many computations multiply: its tables are made once. */
  publicTables(element: Point): Pointer {
    const name = String.fromCharCode(...element);
    const kept = publicTables.get(name) ?? this.madeTables(element);
    publicTables.delete(name); // the last one used is the last to go
    publicTables.set(name, kept);
    for (const oldest of publicTables.keys()) {
      if (publicTables.size > MOST_TABLES) publicTables.delete(oldest);
    }
    const tables = this.kernel.allocate(kept.length);
    this.kernel.write(tables, kept);
    return tables;
  }

  private madeTables(element: Point): Uint8Array {
    const pair = this.allocate(1);
    if (!this.decode(pair, element, element)) throw new Error('an element that does not decode');
    const tables = this.tables(pair);
    const bytes = this.kernel.read(tables, TABLES);
    for (const pointer of [pair, tables]) this.free(pointer);
    return bytes;
  }

  /** The prepared element times each of the scalars last given to `use`. */
  multiplyFixed(target: PointPair, tables: Pointer): void {
    this.kernel.call.ristrettoMultiplyFixed(this.context, target, tables, this.digits);
  }

  /** The two scalars of the products that follow. */
  use(left: Scalar, right: Scalar): void {
    const digits = this.kernel.view(this.digits, 128);
    recode(digits, left);
    recode(digits.subarray(64), right);
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

/** Writes a scalar (below 2²⁵³) as 64 digits of −8 … 8 to base 16, least significant first. */
function recode(digits: Uint8Array, scalar: Scalar): void {
  let carry = 0;
  for (let i = 0; i < 64; i++) {
    const digit = ((scalar[i >> 1]! >> ((i & 1) * 4)) & 15) + carry;
    carry = (digit + 8) >> 4;
    digits[i] = digit - (carry << 4);
  }
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
