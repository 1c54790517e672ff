/** At most this many AND gates and input bits make one batch of a program that is prepared, and triples are made for one batch at a time. */
export const AHEAD_BATCH = 5 << 16;

/** At most this many AND gates, and input bits, of a program are prepared; what follows runs as if nothing of it had been. */
export const AHEAD_LIMIT = 1 << 21;
