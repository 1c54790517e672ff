import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Kernel, kernelsReady, NOWHERE, type Pointer } from '../../src/crypto/kernel.ts';
import { kernelModule } from '../../src/crypto/kernel-module.ts';
import { type KernelInstance, MAX_IDLE, MAX_IDLE_BYTES } from '../../src/crypto/kernel-pool.ts';
import { isZero, memoryOf } from '../support/kernel-memory.ts';

const closed = expect.objectContaining({ code: 'ERR_CLOSED' });
const KIB = 1_024;

/** The WebAssembly memory behind a kernel: the same object for one owner after another. */
function behind(kernel: Kernel): WebAssembly.Memory {
  return (kernel as unknown as { instance: KernelInstance }).instance.memory;
}

/** Fills `length` bytes of a kernel, in regions of many sizes. */
function fill(kernel: Kernel, length: number, byte: number): Pointer[] {
  const regions: Pointer[] = [];
  for (let taken = 0, size = 1; taken < length; taken += size, size = 1 + ((size * 7) % 9_001)) {
    const region = kernel.allocate(size);
    kernel.view(region, size).fill(byte);
    regions.push(region);
  }
  return regions;
}

/** Takes every instance that waits in the pool, so that the next ones are new. */
function drain(): Kernel[] {
  return Array.from({ length: MAX_IDLE }, () => new Kernel());
}

beforeEach(() => {
  drain();
});

describe('memory', () => {
  test('is zero where it is allocated, whatever was there before', () => {
    const kernel = new Kernel();
    for (const region of fill(kernel, 600 * KIB, 0xff)) if (region % 3 !== 0) kernel.free(region);
    for (const size of [1, 100, 10_000, 200_000]) {
      expect(isZero(kernel.read(kernel.allocate(size), size))).toBe(true);
    }
  });

  test('of a region that is shrunk is zero behind it, and serves others', () => {
    const kernel = new Kernel();
    const region = kernel.allocate(1_000);
    kernel.view(region, 1_000).fill(0xff);
    kernel.shrink(region, 100);
    expect(kernel.read(region, 112).every((byte) => byte === 0xff)).toBe(true);
    const next = kernel.allocate(800);
    expect(next).toBe(region + 112);
    expect(isZero(kernel.read(next, 800))).toBe(true);
    kernel.view(next, 800).fill(1);
    kernel.free(region);
    expect(kernel.read(next, 800).every((byte) => byte === 1)).toBe(true);
  });

  test('that cannot be had is an error of Parley’s', () => {
    const kernel = new Kernel();
    function refuse(): never {
      throw new RangeError('could not allocate memory');
    }
    vi.spyOn(behind(kernel), 'grow').mockImplementation(refuse);
    expect(() => kernel.allocate(1_024 * KIB)).toThrow(
      expect.objectContaining({ code: 'ERR_OUT_OF_MEMORY' }),
    );
    expect(() => kernel.allocate(2 ** 32)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_MEMORY' }));
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(refuse);
    expect(() => new Kernel()).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_MEMORY' }));
    vi.restoreAllMocks();
    const region = kernel.allocate(1_024 * KIB);
    expect(region).toBeGreaterThan(NOWHERE);
  });
});

describe('a kernel that has been destroyed', () => {
  test('hands its memory to the next owner, all zero', () => {
    const first = new Kernel();
    fill(first, 900 * KIB, 0xff);
    const memory = behind(first);
    const size = memory.buffer.byteLength;
    first.destroy();
    const second = new Kernel();
    expect(behind(second)).toBe(memory);
    expect(isZero(memoryOf(second)())).toBe(true);
    expect(memoryOf(second)().length).toBe(size);
    fill(second, 100 * KIB, 0x5a);
    second.destroy();
    const third = new Kernel();
    expect(behind(third)).toBe(memory);
    expect(isZero(memoryOf(third)())).toBe(true);
  });

  test('gives nothing more out, and does nothing to the next owner’s memory', () => {
    const stale = new Kernel();
    const region = stale.allocate(4_096);
    const { call } = stale;
    const names = Object.keys(call) as (keyof typeof call)[];
    stale.destroy();
    const next = new Kernel();
    fill(next, 200 * KIB, 0x5a);
    const before = memoryOf(next)().slice();
    expect(() => stale.allocate(16)).toThrow(closed);
    expect(() => stale.view(region, 16)).toThrow(closed);
    expect(() => stale.write(region, Uint8Array.of(1))).toThrow(closed);
    expect(() => stale.read(region, 16)).toThrow(closed);
    expect(() => stale.shrink(region, 16)).toThrow(closed);
    expect(() => stale.requireAlive()).toThrow(closed);
    expect(names.length).toBeGreaterThan(40);
    for (const kept of [call, stale.call]) {
      for (const name of names) expect(() => (kept[name] as () => void)(), name).toThrow(closed);
    }
    stale.free(region);
    stale.destroy();
    expect(Buffer.from(before).equals(memoryOf(next)())).toBe(true);
    next.call.xorBlocks(region, region, region, 1);
    expect(isZero(next.read(region, 16))).toBe(true);
  });

  test('leaves views that have nothing behind them', () => {
    const stale = new Kernel();
    const region = stale.allocate(64);
    const view = stale.view(region, 64);
    const part = view.subarray(16, 32);
    stale.destroy();
    const next = new Kernel();
    for (const kept of [view, part]) {
      expect(kept.length).toBe(0);
      kept[0] = 1;
      expect(() => kept.set([1])).toThrow();
    }
    expect(isZero(memoryOf(next)())).toBe(true);
  });

  test('that has grown large is not kept, but zeroed as well', () => {
    const kernel = new Kernel();
    fill(kernel, MAX_IDLE_BYTES, 0xff);
    const memory = behind(kernel);
    expect(memory.buffer.byteLength).toBeGreaterThan(MAX_IDLE_BYTES);
    kernel.destroy();
    expect(isZero(new Uint8Array(memory.buffer))).toBe(true);
    expect(drain().map(behind)).not.toContain(memory);
  });

  test('is one of few that are kept', () => {
    const kernels = Array.from({ length: MAX_IDLE + 3 }, () => new Kernel());
    const memories = kernels.map(behind);
    for (const kernel of kernels) kernel.destroy();
    const again = Array.from({ length: MAX_IDLE + 3 }, () => behind(new Kernel()));
    expect(new Set(again).size).toBe(MAX_IDLE + 3);
    expect(again.filter((memory) => memories.includes(memory))).toHaveLength(MAX_IDLE);
  });
});

describe('the kernels', () => {
  test('keep no state but their memory, and begin with that zero', () => {
    expect(WebAssembly.Module.imports(kernelModule())).toEqual([
      { module: 'env', name: 'memory', kind: 'memory' },
    ]);
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 65_535 });
    new WebAssembly.Instance(kernelModule(), { env: { memory } });
    expect(isZero(new Uint8Array(memory.buffer))).toBe(true);
  });

  test('cannot be used before they are compiled, and are compiled by nobody’s import', async () => {
    vi.resetModules();
    const compile = vi.spyOn(WebAssembly, 'compile');
    const fresh = await import('../../src/crypto/kernel.ts');
    await import('../../src/crypto/group-batch.ts');
    expect(() => new fresh.Kernel()).toThrow(expect.objectContaining({ code: 'ERR_INTERNAL' }));
    expect(compile).not.toHaveBeenCalled();
    await Promise.all([fresh.kernelsReady(), fresh.kernelsReady()]);
    expect(compile).toHaveBeenCalledTimes(1);
    expect(isZero(memoryOf(new fresh.Kernel())())).toBe(true);
    vi.restoreAllMocks();
    await kernelsReady();
  });

  test('that have not been built are missed by name', async () => {
    vi.resetModules();
    vi.doMock('../../src/crypto/kernel-binary.ts', () => {
      throw new Error('no such file');
    });
    const fresh = await import('../../src/crypto/kernel.ts');
    await expect(fresh.kernelsReady()).rejects.toMatchObject({ code: 'ERR_KERNEL_MISSING' });
    vi.doUnmock('../../src/crypto/kernel-binary.ts');
  });
});
