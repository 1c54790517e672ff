import { arbiterFingerprint, readArbiterCard, signArbiterCard } from '../../src/documents/arbiter-card.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import type { GeneralJws } from '../../src/documents/jws.ts';
import { EscrowKey } from '../../src/escrow/index.ts';
import { people } from './people.ts';
import { seeded } from './shape.ts';

export function escrowKey(): EscrowKey {
  return EscrowKey.generate(seeded(70));
}

/** The card of the arbiter of all files. */
export function arbiterCard(): Promise<GeneralJws> {
  const key = escrowKey();
  const identity = people.arbiter();
  return signArbiterCard(
    {
      escrow: key.publicKey,
      pop: key.provePossession(rawPublicKey(identity.publicKey), seeded(71)),
      at: 'https://arbiter.example',
      windows: { min: 300, max: 3_600 },
    },
    identity,
  );
}

export async function arbiterFingerprintOf(): Promise<string> {
  return arbiterFingerprint(readArbiterCard(await arbiterCard()));
}
