/** Computational and statistical security, in bits. */
export const KAPPA = 128;
export const RHO = 40;

/** Triples are made for at most this many AND gates at a time. A batch of the engine's queue is no larger, unless it is a single larger circuit. */
export const BATCH_ANDS = 1 << 19;

/** Input masks of each party that `prepare` opens to their owner ahead of time: enough for a sealed number of up to 101 bits and its mask. */
export const PREPARED_MASKS = 320;

/** Leaky ANDs that are sent and received at a time. */
export const LEAKY_CHUNK = 1 << 14;

/** Leaky ANDs that are hashed at a time, so that all of them stay in cache: a multiple of 8 that divides LEAKY_CHUNK. */
export const LEAKY_STEP = 1 << 11;

/** Leaky ANDs hashed under one key, at six blocks of the cipher each, and gates, at four: at most 2²⁰ blocks (LEAKY_PER_KEY a multiple of LEAKY_CHUNK). */
export const LEAKY_PER_KEY = 1 << 17;
export const GATES_PER_KEY = 1 << 18;

/** Buckets that are filled at a time, so that the differences within them stay in cache: a multiple of 8. */
export const BUCKET_CHUNK = 1 << 12;

/** Gates that are hashed at a time, and the most copies of a circuit that are garbled side by side. */
export const GATE_CHUNK = 1 << 11;

/** Bytes of the slots of one unit (a plane of labels, keys or MACs), so that they stay in cache. */
export const UNIT_BYTES = 1 << 18;

/** No fewer triples than this are made at a time: with fewer, no bucket size of the table is enough. */
export const MINIMUM_ANDS = 34;

/** The fewest triples for which each bucket size is enough, recomputed exactly by scripts/error-budget. */
export const BUCKET_SIZES = [
  { ands: 280_747, size: 3 },
  { ands: 3_052, size: 4 },
  { ands: 320, size: 5 },
  { ands: 84, size: 6 },
  { ands: MINIMUM_ANDS, size: 7 },
] as const;

/**
 * Leaky ANDs per bucket. With these sizes the probability that, over all batches of a connection, some bucket holds only leaky ANDs that a cheater attacked
 * unnoticed is at most 2⁻⁴⁰. Whoever attacks t of a batch survives with 2⁻ᵗ, and then fills a bucket with at most q(t) = ands · C(t, size) / C(ands · size, size);
 * the sizes keep q(t)/(2ᵗ − 1) ≤ 2⁻⁴⁰ for every t, which bounds any number of batches (docs/error-budget.md, lemma 1).
 */
export function bucketSize(ands: number): number {
  const row = BUCKET_SIZES.find((candidate) => ands >= candidate.ands);
  if (row === undefined) throw new RangeError(`triples are made for at least ${MINIMUM_ANDS} gates`);
  return row.size;
}
