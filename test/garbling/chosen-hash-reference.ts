import { createCipheriv } from 'node:crypto';

/** A tweak as two numbers: the lower and the upper eight bytes. */
export interface Tweak {
  readonly counter: bigint;
  readonly domain: bigint;
}

/** H(x, t) = π(π(x) ⊕ t) ⊕ π(x) of one block by its definition, π being AES-128 under `key`. */
export function hashByDefinition(key: Uint8Array, x: Uint8Array, { counter, domain }: Tweak): Uint8Array {
  const permute = (block: Uint8Array) =>
    Uint8Array.from(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block));
  const tweak = new DataView(new ArrayBuffer(16));
  tweak.setBigUint64(0, counter, true);
  tweak.setBigUint64(8, domain, true);
  const inner = permute(x);
  const outer = permute(inner.map((byte, j) => byte ^ tweak.getUint8(j)));
  return outer.map((byte, j) => byte ^ inner[j]!);
}
