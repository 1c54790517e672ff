import { readFileSync } from 'node:fs';
import { PrivateKey } from '../../src/paillier/index.ts';

const file = new URL('../fixtures/paillier-keys.json', import.meta.url);
const [first, second, third] = JSON.parse(readFileSync(file, 'utf8')) as unknown[];

/** 3,072-bit keys for tests, whose primes are published with them. */
export const alice = PrivateKey.importJson(first);
export const bob = PrivateKey.importJson(second);
export const carol = PrivateKey.importJson(third);
