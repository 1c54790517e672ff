import { rules as builtInRules } from '../../protocols/registry.ts';
import type { Rule } from '../../protocols/rule.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import type { Delegation } from '../documents/delegation.ts';
import { sameKey } from '../documents/identity.ts';
import { canonicalBytes, canonicalText, encodeBase64url, parseJson } from '../documents/json.ts';
import { refuseMisleading } from '../documents/new-terms.ts';
import {
  completeTerms,
  formatTime,
  parseTerms,
  requireSupported,
  ruleNameOf,
  type Terms,
  type TermsDraft,
  termsDigest,
} from '../documents/terms.ts';
import { InputError, PeerCheatedError, TermsError } from '../errors.ts';
import { arbitrationOf } from '../escrow/index.ts';
import type { Link } from '../link/link.ts';
import { certificatesOf, converse } from '../session/converse.ts';
import { offer, offerAnswer, offeredTerms, offerReady } from '../session/messages.ts';
import type { NegotiateOptions } from '../session/options.ts';
import { requireRoom } from '../session/preflight.ts';
import type { Session } from '../session/session.ts';
import { withMandates } from './delegations.ts';

/** The most bytes that offered terms may have. */
export const MAX_OFFER = 1 << 20;
/** Milliseconds until terms expire, if the draft does not say when. */
const OFFER_LIFETIME = 3_600_000;
const NONCE_LENGTH = 16;

/** What a joiner answers in step O2. After `certificate` it sends its mandate certificate, and the host offers the terms again, completed with that. */
const answer = { no: 0, yes: 1, certificate: 2 } as const;

/** Clocks and signal of an exchange, as for a negotiation. */
export type OfferOptions = Pick<NegotiateOptions, 'timeout' | 'wait' | 'signal'>;

/** Terms that a host has offered: valid, for this version, with the two sides' keys, and not expired. */
export interface Offer {
  readonly terms: Terms;
  readonly rule: Rule;
  /** This side's role. */
  readonly role: string;
  readonly peerRole: string;
  /** For whom the host acts, if for somebody else. Whether its certificate covers the terms has yet to be checked. */
  readonly delegation: Delegation | undefined;
  /** Step O2. */
  answer(accepted: boolean, options?: OfferOptions): Promise<void>;
}

/**
 * Completes a host's draft for the session that its invite led to: both keys, a nonce from the session id (so both sides' randomness is in it), and a
 * deadline if the draft has none: in an hour, and with an arbiter so much later as its window is long. Throws InputError `ERR_TERMS_INVALID`, also for a nonce in the draft.
 */
export function completeOffer(
  draft: TermsDraft,
  session: Session,
  role: string,
  rule: Rule,
  now = Date.now(),
  delegation?: Delegation,
): Terms {
  if (draft.nonce !== undefined) {
    throw new InputError('ERR_TERMS_INVALID', 'the draft has a nonce, and an invite makes its own', {
      hint: 'leave "nonce" out of the draft',
    });
  }
  const other = rule.roles.find((name) => name !== role)!;
  const completion = {
    parties: { [role]: session.own, [other]: session.peer },
    nonce: offerNonce(session.id),
    ...(draft.expires === undefined && {
      expires: formatTime(now + OFFER_LIFETIME + 1_000 * (draft.arbiter?.window ?? 0)),
    }),
  };
  const named = withMandates(draft, session, { role, peerRole: other }, delegation);
  return completeTerms(named, completion, rule);
}

/**
 * Steps O1 and O2 at the host: sends the terms and waits for the answer. Gives the delegation of a joiner that acts for somebody else: the terms then have to be completed with it and offered again,
 * once more at most (`again`). Throws TermsError `ERR_TERMS_DECLINED` if the answer is no, VerificationError `ERR_DELEGATION_…`, and what ends a session.
 */
export async function offerTerms(
  session: Session,
  terms: Terms,
  { again = false, ...options }: OfferOptions & { readonly again?: boolean } = {},
): Promise<Delegation | undefined> {
  const document = canonicalBytes(terms);
  if (document.length > MAX_OFFER) {
    throw new InputError('ERR_TERMS_INVALID', 'the terms are too long to be sent with an invite', {
      hint: 'send them in another way, and name the peer by its key instead',
    });
  }
  const digest = termsDigest(terms);
  const certificates = certificatesOf(session);
  const role = Object.keys(terms.parties).find((name) => sameKey(terms.parties[name]!, session.own))!;
  return converse(session, options, async (link) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, document.length);
    await link.send(offer, undefined, { length });
    await link.send(offeredTerms, document.length, { document });
    if (certificates.isOwed({ terms, role })) await certificates.send(link);
    const { termsDigest: theirs, accepted } = await link.receive(offerAnswer, undefined);
    if (!equalBytes(theirs, digest)) throw new PeerCheatedError('terms of the answer');
    const [choice] = accepted;
    if (choice! > (again ? answer.yes : answer.certificate)) throw new PeerCheatedError('form of the answer');
    if (choice === answer.no) throw declined();
    return choice === answer.yes ? undefined : certificates.receive(link);
  });
}

/**
 * Step O1 at the joiner: receives the host's terms and checks everything about them. A joiner that acts for somebody else first has them completed with its mandate certificate. Throws TermsError `ERR_TERMS_UNSUPPORTED` (for another version
 * of Parley), `ERR_TERMS_EXPIRED`, PeerCheatedError, and what ends a session.
 */
export async function receiveOffer(
  session: Session,
  options: OfferOptions & { readonly rules?: readonly Rule[] | undefined } = {},
): Promise<Offer> {
  const rules = [...(options.rules ?? []), ...builtInRules];
  const certificates = certificatesOf(session);
  const { own } = certificates;
  return converse(session, options, async (link) => {
    const first = await receiveTerms(link, session, rules);
    const received =
      own === undefined || first.terms.mandates?.[first.role] !== undefined
        ? first
        : await askAgain(link, session, rules, first);
    const { digest, ...offered } = received;
    return {
      ...offered,
      delegation: certificates.ofPeer(offered),
      answer: (accepted, clocks = options) =>
        converse(session, clocks, async (answering) => {
          await sendAnswer(answering, digest, accepted ? answer.yes : answer.no);
          answering.flush();
        }),
    };
  });
}

/** Offered terms that have been checked, with the mandate certificate of a host that acts for somebody else. */
interface ReceivedTerms extends Pick<Offer, 'terms' | 'rule' | 'role' | 'peerRole'> {
  readonly digest: Uint8Array;
}

async function receiveTerms(link: Link, session: Session, rules: readonly Rule[]): Promise<ReceivedTerms> {
  const { length } = await link.receive(offer, undefined);
  const bytes = new DataView(length.buffer, length.byteOffset).getUint32(0);
  if (bytes > MAX_OFFER) throw new PeerCheatedError('length of the offered terms');
  const { document } = await link.receive(offeredTerms, bytes);
  const { terms, rule } = readTerms(document, rules);
  const role = rule.roles.find((name) => sameKey(terms.parties[name]!, session.own));
  const peerRole = rule.roles.find((name) => sameKey(terms.parties[name]!, session.peer));
  if (role === undefined || peerRole === undefined)
    throw new PeerCheatedError('parties of the offered terms');
  if (terms.nonce !== offerNonce(session.id)) throw new PeerCheatedError('nonce of the offered terms');
  requireRoom(terms);
  const certificates = certificatesOf(session);
  if (certificates.isAwaited({ terms, peerRole }))
    await certificates.receive(link, terms.mandates?.[peerRole]);
  return { terms, rule, role, peerRole, digest: termsDigest(terms) };
}

/** At a joiner that acts for somebody else: sends its certificate, and receives the terms that are completed with it. */
async function askAgain(
  link: Link,
  session: Session,
  rules: readonly Rule[],
  { digest, role }: ReceivedTerms,
): Promise<ReceivedTerms> {
  const certificates = certificatesOf(session);
  await sendAnswer(link, digest, answer.certificate);
  await certificates.send(link);
  const again = await receiveTerms(link, session, rules);
  if (again.role !== role || again.terms.mandates?.[role] !== certificates.own?.digest)
    throw new PeerCheatedError('mandate certificates of the offered terms');
  return again;
}

function sendAnswer(link: Link, digest: Uint8Array, choice: number): Promise<void> {
  return link.send(offerAnswer, undefined, { termsDigest: digest, accepted: Uint8Array.of(choice) });
}

/**
 * Step O3, once both sides have prepared: says that this side has its mandate, and waits until the other side has its own. Until then nothing that depends on
 * a mandate has been sent. Throws InputError `ERR_USAGE` before `Session.prepare`, and sends nothing.
 */
export async function awaitReady(session: Session, options: OfferOptions = {}): Promise<void> {
  await converse(session, { ...options, prepared: true }, async (link) => {
    await link.send(offerReady, undefined, { ready: Uint8Array.of(1) });
    const { ready } = await link.receive(offerReady, undefined);
    if (ready[0] !== 1) throw new PeerCheatedError('form of ready');
  });
}

/** The nonce of terms that are offered in this session: 16 bytes of hash(`inviteNonce`, session id). */
export function offerNonce(sessionId: Uint8Array): string {
  return encodeBase64url(hash(tags.inviteNonce, sessionId).subarray(0, NONCE_LENGTH));
}

/**
 * Reads terms in the one form that a host sends. Terms that this version does not understand are not cheating: an honest host may run another version, or
 * know characters that this side's Unicode does not.
 */
function readTerms(
  document: Uint8Array,
  rules: readonly Rule[],
): { readonly terms: Terms; readonly rule: Rule } {
  const { value, text } = readDocument(document);
  try {
    const name = ruleNameOf(value);
    const rule = rules.find((known) => known.name === name);
    if (rule === undefined) throw unknown('a rule');
    const terms = parseTerms(value, rule);
    if (canonicalText(terms) !== text) throw unknown('something');
    requireAvailable(terms, rule);
    requireClear(terms);
    return { terms, rule };
  } catch (error) {
    throw error instanceof TermsError ? error : unknown('something');
  }
}

/** Reads an offer as canonical JSON, which it is in every version. */
function readDocument(document: Uint8Array): { readonly value: unknown; readonly text: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(document);
    const value = parseJson(text, 'the offer', MAX_OFFER);
    if (canonicalText(value) === text) return { value, text };
  } catch {
    // as below
  }
  throw new PeerCheatedError('form of the offered terms');
}

function requireAvailable(terms: Terms, rule: Rule): void {
  const bound = rule.under(terms);
  try {
    requireSupported(terms, bound);
  } catch {
    throw unknown('a kind of security');
  }
  try {
    arbitrationOf(terms, bound);
  } catch {
    throw unknown('an arbiter');
  }
}

/** Refuses misleading terms, but not as cheating: an earlier version of Parley offers them without a check. */
function requireClear(terms: Terms): void {
  try {
    refuseMisleading(terms);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new TermsError('ERR_TERMS_UNCLEAR', `the offered terms could mislead: ${cause.message}`, {
      hint: 'ask the other side to write them anew',
    });
  }
}

function unknown(what: string): TermsError {
  return new TermsError('ERR_TERMS_UNSUPPORTED', `the offered terms name ${what} that is not known here`);
}

function declined(): TermsError {
  return new TermsError('ERR_TERMS_DECLINED', 'the other side declined the terms; nothing private was sent');
}
