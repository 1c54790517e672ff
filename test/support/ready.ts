import { cryptoReady } from '../../src/crypto/ready.ts';

// Tests of single parts need keys and kernels to be ready. A user of the package need not call this: first-calls.test.ts checks that.
await cryptoReady();
