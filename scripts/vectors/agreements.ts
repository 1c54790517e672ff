import { platform } from '#platform';
import { type Agreement, agreementDocument, serializeAgreement } from '../../src/documents/agreement.ts';
import { engagementDocument } from '../../src/documents/engagement.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import type { GeneralJws } from '../../src/documents/jws.ts';
import { outcomeDigest } from '../../src/documents/outcome-digest.ts';
import { termsDigest } from '../../src/documents/terms.ts';
import { type Deal, delegatedDeal, noDeal, sealedMenu, sealedPrice, signerOf } from './deals.ts';
import { hex, type Maker, type Members, textOf } from './shape.ts';

/** What both parties sign of a deal. */
export async function agreementOf(deal: Deal): Promise<Agreement> {
  const document = agreementDocument(deal);
  const signed = Object.keys(deal.terms.parties).map(async (role) => ({
    key: deal.terms.parties[role]!,
    signature: await document.sign(signerOf(role)),
  }));
  return document.assemble(...(await Promise.all(signed)));
}

export async function engagementOf(deal: Deal, party: string): Promise<GeneralJws> {
  const document = engagementDocument({ ...deal, party });
  const signature = await document.sign(signerOf(party));
  return document.assemble({ key: deal.terms.parties[party]!, signature });
}

export const agreements: Maker = {
  about: 'Agreements: without a deal, sealed, over a sealed menu, and by delegates of others.',
  make: async () => ({
    agreements: await Promise.all(
      [noDeal(), sealedPrice(), sealedMenu(), await delegatedDeal()].map(async (deal) => {
        const { terms, outcome, session } = deal;
        const agreement = await agreementOf(deal);
        return {
          document: textOf(agreement),
          terms: hex(termsDigest(terms)),
          outcome: hex(outcomeDigest({ terms, outcome, session: encodeBase64url(session) })),
          sha256: hex(platform.sha256(serializeAgreement(agreement))),
          ...sealDigests(deal),
        };
      }),
    ),
  }),
};

export const engagements: Maker = {
  about: 'Engagements of both parties: without seals, with seals, and with seals and fingerprints.',
  make: async () => ({
    engagements: await Promise.all(
      [noDeal(), sealedPrice(), sealedMenu()].flatMap((deal) =>
        Object.keys(deal.terms.parties).map(async (party) => ({
          document: textOf(await engagementOf(deal, party)),
          terms: hex(termsDigest(deal.terms)),
          session: hex(deal.session),
        })),
      ),
    ),
  }),
};

/** The digests of a deal's seals by role, if there are any. */
export function sealDigests({ seals }: Pick<Deal, 'seals'>): Members {
  if (seals === undefined) return {};
  return {
    seals: Object.fromEntries(Object.entries(seals).map(([role, seal]) => [role, hex(seal.digest())])),
  };
}
