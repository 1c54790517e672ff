// The kernels, one file an idea. Every pointer is a byte offset into the shared memory, 16-byte aligned
// where blocks are meant.
export { xorBlocks } from './blocks';
