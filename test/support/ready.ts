import { cryptoReady } from '../../src/crypto/ready.ts';

// Tests of single parts take keys and kernels as given. That a user of the package need not do this is a test of its own (first-calls.test.ts).
await cryptoReady();
