import { toHex } from '../crypto/encoding.ts';

/** First messages that are remembered for one secret. Only its holders can make one, so only they can fill this. */
const LIMIT = 4_096;

const memories = new WeakMap<Uint8Array, Set<string>>();

/**
 * Whether a first message that has been verified under an invite's secret is new, by its sender's ephemeral key (32 bytes); it is not from
 * then on. What is known of a secret lasts as long as the array that holds it. Past 4,096 the oldest is forgotten.
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
