/** The two parties of a computation. For price rules `a` is the seller. Not tied to garbler and evaluator. */
export type Party = 'a' | 'b';
