import { ParleyError } from '../errors.ts';
import type { KernelFunctions } from './kernel-functions.ts';
import { kernelModule } from './kernel-module.ts';

/**
 * A WebAssembly instance of the kernels. Its memory is all the state it has (no globals, tables or data segments), so one
 * whose memory is zero is as good as new.
 */
export interface KernelInstance {
  readonly memory: WebAssembly.Memory;
  readonly functions: KernelFunctions;
}

export const PAGE = 65_536;
/** A page short of 4 GiB, so that no region ends at an address that wraps to 0. */
export const MAX_PAGES = 65_535;
const FIRST_PAGES = 4;

/** Instances kept for later at most, and the largest memory of one: a WebAssembly memory never shrinks. */
export const MAX_IDLE = 8;
export const MAX_IDLE_BYTES = 4 << 20;

const idle: KernelInstance[] = [];

/** An instance whose memory is zero, used by nobody else. Throws `ERR_OUT_OF_MEMORY` if there is no room for one. */
export function takeInstance(): KernelInstance {
  return idle.pop() ?? newInstance();
}

/**
 * Zeroes an instance's memory, of which the first `used` bytes may hold something, and detaches every view of it. Then it is
 * kept for later, or left to the garbage collector. The caller does not touch it again.
 */
export function giveInstance(instance: KernelInstance, used: number): void {
  const { memory } = instance;
  new Uint8Array(memory.buffer, 0, used).fill(0);
  memory.grow(0); // even by nothing, growing detaches the old buffer
  if (idle.length < MAX_IDLE && memory.buffer.byteLength <= MAX_IDLE_BYTES) idle.push(instance);
}

/** Grows a memory by `pages`, which detaches every view of it. */
export function growMemory(memory: WebAssembly.Memory, pages: number): void {
  withMemory(() => memory.grow(pages));
}

function newInstance(): KernelInstance {
  const module = kernelModule();
  const memory = withMemory(() => new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MAX_PAGES }));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { memory, functions: exports as unknown as KernelFunctions };
}

/** Engines report memory that they cannot have as a RangeError. */
function withMemory<Value>(use: () => Value): Value {
  try {
    return use();
  } catch (cause) {
    throw new ParleyError('ERR_OUT_OF_MEMORY', 'there is not enough memory for the computation', { cause });
  }
}
