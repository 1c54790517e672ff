import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/crypto/encoding.ts';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { parseInvite } from '../../src/desk/invite.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import type { PublicJwk } from '../../src/documents/terms.ts';
import { PublicKey } from '../../src/paillier/index.ts';
import { verifyKeyProof } from '../../src/paillier/key-proof/index.ts';
import { verifyOpenings } from '../../src/verify/openings.ts';
import { verifyAgreement, verifyDelegation, verifyEngagement } from '../../src/verify.ts';

/** The entries of a list in a file of vectors. */
function entries<Entry>(file: string, list: string): Entry[] {
  const text = readFileSync(new URL(`../../vectors/v1/${file}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as Record<string, Entry[]>)[list]!;
}

interface Signed {
  readonly document: string;
}

beforeAll(loadSodium);

describe('what vectors hold is what Parley accepts', () => {
  test('agreements and engagements', async () => {
    const unpinned = { parties: 'unpinned' } as const;
    const agreements = entries<Signed>('agreements', 'agreements');
    const verified = await Promise.all(agreements.map(({ document }) => verifyAgreement(document, unpinned)));
    expect(verified.map(({ outcome }) => outcome.deal)).toEqual([false, true, true, true]);
    for (const { document } of entries<Signed>('engagements', 'engagements')) {
      await verifyEngagement(document, unpinned);
    }
  });

  test('mandate certificates, and lists of revocations of the first', async () => {
    const certificates = entries<Signed & { readonly digest: string }>('mandates', 'certificates');
    const [first] = certificates;
    const lists = entries<Signed & { readonly revokes: boolean }>('mandates', 'revocations');
    for (const { document: certificate } of certificates) await verifyDelegation({ certificate });
    for (const { document: revocations, revokes } of lists) {
      const found = await verifyDelegation({ certificate: first!.document, revocations });
      expect(found.revocations!.certificates).toEqual(revokes ? [found.digest] : []);
    }
  });

  test('invites', () => {
    for (const { text, secret } of entries<{ text: string; secret: string }>('invites', 'invites')) {
      expect(toHex(parseInvite(text).secret)).toBe(secret);
    }
  });

  test('key proofs, each for its owner alone', () => {
    const keys = entries<{ owner: PublicJwk; modulus: string; proof: string }>('key-proofs', 'keys');
    for (const { owner, modulus, proof } of keys) {
      const key = PublicKey.fromBytes(fromHex(modulus));
      const valid = keys.map((one) => verifyKeyProof(key, rawPublicKey(one.owner), fromHex(proof)));
      expect(valid).toEqual(keys.map((one) => one.owner.x === owner.x));
    }
  });

  test.runIf(process.env.PARLEY_FULL !== undefined)('openings', async () => {
    type Opened = { readonly agreement: string; readonly openings: unknown[] };
    for (const { agreement, openings } of entries<Opened>('openings', 'opened')) {
      const { confirmed } = await verifyOpenings(JSON.parse(agreement), openings, { parties: 'unpinned' });
      expect(confirmed).toBe(true);
    }
  });
});
