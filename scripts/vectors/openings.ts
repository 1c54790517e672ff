import { ruleOf } from '../../protocols/registry.ts';
import type { Mandate } from '../../protocols/rule.ts';
import { openAgreement } from '../../src/verify/openings.ts';
import { agreementOf, sealDigests } from './agreements.ts';
import { type Deal, sealedMenu, sealedPrice, signerOf } from './deals.ts';
import { sealKeys } from './people.ts';
import { type Maker, type Members, textOf } from './shape.ts';

export const openings: Maker = {
  about: 'Openings of both seals of two agreements, over a price and over a menu, and what they show.',
  make: async () => ({ opened: [await opened(sealedPrice()), await opened(sealedMenu())] }),
};

async function opened(deal: Deal): Promise<Members> {
  const agreement = await agreementOf(deal);
  const rule = ruleOf(deal.terms);
  const bound = rule.under(deal.terms);
  const keys = Object.values(sealKeys());
  const mandates = deal.entries.map((entry, i) => bound.seal!.mandate(i === 0 ? 'a' : 'b', entry)!);
  const openings = await Promise.all(
    rule.roles.map((role, i) =>
      openAgreement(agreement, {
        identity: signerOf(role).publicKey,
        sealKey: keys[i]!,
        mandate: mandates[i],
      }),
    ),
  );
  return {
    agreement: textOf(agreement),
    openings,
    ...sealDigests(deal),
    mandates: Object.fromEntries(rule.roles.map((role, i) => [role, inSteps(mandates[i]!)])),
  };
}

/** A mandate with utilities in steps of 1/65,535, as they are entered; one over prices stays as it is. */
function inSteps(mandate: Mandate): unknown {
  if (!('utilities' in mandate)) return mandate;
  const { reservation, utilities } = mandate as { reservation: number; utilities: readonly number[] };
  return { reservation: steps(reservation), utilities: utilities.map(steps) };
}

function steps(utility: number): number {
  return Math.round(utility * 65_535);
}
