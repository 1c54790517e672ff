import { type Bit, type CircuitBuilder, ONE, type Word, ZERO } from '../builder.ts';

/** How many one-hot wires are summed as one group; all 2^8 sums of a group are shared between rows. */
const GROUP = 8;

/** 2^n bits, of which only the one at the word's value is one: at most 2^n − 2 ANDs for n bits. */
export function oneHot(c: CircuitBuilder, word: Word): Word {
  let bits: Word = [ONE];
  for (const bit of word) {
    const high = bits.map((each) => c.and(each, bit));
    bits = [...bits.map((each, i) => c.xor(each, high[i]!)), ...high];
  }
  return bits;
}

/**
 * The entry of a public table at a secret index: `table` has 2^n numbers below 2^width ≤ 2^53 for an n-bit index. With the index split into a
 * high and n − a low bits, 2^(n−a) + (width + 1) · 2^a ANDs for the best a, and about 2^n · width / 16 XORs.
 */
export function lookup(c: CircuitBuilder, index: Word, table: ArrayLike<number>, width: number): Word {
  if (table.length !== 2 ** index.length) throw new RangeError('the table has another size than the index');
  const highBits = cheapestSplit(index.length, width);
  const lowSize = 2 ** (index.length - highBits);
  const low = oneHot(c, index.slice(0, index.length - highBits));
  const high = oneHot(c, index.slice(index.length - highBits));
  const groups = Array.from(
    { length: Math.ceil(lowSize / GROUP) },
    (_, i) => new SubsetSums(c, low.slice(i * GROUP, (i + 1) * GROUP)),
  );
  const result = new Array<Bit>(width).fill(ZERO);
  high.forEach((row, h) => {
    const masks = new Uint8Array(width);
    const sums = new Array<Bit>(width).fill(ZERO);
    groups.forEach((group, g) => {
      masks.fill(0);
      for (let i = 0; i < group.size; i++) {
        const entry = table[h * lowSize + g * GROUP + i]!;
        for (let j = 0; j < width; j++) masks[j]! |= (Math.floor(entry / 2 ** j) & 1) << i;
      }
      for (let j = 0; j < width; j++) sums[j] = c.xor(sums[j]!, group.sum(masks[j]!));
    });
    for (let j = 0; j < width; j++) result[j] = c.xor(result[j]!, c.and(row, sums[j]!));
  });
  return result;
}

function cheapestSplit(bits: number, width: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let high = 0; high <= bits; high++) {
    const cost = 2 ** (bits - high) + (width + 1) * 2 ** high;
    if (cost < least) [best, least] = [high, cost];
  }
  return best;
}

/** XORs of the subsets of up to 8 bits, each made when first needed. */
class SubsetSums {
  readonly size: number;
  private readonly c: CircuitBuilder;
  private readonly bits: Word;
  private readonly sums: Bit[] = [ZERO];

  constructor(c: CircuitBuilder, bits: Word) {
    this.c = c;
    this.bits = bits;
    this.size = bits.length;
  }

  sum(subset: number): Bit {
    const known = this.sums[subset];
    if (known !== undefined) return known;
    const lowest = 31 - Math.clz32(subset & -subset);
    const sum = this.c.xor(this.sum(subset & (subset - 1)), this.bits[lowest]!);
    this.sums[subset] = sum;
    return sum;
  }
}
