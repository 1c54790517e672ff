/**
 * Every domain-separation tag in Parley, in one place, so that a test can prove them distinct. A tag is hashed
 * length-prefixed before anything else (see hash.ts), so no tag needs to be prefix-free by itself.
 */
export const tags = {
  noisePrologue: 'parley/1 noise prologue',
  identityProof: 'parley/1 identity proof',
  invitePsk: 'parley/1 invite psk',
  recordKey: 'parley/1 record key',
  earlyBaseOt: 'parley/1 early base OT',
  sessionId: 'parley/1 session id',
  negotiationId: 'parley/1 negotiation id',
  labelHashKey: 'parley/1 label hash key',
  yaoOutput: 'parley/1 yao output labels',
  circuitDigest: 'parley/1 circuit digest',
  termsDigest: 'parley/1 terms digest',
  keyProof: 'parley/1 seal key proof',
  keyProofChallenge: 'parley/1 seal key proof challenge',
  sealKey: 'parley/1 seal key',
  seal: 'parley/1 seal',
  sealChallenge: 'parley/1 seal challenge',
  baseOtElement: 'parley/1 base OT hash to group',
  baseOtKey: 'parley/1 base OT key',
  treeCipherKey: 'parley/1 OT extension tree cipher key',
  leafCipherKey: 'parley/1 OT extension leaf cipher key',
  treeProof: 'parley/1 OT extension tree proof',
  cotSetup: 'parley/1 COT setup',
  cotChallenge: 'parley/1 COT challenge',
  cotUniversalHash: 'parley/1 COT universal hash',
  cotMacHash: 'parley/1 COT consistency answer',
  cotSeeds: 'parley/1 base seeds from COTs',
  authenticatedTranscript: 'parley/1 authenticated transcript',
  authenticatedOpening: 'parley/1 authenticated opening',
  authenticatedCoins: 'parley/1 authenticated coins',
  authenticatedEquality: 'parley/1 authenticated equality',
  authenticatedLabels: 'parley/1 authenticated labels',
  authenticatedGates: 'parley/1 authenticated gates',
  ledgerRecord: 'parley/1 ledger record',
  ledgerQuestion: 'parley/1 ledger question',
  ledgerLock: 'parley/1 ledger lock',
} as const;

export type Tag = (typeof tags)[keyof typeof tags];
