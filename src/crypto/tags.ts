/**
 * Every domain-separation tag in Parley, in one place, so that a test can prove them distinct. A tag is hashed
 * length-prefixed before anything else (see hash.ts), so no tag needs to be prefix-free by itself.
 */
export const tags = {
  noisePrologue: 'parley/1 noise prologue',
  identityProof: 'parley/1 identity proof',
  sessionId: 'parley/1 session id',
  negotiationId: 'parley/1 negotiation id',
  circuitDigest: 'parley/1 circuit digest',
} as const;

export type Tag = (typeof tags)[keyof typeof tags];
