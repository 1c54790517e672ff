import { packBits } from '../circuit/bits.ts';
import type { VerifiedAgreement } from '../documents/agreement.ts';
import type { Identity } from '../documents/identity.ts';
import { type GeneralJws, openJws } from '../documents/jws.ts';
import { maskDocument } from '../documents/mask-opening.ts';
import type { RuleForTerms } from '../documents/rule.ts';
import {
  type MaskProof,
  maskByArbiter,
  maskByParty,
  provedOutcome,
  serializeProvedOutcome,
} from '../verify/proved-form.ts';
import { verifyAgreement, verifyEngagement } from '../verify/verify.ts';
import type { ReadDispute, SignedOpening } from './dispute.ts';
import type { Resolved } from './settle.ts';

/** One side of a dispute. */
export interface Side {
  readonly dispute: ReadDispute;
  /** The identity that signed the own engagement. */
  readonly identity: Identity;
  /** The rule of the terms, if it is not one of Parley's. */
  readonly rules?: readonly RuleForTerms[] | undefined;
}

/** This side has the outcome, and a proof of it that everybody can verify. */
export interface Proved {
  readonly kind: 'proved';
  /** In its one byte form; `verifyAgreement` reads it. */
  readonly proof: Uint8Array;
  readonly agreement: VerifiedAgreement;
}

/** What proves the masks of both sides. */
interface Evidence {
  readonly engagements: Readonly<Record<string, GeneralJws>>;
  readonly masks: Readonly<Record<string, MaskProof>>;
  readonly resolution?: GeneralJws;
}

/** The proof that the peer's own opening gives; undefined without one. */
export async function proveOpened(side: Side): Promise<Proved | undefined> {
  const { role, engagements, records, peer } = side.dispute;
  const [party, ...more] = Object.keys(engagements).filter((name) => name !== role);
  if (peer === undefined || party === undefined || more.length > 0) return undefined;
  const theirs = maskByParty(records[party]!, peer, peerDocument(side.dispute, party, peer));
  return prove(side, { engagements, masks: { [party]: theirs, [role]: await ownMask(side) } });
}

/** The proof that a resolution gives. If it lacks this side's own mask, this side opens it. */
export async function proveResolved(side: Side, resolved: Resolved): Promise<Proved> {
  const { role, records } = side.dispute;
  const { engagements, resolution } = resolved;
  const masks = Object.fromEntries(
    Object.entries(resolved.masks).map(([name, { index }]) => [name, maskByArbiter(records[name]!, index)]),
  );
  masks[role] ??= await ownMask(side);
  return prove(side, { engagements, masks, resolution: openJws(resolution).jws });
}

/** Puts a proof together, and verifies it as anybody would. */
async function prove({ dispute, rules }: Side, evidence: Evidence): Promise<Proved> {
  const { role, salt, masked, seals, mandates } = dispute;
  const options = { parties: 'unpinned', rules } as const;
  const { terms } = await verifyEngagement(dispute.engagements[role]!, options);
  // Verified terms have the parties in the order of the rule's roles.
  const [first, second] = Object.keys(terms.parties).map((name) => evidence.engagements[name]!);
  const proved = provedOutcome({
    ...evidence,
    ...{ engagements: [first!, second!], salt, masked: packBits(masked) },
  });
  const proof = serializeProvedOutcome({
    ...proved,
    ...(seals !== undefined && { seals }),
    ...(mandates !== undefined && { mandates }),
  });
  return { kind: 'proved', proof, agreement: await verifyAgreement(proof, options) };
}

/** This side's own mask, which it signs for this case. */
async function ownMask({ dispute, identity }: Side): Promise<MaskProof> {
  const { role, records, own, engagement } = dispute;
  const document = maskDocument({ case: engagement.case, party: role, mask: own.mask });
  const signature = await document.sign(identity);
  return maskByParty(records[role]!, own, document.assemble({ key: identity.publicKey, signature }));
}

function peerDocument({ engagement }: ReadDispute, party: string, peer: SignedOpening): GeneralJws {
  const document = maskDocument({ case: engagement.case, party, mask: peer.mask });
  return document.assemble({ key: engagement.parties[party]!, signature: peer.signature });
}
