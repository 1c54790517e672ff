import { platform } from '#platform';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { turn } from '../crypto/turns.ts';
import type { SignedDelegations } from '../documents/bound-party.ts';
import type { Engine } from '../engine/engine.ts';
import { InputError } from '../errors.ts';
import { FairSetup } from './fair-setup.ts';
import type { SessionParts } from './parts.ts';
import type { Side } from './preflight.ts';
import { Sealing } from './sealing.ts';
import { type Mode, type Plan, TermsExchange, type TravellingCertificates } from './terms-exchange.ts';

/** After step 2: a negotiation whose terms both sides have accepted. */
export interface Agreed extends Plan {
  readonly side: Side;
  /** Names this negotiation, 32 bytes. */
  readonly id: Uint8Array;
  readonly engine: Promise<Engine>;
  /** Undefined where the terms have no seals. */
  readonly sealing: Sealing | undefined;
  /** Undefined where the terms have no arbiter. */
  readonly fair: FairSetup | undefined;
  /** The mandate certificates of both sides as the agreement holds them, once `engine` computes; undefined where both act for themselves. */
  readonly delegations: () => SignedDelegations | undefined;
}

export interface AgreeOptions {
  readonly mode: Mode;
  /** How many negotiations the session has had. */
  readonly number: number;
  /** Called with the error that stopped the engine. */
  readonly stop: (error: unknown) => void;
}

/** Steps 1 and 2: both sides show that they have the same terms; meanwhile the setup begins. */
export async function agree(parts: SessionParts, side: Side, options: AgreeOptions): Promise<Agreed> {
  const { link, initiator, sessionId, setup, witness } = parts;
  const { security, seals } = side.terms;
  const id = hash(tags.negotiationId, sessionId, options.number);
  witness.begins(side, id);
  // Once the setup has begun, the responder says hello first where its engine sends first: the hello travels with that message.
  const sealed = seals !== 'none';
  const deferred = (await setup.begun)?.responderBegins ?? false;
  const speaksFirst = deferred ? !initiator : initiator;
  const { mode } = options;
  const exchange = new TermsExchange({
    ...{ link, digest: side.digest, mode, speaksFirst, deferred },
    certificates: travelling(parts, side),
  });
  const sealing = sealed ? sealingOf(parts, side, id, exchange) : undefined;
  const fair = fairOf(parts, side, id, exchange);
  if (fair !== undefined) setup.guard(fair);
  const open = () => setup.open(security, side.party, id, sealing?.link ?? fair?.link ?? exchange);
  await exchange.begin();
  let engine: Promise<Engine> | undefined;
  if (speaksFirst) {
    engine = open();
    engine.catch(() => undefined); // reported where it is awaited
  }
  if (sealing !== undefined || fair !== undefined) {
    await platform.nextTurn(); // what was sent leaves before this side computes
    await turn();
    sealing?.prepare(initiator);
    fair?.make();
  }
  if (!exchange.mayGoOn) await exchange.confirm();
  await sealing?.begin(fair?.beside());
  await fair?.begin();
  engine ??= open();
  engine.catch(options.stop);
  const delegations = () => parts.certificates.signed(side);
  return { ...exchange.plan, side, id, engine, sealing, fair, delegations };
}

/** The mandate certificates that these terms name and that have not travelled in this session. Undefined if there are none. */
function travelling(
  { certificates, link, witness }: SessionParts,
  side: Side,
): TravellingCertificates | undefined {
  const [owed, awaited] = [certificates.isOwed(side), certificates.isAwaited(side)];
  if (side.terms.mandates === undefined) return undefined;
  return {
    send: owed ? () => certificates.send(link) : undefined,
    receive: awaited
      ? async () => {
          await certificates.receiveUnder(link, side);
          await witness.admitBound(side);
        }
      : undefined,
  };
}

/** The seals of a negotiation, before this side has its mandate. Throws InputError `ERR_USAGE` without a seal key. */
function sealingOf(parts: SessionParts, side: Side, session: Uint8Array, link: TermsExchange): Sealing {
  const { initiator, sealKey: key, knownKeys, random } = parts;
  const { seal } = side.bound;
  if (key === undefined || seal === undefined) throw noSealKey();
  return new Sealing(link, { side, seal, session, garbles: !initiator, key, knownKeys, random });
}

/** The fair reveal of a negotiation, before this side has its mandate; undefined without an arbiter. */
function fairOf(
  { initiator, random }: SessionParts,
  side: Side,
  session: Uint8Array,
  link: TermsExchange,
): FairSetup | undefined {
  const { arbiter } = side;
  if (arbiter === undefined) return undefined;
  return new FairSetup(link, { side, arbiter, session, garbles: !initiator, random });
}

export function noSealKey(): InputError {
  return new InputError('ERR_USAGE', 'the terms ask for seals, and this side has no seal key', {
    hint: 'give a sealKey, made by createSealKey, or terms with "seals": "none"',
  });
}
