import type { Security } from '../agreement/terms.ts';
import type { Link } from '../channel/link.ts';
import { hash } from '../crypto/hash.ts';
import type { Kernel } from '../crypto/kernel.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import type { Engine, Party } from '../engine/engine.ts';
import { YaoEvaluator } from '../engine/yao-evaluator.ts';
import { YaoGarbler } from '../engine/yao-garbler.ts';
import { PeerCheatedError } from '../errors.ts';
import { openLabelReceiver, openLabelSender } from '../garbling/half-gates/inputs.ts';
import { BaseOtSender } from '../ot/index.ts';

/** Makes the engines of a session, one a negotiation, over one setup (OT correlations that live as long as the session). */
export interface EngineSource {
  /** An engine for this party. `sessionId` (32 bytes) has been given to no other engine. */
  open(party: Party, sessionId: Uint8Array): Engine;
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

/** What the handshake's early bytes left at this side: the responder's secret, or the initiator's copy of the point. */
export type EarlyState =
  | { readonly sender: BaseOtSender }
  | { readonly point: Uint8Array; readonly baseSid: Uint8Array };

/**
 * The responder's early bytes: its base-OT point (32 bytes), which is the same whatever security the terms will ask
 * for. `context` binds the batch to this connection's handshake.
 */
export function makeEarly(random: Random, context: Uint8Array): { state: EarlyState; bytes: Uint8Array } {
  const sender = new BaseOtSender(random, baseSid(context));
  return { state: { sender }, bytes: sender.point };
}

/** The initiator's end of the same. Throws `ERR_PEER_CHEATED` unless there are 32 bytes; the point is checked when it is used. */
export function acceptEarly(bytes: Uint8Array, context: Uint8Array): EarlyState {
  if (bytes.length !== 32) throw new PeerCheatedError('length of the base OT point');
  return { point: bytes, baseSid: baseSid(context) };
}

function baseSid(context: Uint8Array): Uint8Array {
  return hash(tags.earlyBaseOt, context);
}

/** Runs the setup. Its messages do not depend on either party's mandate. The initiator garbles. */
export async function openEngineSource(options: SetupOptions): Promise<EngineSource> {
  switch (options.security) {
    case 'semi-honest':
      return openYao(options);
    case 'malicious':
      throw new Error('no such engine');
  }
}

async function openYao(options: SetupOptions): Promise<EngineSource> {
  const { link, kernel, random, sessionId: sid, early } = options;
  const common = { link, kernel, random };
  if ('point' in early) {
    const ot = await openLabelSender({ ...common, sid, point: early.point, baseSid: early.baseSid });
    return {
      open: (party, sessionId) => new YaoGarbler({ ...common, party, sessionId, ot }),
      close: () => ot.close(),
    };
  }
  const ot = await openLabelReceiver({ ...common, sid, baseOt: early.sender });
  return {
    open: (party, sessionId) => new YaoEvaluator({ ...common, party, sessionId, ot }),
    close: () => ot.close(),
  };
}
