import { defineArbiter, memoryCases, verifyContradiction } from '../../src/arbiter/index.ts';
import { packBits } from '../../src/circuit/bits.ts';
import { signComplaint } from '../../src/documents/complaint.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { openJws } from '../../src/documents/jws.ts';
import { outcomeDigest } from '../../src/documents/outcome-digest.ts';
import { signVoid } from '../../src/documents/void.ts';
import { shownOf } from '../../src/escrow/index.ts';
import {
  maskByArbiter,
  maskByParty,
  provedOutcome,
  serializeProvedOutcome,
} from '../../src/verify/proved-form.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { sealDigests } from './agreements.ts';
import { arbiterCard, arbiterFingerprintOf, escrowKey } from './arbiter.ts';
import { type FairCase, fairCase } from './fair.ts';
import { people } from './people.ts';
import { hex, type Maker, textOf } from './shape.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export const resolutions: Maker = {
  about:
    'A case before an arbiter: its card, engagements, masks, complaint, resolution, a false void, and two proofs of one outcome.',
  async make() {
    const of = await fairCase();
    const { deal, name, engagements, masks } = of;
    const secret = escrowKey();
    const complaint = await complaintOf(of);
    const resolution = await defineArbiter({
      identity: people.arbiter(),
      escrowKey: secret,
      store: memoryCases(),
      now: () => Date.parse('2029-06-01T12:05:00Z'),
    }).answer(complaint);
    const { session } = deal;
    const asOf = '2029-06-01T12:11:00Z';
    const lie = await signVoid({ case: name, session, asOf }, people.arbiter());
    verifyContradiction({ resolution, void: lie }, people.arbiter().publicKey);
    return {
      escrowSecret: hex(secret.exportSecret()),
      card: textOf(await arbiterCard()),
      fingerprint: await arbiterFingerprintOf(),
      case: hex(name),
      ...sealDigests(deal),
      engagements: inText(engagements),
      masks: inText(masks),
      complaint: text(complaint),
      resolution: text(resolution),
      void: text(lie),
      outcome: hex(outcomeDigest({ ...deal, session: encodeBase64url(session) })),
      opened: await proved(of),
      resolved: await proved(of, resolution),
    };
  },
};

function inText(documents: FairCase['masks']): Record<string, string> {
  return Object.fromEntries(Object.entries(documents).map(([role, document]) => [role, textOf(document)]));
}

function complaintOf({ engagements, escrows }: FairCase): Promise<Uint8Array> {
  const shown = Object.entries(escrows).map(([role, { record }]) => [role, shownOf(record)]);
  return signComplaint({ by: 'seller', engagements, escrows: Object.fromEntries(shown) }, people.seller());
}

/** A proof of the outcome: both masks opened by their parties; or the buyer's by the arbiter. */
async function proved(of: FairCase, resolution?: Uint8Array): Promise<string> {
  const { deal, engagements, escrows, masks, masked, salt } = of;
  const opened = (role: string) => maskByParty(escrows[role]!.record, escrows[role]!.open(), masks[role]!);
  const document = serializeProvedOutcome(
    provedOutcome({
      engagements: [engagements.seller!, engagements.buyer!],
      seals: deal.seals,
      ...{ salt, masked: packBits(masked) },
      masks: {
        seller: opened('seller'),
        buyer: resolution === undefined ? opened('buyer') : maskByArbiter(escrows.buyer!.record, 3),
      },
      resolution: resolution && openJws(resolution).jws,
    }),
  );
  const { outcome } = await verifyAgreement(document, { parties: 'unpinned' });
  if (outcome.price !== '425') throw new Error('the proof proves another outcome');
  return text(document);
}
