import { describe } from 'vitest';
import { authenticatedPair } from './authenticated-pair.ts';
import { engineContract } from './contract.ts';

describe('the authenticated engine', () => {
  engineContract((seed) => authenticatedPair(seed));
});
