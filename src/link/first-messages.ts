import { toHex } from '../crypto/encoding.ts';

/** The most first messages that are remembered for one secret. Only a holder of the secret can make one, so only a holder can fill this memory. */
const LIMIT = 4_096;

const memories = new WeakMap<Uint8Array, Set<string>>();

/**
 * Whether a first message is new, by its sender's ephemeral key (32 bytes). The message must have been verified under the invite's secret. It is
 * remembered for as long as the array that holds the secret lives. After 4,096 messages the oldest is forgotten.
 */
export function isFirst(secret: Uint8Array, ephemeral: Uint8Array): boolean {
  const known = memories.get(secret) ?? new Set();
  memories.set(secret, known);
  const key = toHex(ephemeral);
  if (known.has(key)) return false;
  known.add(key);
  if (known.size > LIMIT) {
    const [oldest] = known;
    known.delete(oldest!);
  }
  return true;
}
