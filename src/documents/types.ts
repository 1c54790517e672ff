/** The `typ` of every kind of signed document, in one place, so that a test can prove them distinct: a signature under one never counts under another. */
export const documentTypes = {
  agreement: 'parley-agreement+jws',
  engagement: 'parley-engagement+jws',
  openedMask: 'parley-mask+jws',
  arbiterCard: 'parley-arbiter+jws',
  complaint: 'parley-complaint+jws',
  resolution: 'parley-resolution+jws',
  void: 'parley-void+jws',
  receipt: 'parley-receipt+jws',
  claim: 'parley-claim+jws',
  verdict: 'parley-verdict+jws',
  objection: 'parley-objection+jws',
  ratification: 'parley-ratification+jws',
  mandateCertificate: 'parley-mandate+jws',
  mandateRevocations: 'parley-mandate-revocations+jws',
} as const;
