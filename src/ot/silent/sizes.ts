/** One kind of extension. Its trees have 2^depth leaves, and its secret has 2^secretBits bits. Noise of rate 2^-depth hides the products with the secret. */
export interface SilentSize {
  readonly depth: number;
  readonly secretBits: number;
  /** The most trees of one extension: more samples of one secret make an attack easier. */
  readonly mostTrees: number;
}

/** In order of size. scripts/lpn-parameters.ts estimates what each costs to break with the most trees, which bound the samples of one secret; fewer are harder to break. */
export const SILENT_SIZES: readonly SilentSize[] = [
  { depth: 9, secretBits: 16, mostTrees: 1100 },
  { depth: 10, secretBits: 17, mostTrees: 1250 },
  { depth: 11, secretBits: 18, mostTrees: 1420 },
];

/** From so many COTs on, an extension is faster than SoftSpoken, and sends less. */
export const SILENT_FROM = 300_000;
