import type { Mandate, Rule } from '../../protocols/rule.ts';
import type { PublicJwk, Terms } from '../documents/terms.ts';
import type { Party } from '../engine/engine.ts';
import { type ConnectionError, InputError, type ParleyError } from '../errors.ts';
import type { Dealings, Standing } from '../ledger/index.ts';
import type { Endpoint } from '../link/endpoint.ts';
import type { Scope } from '../link/ip-address.ts';
import type { MandateRequest } from '../session/mandate.ts';
import type { Phase } from '../session/options.ts';
import type { CheckedDraft } from './drafts.ts';
import type { Restoration, SealKeyEvent } from './home.ts';

/** The other side, as far as it is known. */
export interface Peer {
  /** What the terms call it. */
  readonly role: string;
  /** RFC 7638 thumbprint of its key. */
  readonly fingerprint: string;
  /** What this side calls it, if it has given it a name. */
  readonly name: string | undefined;
}

/** What happens at a desk, in the order in which it can. */
export type DeskEvent =
  /** There was no identity, so one was made. */
  | { readonly kind: 'identityMade'; readonly fingerprint: string; readonly place: string }
  /** There is no seal key yet, so one is being made: a fraction of a second. */
  | { readonly kind: 'makingSealKey' }
  | { readonly kind: 'sealKeyMade'; readonly place: string }
  | SealKeyEvent
  /** The ledger was put back from a backup: it may lack what was released since. */
  | ({ readonly kind: 'ledgerRestored' } & Restoration)
  /** The side that has the terms has checked all that can be checked before it connects. */
  | { readonly kind: 'termsChecked'; readonly draft: CheckedDraft }
  /** The invite to send, to this one peer alone. It is a secret. `endpoint` is where it leads, if that has an address, and `scope` from where. */
  | {
      readonly kind: 'invited';
      readonly invite: string;
      readonly peerRole: string;
      readonly endpoint: Endpoint | undefined;
      readonly scope: Scope;
    }
  /** Where this side can be reached now, and by whom, if that is known. */
  | {
      readonly kind: 'listening';
      readonly endpoint: Endpoint;
      readonly atRelay: boolean;
      readonly awaited: Peer | undefined;
    }
  /** The relay fails again and again, or brings nobody but strangers. It is tried on. */
  | { readonly kind: 'relayTrouble'; readonly error: ConnectionError }
  /** Somebody connected who is not the peer; `count` so far. It ends nothing. */
  | { readonly kind: 'strangerRefused'; readonly error: unknown; readonly count: number }
  /** The peer under a known name has another key than before (thumbprints). Nothing is agreed. */
  | {
      readonly kind: 'keyChanged';
      readonly name: string;
      readonly known: string;
      readonly now: string;
      readonly place: string;
    }
  /** The host is being connected to, where its invite says. */
  | { readonly kind: 'reachingHost'; readonly endpoint: Endpoint; readonly atRelay: boolean }
  /** The session with the host is open, and its terms are on their way. */
  | { readonly kind: 'termsAwaited' }
  | { readonly kind: 'connected'; readonly peer: Peer }
  /** The host's terms, and this side's role in them. They have been checked, and not been accepted. */
  | { readonly kind: 'termsReceived'; readonly terms: Terms; readonly role: string; readonly peer: Peer }
  /** There was something with this peer before, on the matter of the terms, on others, or on one that looks the same. */
  | {
      readonly kind: 'dealtBefore';
      readonly peer: Peer;
      readonly before: Dealings;
      /** Which attempts the terms still allow; undefined while the peer may have other terms, where these allow none. */
      readonly standing: Standing | undefined;
    }
  /** The peer has been sent the terms, and reads them. */
  | { readonly kind: 'termsOffered'; readonly terms: Terms; readonly peer: Peer }
  /** One of the two has accepted the terms that were offered. */
  | { readonly kind: 'termsAccepted'; readonly by: 'peer' | 'self'; readonly peer: Peer }
  | { readonly kind: 'peerRemembered'; readonly name: string }
  /** This side has its mandate and waits for the other's. Nothing private has been sent. */
  | { readonly kind: 'waitingForPeer'; readonly peer: Peer }
  /** Both have their mandates. */
  | { readonly kind: 'bothReady' }
  | { readonly kind: 'phase'; readonly phase: Phase }
  | { readonly kind: 'agreementSaved'; readonly place: string }
  /** The peer left after it had promised to be bound by the outcome: that promise is kept, or could not be. */
  | { readonly kind: 'engagementSaved'; readonly place: string }
  | { readonly kind: 'engagementUnsaved'; readonly error: unknown }
  /** The ledger could not be told how the peer has behaved. */
  | { readonly kind: 'conductUnrecorded'; readonly error: ParleyError };

/** Which side this one is, where neither the terms nor the call say. */
export interface SideQuestion {
  readonly draft: CheckedDraft;
  /** What the terms call them. */
  readonly roles: readonly [string, string];
  /** Aborts when nobody needs the answer any more. */
  readonly signal: AbortSignal;
}

/** Whether these terms, which the peer offers, are accepted. */
export interface TermsQuestion {
  readonly terms: Terms;
  readonly rule: Rule;
  /** The role that this side would have, by the rule's name for it: `calledIn` has that of the terms. */
  readonly role: string;
  readonly peer: Peer & { readonly key: PublicJwk };
  /** What has been released to the peer before, by the ledger; undefined without one. */
  readonly before: Dealings | undefined;
  readonly signal: AbortSignal;
}

/** What this side would settle for. */
export interface MandateQuestion extends MandateRequest {
  readonly rule: Rule;
  readonly party: Party;
  /** Throws InputError `ERR_MANDATE_INVALID` for what the terms cannot hold: whoever types can be asked again. */
  check(mandate: Mandate): void;
}

/** The passphrase of an identity. It is asked for until it is right: who does not know it throws. */
export interface PassphraseQuestion {
  readonly place: string;
  /** Why the one before was refused, if there was one. */
  readonly refused: unknown;
  readonly signal: AbortSignal;
}

/** What a person may be asked. */
export type Question = 'side' | 'accepts' | 'mandate' | 'passphrase';

/**
 * Who a desk acts for: a face (a terminal, a page) that has the words and the screen, or a program. It is told what happens, and answers what the
 * call does not say. A question without a method ends the negotiation before anything is sent. What a method throws ends it too.
 */
export interface Person {
  told?(event: DeskEvent): unknown;
  /** Called before anything is connected for a question that will be asked. Throws InputError if nobody is there to answer. */
  expect?(question: Question): void;
  side?(question: SideQuestion): Promise<string> | string;
  accepts?(question: TermsQuestion): Promise<boolean> | boolean;
  mandate?(question: MandateQuestion): Promise<Mandate> | Mandate;
  passphrase?(question: PassphraseQuestion): Promise<string> | string;
}

const HINTS: Readonly<Record<Question, string>> = {
  side: 'name the role of this side',
  accepts: 'say which terms to accept, or who decides',
  mandate: 'give a mandate, or say who is asked for it',
  passphrase: 'unlock the identity first',
};

/** Makes sure that somebody can answer a question. Throws InputError, by default `ERR_USAGE`. */
export function requireAnswer(person: Person | undefined, question: Question): void {
  if (person?.[question] === undefined) {
    throw new InputError('ERR_USAGE', 'something is left open, and there is nobody to ask', {
      hint: HINTS[question],
    });
  }
  person.expect?.(question);
}
