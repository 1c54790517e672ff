import { ruleOf } from '../../protocols/registry.ts';
import { type Bits, bigintToBits } from '../../src/circuit/bits.ts';
import { combine } from '../../src/circuit/combinations.ts';
import { bytesToInteger } from '../../src/crypto/integers.ts';
import type { Random } from '../../src/crypto/random.ts';
import { engagementDocument } from '../../src/documents/engagement.ts';
import { caseOf, type Fair } from '../../src/documents/fair.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import type { GeneralJws } from '../../src/documents/jws.ts';
import { maskDocument } from '../../src/documents/mask-opening.ts';
import { type Terms, termsDigest } from '../../src/documents/terms.ts';
import {
  type AnsweredEscrow,
  combinations,
  commitMasked,
  drawBits,
  Escrow,
  escrowLabel,
  jointSalt,
  matrixSeed,
  recordDigest,
  tagMatrix,
  unmask,
} from '../../src/escrow/index.ts';
import { arbiterCard, escrowKey } from './arbiter.ts';
import { type Deal, dealUnder, signerOf } from './deals.ts';
import { priced } from './drafts.ts';
import { seeded } from './shape.ts';
import { completed } from './terms.ts';

/** Everything that is signed in one case, with what opens it. */
export interface FairCase {
  readonly deal: Deal;
  /** The case, 32 bytes. */
  readonly name: Uint8Array;
  readonly fair: Fair;
  readonly salt: Uint8Array;
  readonly masked: Bits;
  /** By role. */
  readonly escrows: Readonly<Record<string, AnsweredEscrow>>;
  readonly engagements: Readonly<Record<string, GeneralJws>>;
  readonly masks: Readonly<Record<string, GeneralJws>>;
}

/** A sealed deal over a price, at 425, under terms with the arbiter of all files. */
export async function fairCase(): Promise<FairCase> {
  const arbiter = { card: await arbiterCard(), window: 600 };
  const deal = dealUnder(
    completed(priced({ rule: { name: 'split', sellerShare: '1/4' }, arbiter })),
    [{ reservation: '400' }, { reservation: '500' }],
    85,
  );
  const { terms, session } = deal;
  const width = ruleOf(terms).under(terms).outcomeWidth!;
  const outcome = bigintToBits(1n | (425n << 1n), width);
  const [seller, buyer] = [
    await answered(deal, 'seller', width, seeded(86)),
    await answered(deal, 'buyer', width, seeded(87)),
  ];
  const masked = unmask(outcome, seller.escrow.mask(), buyer.escrow.mask());
  const salt = jointSalt(seller.salt, buyer.salt);
  const escrows = { seller: seller.escrow, buyer: buyer.escrow };
  const fair: Fair = {
    escrows: Object.fromEntries(
      Object.entries(escrows).map(([role, { record }]) => [role, encodeBase64url(recordDigest(record))]),
    ),
    masked: encodeBase64url(commitMasked(session, salt, masked)),
    complainBy: '2029-06-01T12:10:00Z',
  };
  const name = caseOf({ terms: termsDigest(terms), session, fair });
  return {
    ...{ deal, name, fair, salt, masked, escrows },
    engagements: await signedBy(terms, (party) => engagementDocument({ ...deal, party, fair })),
    masks: await signedBy(terms, (party) =>
      maskDocument({ case: name, party, mask: escrows[party as keyof typeof escrows].open().mask }),
    ),
  };
}

/** A party's escrow, after it has answered the challenge of the other one. */
async function answered({ terms, session }: Deal, role: string, width: number, random: Random) {
  const key = escrowKey().publicKey;
  const label = escrowLabel({ session, terms: termsDigest(terms), role, key });
  const bits = drawBits(width, random);
  const escrow = await Escrow.make({ label, key, width, bits, random });
  const challenge = bytesToInteger(random(5));
  const matrix = matrixSeed(label, random(32));
  const opened = combine(combinations(challenge, tagMatrix(matrix, width)), bits);
  return { escrow: escrow.answer({ challenge, matrix, opened }), salt: escrow.salt };
}

/** A document of each party's, signed by it. */
async function signedBy(
  terms: Terms,
  documentOf: (party: string) => ReturnType<typeof maskDocument>,
): Promise<Record<string, GeneralJws>> {
  const signed = Object.entries(terms.parties).map(async ([party, key]) => {
    const document = documentOf(party);
    return [party, document.assemble({ key, signature: await document.sign(signerOf(party)) })] as const;
  });
  return Object.fromEntries(await Promise.all(signed));
}
