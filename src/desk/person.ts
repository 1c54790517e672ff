import type { Mandate, Rule } from '../../protocols/rule.ts';
import type { Delegation } from '../documents/delegation.ts';
import type { OutcomeJson } from '../documents/rule.ts';
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
  /** The name that this side has given to it, if any. */
  readonly name: string | undefined;
}

/** What happens at a desk, in the order in which it can happen. */
export type DeskEvent =
  /** There was no identity, and one was made. */
  | { readonly kind: 'identityMade'; readonly fingerprint: string; readonly place: string }
  /** There is no seal key yet, and one is being made, in a fraction of a second. */
  | { readonly kind: 'makingSealKey' }
  | { readonly kind: 'sealKeyMade'; readonly place: string }
  | SealKeyEvent
  /** The ledger was restored from a backup, so it may lack what was released since. */
  | ({ readonly kind: 'ledgerRestored' } & Restoration)
  /** The side that has the terms has made every check that is possible before it connects. */
  | { readonly kind: 'termsChecked'; readonly draft: CheckedDraft }
  /** The invite, to be sent to this one peer alone. It is a secret. `endpoint` is the address in it, if it has one, and `scope` from where that can be reached. */
  | {
      readonly kind: 'invited';
      readonly invite: string;
      readonly peerRole: string;
      readonly endpoint: Endpoint | undefined;
      readonly scope: Scope;
    }
  /** Where this side can be reached now, and by which peer, if that is known. */
  | {
      readonly kind: 'listening';
      readonly endpoint: Endpoint;
      readonly atRelay: boolean;
      readonly awaited: Peer | undefined;
    }
  /** The relay fails again and again, or brings only strangers. This side keeps trying. */
  | { readonly kind: 'relayTrouble'; readonly error: ConnectionError }
  /** Somebody connected who is not the peer; `count` such connections so far. The negotiation goes on. */
  | { readonly kind: 'strangerRefused'; readonly error: unknown; readonly count: number }
  /** The peer under a known name has another key than before; both are given as thumbprints. Nothing is agreed. */
  | {
      readonly kind: 'keyChanged';
      readonly name: string;
      readonly known: string;
      readonly now: string;
      readonly place: string;
    }
  /** This side is connecting to the host, at the address in the invite. */
  | { readonly kind: 'reachingHost'; readonly endpoint: Endpoint; readonly atRelay: boolean }
  /** The session with the host is open, and its terms are on their way. */
  | { readonly kind: 'termsAwaited' }
  | { readonly kind: 'connected'; readonly peer: Peer }
  /** The host's terms, and this side's role in them. They have been checked, and not been accepted. */
  | { readonly kind: 'termsReceived'; readonly terms: Terms; readonly role: string; readonly peer: Peer }
  /** The peer acts for somebody else, whom the agreement will bind: its mandate certificate holds and covers the terms. `name` is what this side calls the principal. */
  | {
      readonly kind: 'delegationShown';
      readonly peer: Peer;
      readonly delegation: Delegation;
      readonly name: string | undefined;
    }
  /** The ledger has earlier dealings with this peer: on the matter of the terms, on another, or on one that looks the same. */
  | {
      readonly kind: 'dealtBefore';
      readonly peer: Peer;
      readonly before: Dealings;
      /** Which attempts the terms still allow. Undefined if they allow none, while the peer may still have other terms. */
      readonly standing: Standing | undefined;
    }
  /** The peer has been sent the terms, and reads them. */
  | { readonly kind: 'termsOffered'; readonly terms: Terms; readonly peer: Peer }
  /** One of the two sides has accepted the offered terms. */
  | { readonly kind: 'termsAccepted'; readonly by: 'peer' | 'self'; readonly peer: Peer }
  | { readonly kind: 'peerRemembered'; readonly name: string }
  /**
   * Both sides compute what needs no mandate; `done` goes from 0 to 1. While `asking` is true, this side's mandate has not been given. Afterwards both sides wait
   * for the rest of the preparation.
   */
  | { readonly kind: 'preparing'; readonly done: number; readonly asking: boolean }
  /** This side has its mandate and waits for the other's. Nothing private has been sent. */
  | { readonly kind: 'waitingForPeer'; readonly peer: Peer }
  /** Both sides have their mandates. */
  | { readonly kind: 'bothReady' }
  | { readonly kind: 'phase'; readonly phase: Phase }
  | { readonly kind: 'agreementSaved'; readonly place: string }
  /** The peer left after it had signed its engagement. The engagement was saved, or could not be. */
  | { readonly kind: 'engagementSaved'; readonly place: string }
  | { readonly kind: 'engagementUnsaved'; readonly error: unknown }
  /** The session has failed after this side had engaged under terms with an arbiter. `complains`: the peer has engaged too, and this side complains now. */
  | {
      readonly kind: 'disputeOpen';
      readonly place: string;
      readonly complainBy: string;
      readonly complains: boolean;
    }
  /** The dispute is over: this side has the outcome, and a proof that takes the place of the agreement. */
  | {
      readonly kind: 'outcomeProved';
      readonly place: string;
      readonly outcome: OutcomeJson;
      readonly terms: Terms;
      /** This side's role. */
      readonly role: string;
      /** Whether the peer had opened its mask, or the arbiter has resolved the dispute. */
      readonly proof: 'opened' | 'resolved';
    }
  /** The arbiter could not be reached. This side tries again at this time, in milliseconds since 1970, and at the latest at `complainBy`. */
  | {
      readonly kind: 'complaintFailed';
      readonly error: unknown;
      readonly again: number;
      readonly complainBy: string;
      readonly place: string;
    }
  /** The complaint has ended nothing: the arbiter cannot say yet, there was an error, or the signal has aborted. */
  | { readonly kind: 'disputeStays'; readonly place: string | undefined; readonly error: unknown }
  /** The ledger could not record how the peer behaved. */
  | { readonly kind: 'conductUnrecorded'; readonly error: ParleyError };

/** Asks which side this is, where neither the terms nor the call say. */
export interface SideQuestion {
  readonly draft: CheckedDraft;
  /** What the terms call the two roles. */
  readonly roles: readonly [string, string];
  /** Aborts when the answer is no longer needed. */
  readonly signal: AbortSignal;
}

/** Asks whether this side accepts the terms that the peer offers. */
export interface TermsQuestion {
  readonly terms: Terms;
  readonly rule: Rule;
  /** The role that this side would have, by the rule's name for it. `calledIn` gives the terms' name. */
  readonly role: string;
  readonly peer: Peer & { readonly key: PublicJwk };
  /** What has been released to the peer before, by the ledger; undefined without a ledger. */
  readonly before: Dealings | undefined;
  /** For whom the peer acts, if for somebody else. */
  readonly delegation: Delegation | undefined;
  readonly signal: AbortSignal;
}

/** Asks a host whether it deals with somebody for whom the guest acts. Anybody can have made a key, a principal too, so only the person knows whether it is the one whom they invited. */
export interface PrincipalQuestion {
  readonly terms: Terms;
  /** This side's role, by the rule's name for it. */
  readonly role: string;
  readonly peer: Peer & { readonly key: PublicJwk };
  /** Its certificate holds and covers the terms. */
  readonly delegation: Delegation;
  /** What this side calls the principal, if it knows it. */
  readonly name: string | undefined;
  readonly signal: AbortSignal;
}

/** Asks what this side would settle for. */
export interface MandateQuestion extends MandateRequest {
  readonly rule: Rule;
  readonly party: Party;
  /** Throws InputError `ERR_MANDATE_INVALID` for a mandate that the terms cannot hold, so that the person can be asked again. */
  check(mandate: Mandate): void;
}

/** Asks for the passphrase of an identity, until it is right. A person who does not know it throws. */
export interface PassphraseQuestion {
  readonly place: string;
  /** Why the previous answer was refused, if there was one. */
  readonly refused: unknown;
  readonly signal: AbortSignal;
}

/** What a person may be asked. */
export type Question = 'side' | 'accepts' | 'welcomes' | 'mandate' | 'passphrase';

/**
 * Whom a desk acts for: a face (a terminal, a page), which has the words and the screen, or a program. It is told what happens, and answers what the
 * call leaves open. A question for which it has no method ends the negotiation before anything is sent. An error that a method throws ends it too.
 */
export interface Person {
  told?(event: DeskEvent): unknown;
  /** Called before this side connects, for each question that will be asked. Throws InputError if nobody is there to answer. */
  expect?(question: Question): void;
  side?(question: SideQuestion): Promise<string> | string;
  accepts?(question: TermsQuestion): Promise<boolean> | boolean;
  welcomes?(question: PrincipalQuestion): Promise<boolean> | boolean;
  mandate?(question: MandateQuestion): Promise<Mandate> | Mandate;
  passphrase?(question: PassphraseQuestion): Promise<string> | string;
}

const HINTS: Readonly<Record<Question, string>> = {
  side: 'name the role of this side',
  accepts: 'say which terms to accept, or who decides',
  welcomes: 'begin with terms that name the mandate certificate of the other side',
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
