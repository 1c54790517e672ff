import { rules } from '../../protocols/registry.ts';
import type { Rule } from '../../protocols/rule.ts';
import { signArbiterCard } from '../../src/documents/arbiter-card.ts';
import type { ArbiterTerms } from '../../src/documents/arbiter-terms.ts';
import { generateIdentity, type LocalIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import type { GeneralJws } from '../../src/documents/jws.ts';
import { parseTerms, type Terms } from '../../src/documents/terms.ts';
import type { EscrowKey } from '../../src/escrow/index.ts';
import { termsOf } from '../findings/support.ts';
import { buyer, seller } from '../support/sessions.ts';
import { arbiter, seeded } from './support.ts';

export { buyer, seller };
export const arbiterIdentity = generateIdentity(seeded(90));

/** A card, signed by an identity, with an escrow key and its proof. */
export async function cardOf({
  identity = arbiterIdentity,
  key = arbiter,
  proves = key,
}: {
  identity?: LocalIdentity;
  key?: EscrowKey;
  proves?: EscrowKey;
} = {}): Promise<GeneralJws> {
  const pop = proves.provePossession(rawPublicKey(identity.publicKey), seeded(91));
  const windows = { min: 300, max: 1800 };
  return signArbiterCard({ escrow: key.publicKey, pop, at: 'https://arbiter.example', windows }, identity);
}

export type ArbitratedTerms = Terms & { readonly arbiter: ArbiterTerms };

/** Terms with an arbiter. */
export async function arbitratedTerms(changes: Partial<Terms> = {}): Promise<ArbitratedTerms> {
  const { arbiter: given, ...rest } = changes;
  const base = termsOf({ security: 'malicious', ...rest });
  const named = given ?? { card: await cardOf(), window: 600 };
  return parseTerms({ ...base, arbiter: named }, ruleOf(base)) as ArbitratedTerms;
}

export function ruleOf({ rule }: Pick<Terms, 'rule'>): Rule {
  return rules.find(({ name }) => name === rule.name)!;
}
