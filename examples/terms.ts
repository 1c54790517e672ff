/** What the seller offers and the buyer will accept, without limits: those stay with each of them. */
export const terms = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'random-split' },
  range: { min: '0', max: '1000000', unit: 'USD', decimals: 2 },
} as const;
