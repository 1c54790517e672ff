/** Iterations of PBKDF2 for new files. In a module of its own, so that tests of something else can take fewer. */
export const ITERATIONS = 600_000;
