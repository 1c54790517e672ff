import type { Mandate } from '../../protocols/rule.ts';
import { type Bits, packBits } from '../../src/circuit/bits.ts';
import { agreementDocument, type SealsByRole, serializeAgreement } from '../../src/documents/agreement.ts';
import { engagementDocument } from '../../src/documents/engagement.ts';
import { caseOf, type Fair } from '../../src/documents/fair.ts';
import type { Fingerprints } from '../../src/documents/fingerprints.ts';
import type { Identity } from '../../src/documents/identity.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import type { GeneralJws, SignableDocument } from '../../src/documents/jws.ts';
import { maskDocument } from '../../src/documents/mask-opening.ts';
import { signResolution } from '../../src/documents/resolution.ts';
import type { OutcomeJson } from '../../src/documents/rule.ts';
import { termsDigest } from '../../src/documents/terms.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import {
  commitMasked,
  escrowLabel,
  jointSalt,
  maskFromOpened,
  openEscrow,
  recordDigest,
  shownOf,
  unmask,
} from '../../src/escrow/index.ts';
import {
  maskByArbiter,
  maskByParty,
  type ProofParts,
  provedOutcome,
  serializeProvedOutcome,
} from '../../src/verify/proved-form.ts';
import { noRelease } from '../support/rules.ts';
import { arbiter, digest, type Settled, seeded, settled } from './support.ts';
import { type ArbitratedTerms, arbiterIdentity, buyer, ruleOf, seller } from './terms.ts';

/** Everything that two honest sides have at the end of a fair reveal, and what the arbiter would say. */
export interface Revealed {
  readonly terms: ArbitratedTerms;
  readonly outcome: OutcomeJson;
  readonly session: Uint8Array;
  readonly fair: Fair;
  readonly case: Uint8Array;
  readonly escrows: Readonly<Record<string, Settled>>;
  readonly engagements: readonly [GeneralJws, GeneralJws];
  /** Each party's signed opening of its mask, by role. */
  readonly masks: Readonly<Record<string, GeneralJws>>;
  readonly resolution: GeneralJws;
  readonly parts: Omit<ProofParts, 'masks'>;
  /** The three proofs of the outcome. */
  readonly signed: Uint8Array;
  readonly opened: Uint8Array;
  readonly resolved: Uint8Array;
}

export const complainBy = '2026-11-27T12:10:00Z';
export const signed = async (document: SignableDocument, identity: Identity): Promise<GeneralJws> =>
  document.assemble({ key: identity.publicKey, signature: await document.sign(identity) });

/** Plays both sides of a session, with plain bits in place of the engine's. */
export async function reveal(
  terms: ArbitratedTerms,
  mandates: readonly [Mandate, Mandate],
  evidence: { readonly seals?: SealsByRole; readonly fingerprints?: Fingerprints } = {},
): Promise<Revealed> {
  const rule = ruleOf(terms);
  const bound = rule.under(terms);
  const identities = { [rule.roles[0]]: seller, [rule.roles[1]]: buyer };
  const session = digest('a session');
  const digestOfTerms = termsDigest(terms);
  const opened = await openedBits(terms, mandates);
  const width = bound.outcomeWidth!;
  const escrows: Record<string, Settled> = {};
  for (const [i, role] of rule.roles.entries()) {
    const label = escrowLabel({ session, terms: digestOfTerms, role, key: arbiter.publicKey });
    escrows[role] = await settled({ label, key: arbiter.publicKey, width }, seeded(20, i));
  }
  const [a, b] = rule.roles.map((role) => escrows[role]!);
  const masked = unmask(opened, a!.own.mask(), b!.own.mask());
  const salt = jointSalt(seeded(21)(32), seeded(22)(32));
  const of = (each: (role: string) => string) =>
    Object.fromEntries(rule.roles.map((role) => [role, each(role)]));
  const fair: Fair = {
    escrows: of((role) => encodeBase64url(recordDigest(escrows[role]!.record))),
    ...(evidence.fingerprints !== undefined && {
      fingerprints: of((role) => encodeBase64url(evidence.fingerprints!.values[role]!)),
    }),
    masked: encodeBase64url(commitMasked(session, salt, masked)),
    complainBy,
  };
  const body = { terms, session, ...evidence };
  const engagements = (await Promise.all(
    rule.roles.map((party) => signed(engagementDocument({ ...body, party, fair }), identities[party]!)),
  )) as [GeneralJws, GeneralJws];
  const id = caseOf({ terms: digestOfTerms, session, fair });
  const masks: Record<string, GeneralJws> = {};
  for (const party of rule.roles) {
    const { mask } = escrows[party]!.own.open();
    masks[party] = await signed(maskDocument({ case: id, party, mask }), identities[party]!);
  }
  const outcome = bound.readOutcome!(opened);
  const resolution = await resolve({ terms, session, fair, id, escrows, engagements });
  const parts = { engagements, seals: evidence.seals, salt, masked: packBits(masked) };
  const byRole = <Value>(each: (role: string) => Value) =>
    Object.fromEntries(rule.roles.map((role) => [role, each(role)]));
  const document = agreementDocument({ ...body, outcome });
  const signatures = await Promise.all(
    rule.roles.map(async (role) => {
      const identity = identities[role]!;
      return { key: identity.publicKey, signature: await document.sign(identity) };
    }),
  );
  return {
    ...{ terms, outcome, session, fair, case: id, escrows, engagements, masks, resolution, parts },
    signed: serializeAgreement(document.assemble(...signatures)),
    opened: serializeProvedOutcome(
      provedOutcome({
        ...parts,
        masks: byRole((role) => maskByParty(escrows[role]!.record, escrows[role]!.own.open(), masks[role]!)),
      }),
    ),
    resolved: serializeProvedOutcome(
      provedOutcome({
        ...parts,
        resolution,
        masks: byRole((role) => {
          const { record } = escrows[role]!;
          return maskByArbiter(
            record,
            maskFromOpened(record, openEscrow(arbiter, record.label, shownOf(record)))!.index,
          );
        }),
      }),
    ),
  };
}

/** What an honest arbiter signs on a complaint in time. */
async function resolve(
  of: Pick<Revealed, 'terms' | 'session' | 'fair' | 'escrows' | 'engagements'> & { readonly id: Uint8Array },
): Promise<GeneralJws> {
  const roles = Object.keys(of.escrows);
  const bytes = await signResolution(
    {
      case: of.id,
      session: of.session,
      terms: termsDigest(of.terms),
      complainBy,
      resolved: '2026-11-27T12:05:00Z',
      by: roles[0]!,
      engagements: Object.fromEntries(roles.map((role, i) => [role, of.engagements[i]!])),
      opened: Object.fromEntries(
        roles.map((role) => {
          const { record } = of.escrows[role]!;
          return [role, openEscrow(arbiter, record.label, shownOf(record))];
        }),
      ),
    },
    arbiterIdentity,
  );
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** The bits that a computation of the rule opens. */
async function openedBits(terms: ArbitratedTerms, mandates: readonly [Mandate, Mandate]): Promise<Bits> {
  const bound = ruleOf(terms).under(terms);
  const engines = clearEngines();
  const reveal = engines.a.reveal.bind(engines.a);
  let opened: Bits | undefined;
  engines.a.reveal = async (...given) => {
    opened = await reveal(...given);
    return opened;
  };
  const random = seeded(23);
  const [a, b] = [bound.enter('a', mandates[0], random), bound.enter('b', mandates[1], random)];
  await Promise.all([bound.compute(engines.a, a, noRelease), bound.compute(engines.b, b, noRelease)]);
  for (const engine of [engines.a, engines.b]) engine.close();
  return opened!.slice();
}
