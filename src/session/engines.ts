import { hash } from '../crypto/hash.ts';
import type { Kernel } from '../crypto/kernel.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { turn } from '../crypto/turns.ts';
import type { Security } from '../documents/terms.ts';
import { AuthenticatedEvaluator } from '../engine/authenticated/evaluator.ts';
import { AuthenticatedGarbler } from '../engine/authenticated/garbler.ts';
import type { Engine, Party } from '../engine/engine.ts';
import { YaoEvaluator } from '../engine/yao-evaluator.ts';
import { YaoGarbler } from '../engine/yao-garbler.ts';
import { PeerCheatedError } from '../errors.ts';
import { EvaluatorCorrelations, GarblerCorrelations } from '../garbling/authenticated/ot-correlations.ts';
import { openLabelReceiver, openLabelSender } from '../garbling/half-gates/inputs.ts';
import type { Link } from '../link/link.ts';
import { BaseOtReceiver, BaseOtSender } from '../ot/index.ts';

/** Makes the engines of a session, one per negotiation, over one setup (OT correlations that live as long as the session). */
export interface EngineSource {
  /** Which side knows an outcome first, and so signs the agreement first. */
  readonly initiatorLearnsFirst: boolean;
  /** Whether the responder's engine sends first. Its first message is then random. */
  readonly responderBegins: boolean;
  /** An engine for this party that speaks over `link`. No other engine may have had this `sessionId` (32 bytes). */
  open(party: Party, sessionId: Uint8Array, link: Link): Engine;
  /** Zeroes the setup. */
  close(): void;
}

export interface SetupOptions {
  readonly security: Security;
  readonly initiator: boolean;
  readonly link: Link;
  readonly kernel: Kernel;
  readonly random: Random;
  readonly sessionId: Uint8Array;
  readonly early: EarlyState;
}

/** What this side keeps of the handshake's early bytes: the responder its secret, the initiator its copy of the point. */
export type EarlyState =
  | { readonly sender: BaseOtSender }
  | { readonly point: Uint8Array; readonly baseSid: Uint8Array };

/**
 * The responder's early bytes: its base-OT point (32 bytes). The point does not depend on the security that the terms will
 * ask for. `context` binds the batch to this connection's handshake.
 */
export function makeEarly(random: Random, context: Uint8Array): { state: EarlyState; bytes: Uint8Array } {
  const sender = new BaseOtSender(random, baseSid(context));
  return { state: { sender }, bytes: sender.point };
}

/** Reads the responder's early bytes at the initiator. Throws `ERR_PEER_CHEATED` unless there are 32; the point is checked when it is used. */
export function acceptEarly(bytes: Uint8Array, context: Uint8Array): EarlyState {
  if (bytes.length !== 32) throw new PeerCheatedError('length of the base OT point');
  return { point: bytes, baseSid: baseSid(context) };
}

function baseSid(context: Uint8Array): Uint8Array {
  return hash(tags.earlyBaseOt, context);
}

/** Runs the setup. Its messages do not depend on either party's mandate. */
export async function openEngineSource(options: SetupOptions): Promise<EngineSource> {
  await turn();
  switch (options.security) {
    case 'semi-honest':
      return openYao(options);
    case 'malicious':
      return openAuthenticated(options);
  }
}

/** The initiator evaluates, and learns the outcome first. */
async function openAuthenticated(options: SetupOptions): Promise<EngineSource> {
  const { link, kernel, random, sessionId: sid, early } = options;
  if ('point' in early) {
    const { point, baseSid: base } = early;
    const correlated = new EvaluatorCorrelations(
      { kernel, random, sid },
      (delta) => new BaseOtReceiver(random, base, delta, point),
    );
    try {
      await correlated.begin(link);
    } catch (error) {
      correlated.close();
      throw error;
    }
    return {
      initiatorLearnsFirst: true,
      responderBegins: true,
      open: (party, sessionId, engineLink) =>
        new AuthenticatedEvaluator({ link: engineLink, random, party, correlated, sessionId }),
      close: () => correlated.close(),
    };
  }
  const correlated = new GarblerCorrelations({ kernel, random, sid }, early.sender);
  return {
    initiatorLearnsFirst: true,
    responderBegins: true,
    open: (party, sessionId, engineLink) =>
      new AuthenticatedGarbler({ link: engineLink, random, party, correlated, sessionId }),
    close: () => correlated.close(),
  };
}

/** The initiator garbles, and the responder learns the outcome first. */
async function openYao(options: SetupOptions): Promise<EngineSource> {
  const { link, kernel, random, sessionId: sid, early } = options;
  const common = { link, kernel, random };
  if ('point' in early) {
    const ot = await openLabelSender({ ...common, sid, point: early.point, baseSid: early.baseSid });
    return {
      initiatorLearnsFirst: false,
      responderBegins: false,
      open: (party, sessionId, engineLink) =>
        new YaoGarbler({ ...common, link: engineLink, party, sessionId, ot }),
      close: () => ot.close(),
    };
  }
  const ot = await openLabelReceiver({ ...common, sid, baseOt: early.sender });
  return {
    initiatorLearnsFirst: false,
    responderBegins: false,
    open: (party, sessionId, engineLink) =>
      new YaoEvaluator({ ...common, link: engineLink, party, sessionId, ot }),
    close: () => ot.close(),
  };
}
