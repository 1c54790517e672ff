import { ruleOf } from '../../protocols/registry.ts';
import type { BoundRule, Entry } from '../../protocols/rule.ts';
import { packBits } from '../../src/circuit/bits.ts';
import { Kernel } from '../../src/crypto/kernel.ts';
import { addHashOf } from '../../src/crypto/polynomial-hash.ts';
import type { AgreementBody } from '../../src/documents/agreement.ts';
import type { Fingerprints } from '../../src/documents/fingerprints.ts';
import type { Terms } from '../../src/documents/terms.ts';
import { PreparedEncryption } from '../../src/paillier/index.ts';
import { fingerprintMask, type SealedValue, sealPrepared } from '../../src/seals/index.ts';
import { priced } from './drafts.ts';
import { certificates, sellerList } from './mandates.ts';
import { people, sealKeys } from './people.ts';
import { once, seeded } from './shape.ts';
import { completed } from './terms.ts';

/** What both parties have signed, and with which mandates. Nothing of it has been computed: seals and fingerprints are made from the entries. */
export interface Deal extends AgreementBody {
  readonly terms: Terms;
  readonly entries: readonly [Entry, Entry];
  readonly session: Uint8Array;
}

/** Neither would take the other's price. */
export const noDeal = once(() =>
  dealUnder(
    completed(priced({ rule: { name: 'zopa' }, security: 'semi-honest' })),
    [{ reservation: '600' }, { reservation: '500' }],
    80,
  ),
);

export const sealedPrice = once(() =>
  dealUnder(
    completed(priced({ rule: { name: 'split', sellerShare: '1/4' } })),
    [{ reservation: '400' }, { reservation: '500' }],
    81,
  ),
);

export const sealedMenu = once((): Deal => {
  const { range: _, ...draft } = priced({ rule: { name: 'menu', solution: 'egalitarian', version: 2 } });
  const [a, b] = [people.seller().publicKey, people.buyer().publicKey];
  const issues = [{ name: 'Colour', values: ['red', 'green', 'blue'] }];
  return dealUnder(
    completed({ ...draft, parties: { a, b }, menu: { issues } }),
    [
      { reservation: 0.1, utilities: [1, 0.7, 0] },
      { reservation: 0.1, utilities: [0, 0.7, 1] },
    ],
    82,
  );
});

/** A deal that both have made for somebody else. */
export async function delegatedDeal(): Promise<Deal> {
  const [seller, buyer] = await certificates();
  const mandates = { seller: seller.digest, buyer: buyer.digest };
  const deal = dealUnder(
    completed(priced({ rule: { name: 'split' }, security: 'semi-honest', mandates })),
    [{ reservation: '400' }, { reservation: '500' }],
    83,
  );
  const documents = {
    seller: { certificate: seller.document, revocations: await sellerList() },
    buyer: { certificate: buyer.document },
  };
  return { ...deal, mandates: documents };
}

export function dealUnder(terms: Terms, mandates: readonly [unknown, unknown], seed: number): Deal {
  const rule = ruleOf(terms);
  const bound = rule.under(terms);
  const random = seeded(seed);
  const session = random(32);
  const [a, b] = [bound.enter('a', mandates[0], random), bound.enter('b', mandates[1], random)];
  const plain = { terms, session, entries: [a, b] as const, outcome: bound.plain(a, b) };
  if (terms.seals === 'none') return plain;
  const keys = Object.values(sealKeys());
  const sealed = [a, b].map((entry, i) =>
    sealPrepared(PreparedEncryption.create(keys[i]!.key, random), entry.value, bound.seal!.width, entry.rest),
  );
  const byRole = <Value>(values: readonly Value[]) =>
    Object.fromEntries(rule.roles.map((role, i) => [role, values[i]!]));
  const seals = byRole(sealed.map(({ seal }) => seal));
  const fingerprints = fingerprintsOf(bound, plain.entries, sealed, session, random);
  return {
    ...plain,
    seals,
    fingerprints: fingerprints && { ...fingerprints, values: byRole(fingerprints.values) },
  };
}

/** Fingerprints of both entries, under keys that a session would have drawn. */
function fingerprintsOf(
  { seal }: BoundRule,
  entries: readonly Entry[],
  sealed: readonly SealedValue[],
  session: Uint8Array,
  random: (length: number) => Uint8Array,
): { readonly keys: Fingerprints['keys']; readonly values: readonly Uint8Array[] } | undefined {
  const committed = seal?.committed;
  if (committed === undefined) return undefined;
  const keys = committed.widths.map(() => random(16));
  const kernel = new Kernel();
  const values = entries.map((entry, i) => {
    const sum = fingerprintMask(sealed[i]!.randomness, session);
    let part = 0;
    for (const bits of committed.inputs(entry)) addHashOf(kernel, sum, keys[part++]!, packBits(bits));
    return sum;
  });
  kernel.destroy();
  return { keys, values };
}

/** Whoever signs for a role of the two. */
export function signerOf(role: string) {
  return role === 'seller' || role === 'a' ? people.seller() : people.buyer();
}
