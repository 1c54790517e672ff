/** At most this many input bits and this many AND gates make one batch (a single larger copy of a circuit is a batch alone). */
export const BATCH_LIMIT = 1 << 19;
