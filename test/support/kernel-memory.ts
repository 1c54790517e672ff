import { expect } from 'vitest';
import { Kernel } from '../../src/crypto/kernel.ts';
import type { KernelInstance } from '../../src/crypto/kernel-pool.ts';

/** Returns a function that reads all of a kernel's memory, also after the kernel has been destroyed. */
export function memoryOf(kernel: Kernel): () => Uint8Array {
  const { memory } = (kernel as unknown as { instance: KernelInstance }).instance;
  return () => new Uint8Array(memory.buffer);
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Where a kernel's first region begins. */
const FIRST = 64;
const MARK = 0xa5;

/**
 * Becomes the next owner of the memory of a kernel that has just been destroyed, and fills it. Returns whether the memory was zero, and a
 * function that tells whether anyone else has written there since (call it once).
 */
export function takeOver(memory: () => Uint8Array): { readonly zero: boolean; isIntact(): boolean } {
  const zero = isZero(memory());
  const kernel = new Kernel();
  expect(memoryOf(kernel)().buffer).toBe(memory().buffer);
  const length = memory().length - FIRST;
  const region = kernel.allocate(length);
  expect(region).toBe(FIRST);
  kernel.view(region, length).fill(MARK);
  return {
    zero,
    isIntact() {
      const intact = kernel.view(region, length).every((byte) => byte === MARK);
      kernel.destroy();
      return intact && isZero(memory());
    },
  };
}
