import { ParleyError } from '../errors.ts';

let compiling: Promise<void> | undefined;
let compiled: WebAssembly.Module | undefined;

/**
 * Compiles the kernels, once; the first `Kernel` needs it. Throws `ERR_KERNEL_MISSING` if they have not been built.
 */
export function kernelsReady(): Promise<void> {
  compiling ??= compile().then((module) => {
    compiled = module;
  });
  return compiling;
}

/** The compiled kernels. They keep no state but what is in their memory. */
export function kernelModule(): WebAssembly.Module {
  if (compiled !== undefined) return compiled;
  throw new ParleyError('ERR_INTERNAL', 'a kernel was made before kernelsReady() had been awaited');
}

async function compile(): Promise<WebAssembly.Module> {
  const { kernelBinary } = await import('./kernel-binary.ts').catch((cause: unknown) => {
    throw new ParleyError('ERR_KERNEL_MISSING', 'the WebAssembly kernels have not been built', { cause });
  });
  return WebAssembly.compile(Uint8Array.from(atob(kernelBinary), (byte) => byte.charCodeAt(0)));
}
