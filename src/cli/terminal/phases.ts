import type { Phase } from '../../session/index.ts';

/** What is under way after each phase, for people who wait. */
export const UNDER_WAY: Readonly<Record<'connected' | Phase, string>> = {
  connected: 'agreeing on the terms',
  'terms-agreed': 'preparing the computation',
  'mandate-given': 'computing with the other side',
  engaged: 'opening the outcome',
  'outcome-known': 'signing the agreement',
  signed: 'closing',
};
