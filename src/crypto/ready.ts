import { warmUp } from './group-batch.ts';
import { kernelsReady } from './kernel-module.ts';
import { loadSodium } from './sodium.ts';

let preparing: Promise<void> | undefined;

/** Loads and compiles everything that a session computes with, once. `loadSodium` is enough for keys and signatures. */
export function cryptoReady(): Promise<void> {
  preparing ??= prepare();
  return preparing;
}

async function prepare(): Promise<void> {
  await Promise.all([loadSodium(), kernelsReady()]);
  warmUp();
}
