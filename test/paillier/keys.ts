import { PrivateKey } from '../../src/paillier/index.ts';
import keys from '../fixtures/paillier-keys.json' with { type: 'json' };

const [first, second, third] = keys as unknown[];

/** 3,072-bit keys for tests, whose primes are published with them. */
export const alice = PrivateKey.importJson(first);
export const bob = PrivateKey.importJson(second);
export const carol = PrivateKey.importJson(third);
