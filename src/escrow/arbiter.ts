import type { Opened } from './encryption.ts';
import type { EscrowKey } from './key.ts';
import type { EscrowLabel } from './label.ts';
import { type ShownEscrow, unopenedPlace } from './record.ts';

/** What the arbiter opens of one escrow: each unopened ciphertext, or undefined for one that is not valid at its place. */
export function openEscrow(
  key: EscrowKey,
  label: EscrowLabel,
  { challenge, ciphertexts }: ShownEscrow,
): (Opened | undefined)[] {
  return ciphertexts.map((ciphertext, pair) =>
    key.decrypt(unopenedPlace(label, challenge, pair), ciphertext),
  );
}
