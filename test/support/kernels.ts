import { kernelsReady } from '../../src/crypto/kernel.ts';

await kernelsReady();
