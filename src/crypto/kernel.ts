import { ParleyError } from '../errors.ts';
import type { KernelFunctions } from './kernel-functions.ts';
import {
  giveInstance,
  growMemory,
  type KernelInstance,
  MAX_PAGES,
  PAGE,
  takeInstance,
} from './kernel-pool.ts';
import type { Pointer } from './pointer.ts';
import { Regions } from './regions.ts';

export { kernelsReady } from './kernel-module.ts';
export { blockAt, byteAt, NOWHERE, type Pointer } from './pointer.ts';

/** Where the first region begins: on a cache line, and not at 0, which is the null pointer. */
const FIRST = 64;

/**
 * Memory where labels, keys and MACs live, and the kernels that work on it. A session owns one, so that `destroy` can zero every
 * secret of that session in one call. The WebAssembly instance behind it then serves another owner: after `destroy`, nothing
 * that came from this object reaches that memory. `kernelsReady` must have been awaited before the first one is made.
 */
export class Kernel {
  /** The kernels, to be called as methods of this object: they throw `ERR_CLOSED` once the memory has been destroyed. */
  readonly call: KernelFunctions;
  private instance: KernelInstance | undefined;
  private bytes: Uint8Array;
  private readonly regions: Regions;

  constructor() {
    this.instance = takeInstance();
    this.call = { ...this.instance.functions };
    this.bytes = new Uint8Array(this.instance.memory.buffer);
    this.regions = new Regions(FIRST, this.bytes.length);
  }

  /** Reserves `length` bytes, rounded up to 16; contents are zero. May grow the memory, which detaches views. */
  allocate(length: number): Pointer {
    const { memory } = this.alive();
    const size = roundedUp(length);
    if (!this.regions.fits(size)) this.grow(memory, size);
    return this.regions.take(size) as Pointer;
  }

  /** Zeroes and returns a region. Nothing to do once the kernel is destroyed. */
  free(pointer: Pointer): void {
    if (this.instance === undefined) return;
    const size = this.regions.give(pointer);
    this.bytes.fill(0, pointer, pointer + size);
  }

  /** Zeroes and returns what lies behind the first `length` bytes of a region, rounded up to 16. */
  shrink(pointer: Pointer, length: number): void {
    this.requireAlive();
    const size = roundedUp(length);
    const before = this.regions.shrink(pointer, size);
    this.bytes.fill(0, pointer + size, pointer + before);
  }

  /** The `length` bytes at `pointer`, by reference: valid until the next `allocate`, empty once the memory has been destroyed. */
  view(pointer: Pointer, length: number): Uint8Array {
    this.requireAlive();
    return this.bytes.subarray(pointer, pointer + length);
  }

  /** Copies bytes in. */
  write(pointer: Pointer, bytes: Uint8Array): void {
    this.requireAlive();
    this.bytes.set(bytes, pointer);
  }

  /** Copies `length` bytes out. */
  read(pointer: Pointer, length: number): Uint8Array {
    this.requireAlive();
    return this.bytes.slice(pointer, pointer + length);
  }

  /** Throws `ERR_CLOSED` once the memory has been destroyed, as does everything else here but `free` and `destroy`. */
  requireAlive(): void {
    this.alive();
  }

  /** Zeroes everything that was ever allocated, and lets go of the memory. */
  destroy(): void {
    const { instance } = this;
    if (instance === undefined) return;
    this.instance = undefined;
    this.bytes = new Uint8Array();
    revoke(this.call);
    giveInstance(instance, this.regions.highWater);
  }

  private alive(): KernelInstance {
    if (this.instance === undefined) throw closed();
    return this.instance;
  }

  private grow(memory: WebAssembly.Memory, size: number): void {
    const { length } = this.bytes;
    const needed = Math.ceil((size - this.regions.tail) / PAGE);
    const room = MAX_PAGES - length / PAGE;
    if (needed > room) {
      throw new ParleyError(
        'ERR_OUT_OF_MEMORY',
        'the computation needs more memory than a kernel can address',
      );
    }
    growMemory(memory, Math.min(Math.max(needed, Math.ceil(length / PAGE / 4)), room));
    this.bytes = new Uint8Array(memory.buffer);
    this.regions.extend(this.bytes.length);
  }
}

function roundedUp(length: number): number {
  return Math.max(16, Math.ceil(length / 16) * 16);
}

/** Replaces every function, also for whoever has kept the object that holds them. */
function revoke(call: KernelFunctions): void {
  const functions = call as unknown as Record<string, () => never>;
  const refuse = () => {
    throw closed();
  };
  for (const name of Object.keys(functions)) functions[name] = refuse;
}

function closed(): ParleyError {
  return new ParleyError('ERR_CLOSED', 'the session is closed');
}
