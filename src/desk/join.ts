import { loadSodium } from '../crypto/sodium.ts';
import { fingerprint } from '../documents/identity.ts';
import { calledIn } from '../documents/roles.ts';
import type { TermsDraft } from '../documents/terms.ts';
import {
  ConnectionError,
  IdentityError,
  InputError,
  LedgerError,
  PeerLeftError,
  PolicyError,
  TermsError,
  TimeoutError,
  VerificationError,
} from '../errors.ts';
import type { Channel } from '../link/channel.ts';
import { formatEndpoint } from '../link/endpoint.ts';
import { certificatesOf } from '../session/converse.ts';
import { openSession } from '../session/open.ts';
import type { Session } from '../session/session.ts';
import { sideOf } from '../session/side.ts';
import { whileAlive } from './asking.ts';
import { admit, type DeskResult, negotiateAgreed } from './conduct.ts';
import { dealingsBefore } from './dealings.ts';
import { isDelegate } from './delegate.ts';
import { requireBindsItself, tellDelegation } from './delegations.ts';
import { atDesk, type Desk, type DeskOptions, teller } from './desk.ts';
import { checkDraft, checkMandate, isCompletionOf, requireObject } from './drafts.ts';
import { type Invite, type InvitePlace, parseInvite } from './invite.ts';
import { type Offer, receiveOffer } from './offer.ts';
import { describePeer, refuseChangedKey, rememberPeer, requirePeerName } from './peers.ts';
import { type Peer, requireAnswer, type TermsQuestion } from './person.ts';
import { reachHost } from './ways.ts';

/** How often to try a connection that is dropped without an answer, and milliseconds in between. The host may be flooded with connections. */
const TRIES = 3;
const PAUSE = 400;

/** Errors by which this side refuses terms: the host is told that it declines. */
const REFUSALS = [TermsError, PolicyError, InputError, LedgerError, VerificationError, IdentityError];

export interface JoinOptions extends DeskOptions {
  /** What the host has sent. */
  readonly invite: string;
  /** The only terms to accept. What this draft leaves open may be anything. Default: the delegate or the person decides. */
  readonly terms?: TermsDraft | undefined;
  /** What to call the host. Its key must be the same every time. */
  readonly name?: string | undefined;
  /** The connection to the host, for an invite without an address. */
  readonly channel?: Channel | undefined;
}

/**
 * Follows an invite to its host, receives the terms, and negotiates if this side accepts them. Throws InputError, TermsError
 * (`ERR_TERMS_DECLINED`), PolicyError or ConnectionError (`ERR_INVITE_REFUSED`) before anything private is sent, and what `Session.negotiate` throws.
 */
export async function join(options: JoinOptions): Promise<DeskResult> {
  const invite = parseInvite(options.invite);
  try {
    await loadSodium(); // for the keys of known peers
    requireWay(options, invite);
    requirePeerName(options.name);
    if (options.terms === undefined && !isDelegate(options.mandate)) requireAnswer(options.person, 'accepts');
    checkExpected(options);
    await refuseChangedKey(options.home.peers, options.name, invite.host, teller(options.person));
    return await atDesk(options, { seals: true, channel: options.channel }, async (desk) => {
      const session = await reach(desk, invite, options.channel);
      try {
        return await decideAndNegotiate(desk, session, options);
      } finally {
        session.destroy();
      }
    });
  } finally {
    invite.secret.fill(0);
  }
}

/** Throws InputError `ERR_USAGE` if the invite is for another kind of connection. */
function requireWay({ channel }: JoinOptions, { place }: Invite): void {
  if ((place.kind === 'stdio') !== (channel !== undefined)) {
    throw new InputError(
      'ERR_USAGE',
      channel === undefined
        ? 'this invite is for a connection that something else makes'
        : 'this invite has an address',
      { hint: channel === undefined ? 'give that connection' : 'leave the connection out' },
    );
  }
}

/**
 * Checks a mandate given as a value, as far as possible before this side knows its role: it must be an object, and one of the two sides must be able to
 * enter it under the expected terms. Throws InputError `ERR_MANDATE_INVALID`, `ERR_TERMS_INVALID`.
 */
function checkExpected({ mandate, terms: expected, rules }: JoinOptions): void {
  if (mandate === undefined || typeof mandate === 'function') return;
  requireObject(mandate);
  if (expected === undefined) return;
  const { rule, terms } = checkDraft(expected, rules);
  try {
    checkMandate(rule, terms, 'a', mandate);
  } catch {
    checkMandate(rule, terms, 'b', mandate);
  }
}

async function decideAndNegotiate(
  desk: Desk,
  session: Session,
  { terms: expected, name }: JoinOptions,
): Promise<DeskResult> {
  const { options, clocks, tell } = desk;
  const { peers } = options.home;
  tell({ kind: 'termsAwaited' });
  const offer = await receiveOffer(session, { ...clocks, rules: options.rules });
  const { terms, rule, role, peerRole } = offer;
  const side = sideOf(rule.roles, role);
  const peer = await describePeer(peers, calledIn(terms, peerRole), session.peer);
  tell({ kind: 'connected', peer });
  tell({ kind: 'termsReceived', terms, role, peer });
  try {
    certificatesOf(session).check(offer);
    await tellDelegation(desk, session, { terms, peer, peerRole });
    await admit(desk, session, { terms, role, peerRole });
    const certificate = expected?.mandates?.[peerRole];
    await requireBindsItself(desk, session, { terms, peerRole }, { pinned: false, name, certificate });
    const before = await dealingsBefore(desk, { session, terms, rule, peer, peerRole, settled: true });
    if (!(await accepts(desk, session, offer, { peer, before, expected })))
      throw declined(expected !== undefined);
  } catch (error) {
    const refuses = REFUSALS.some((kind) => error instanceof kind);
    if (refuses) await decline(session, offer, clocks);
    throw error;
  }
  await offer.answer(true, clocks);
  tell({ kind: 'termsAccepted', by: 'self', peer });
  if (offer.delegation === undefined) await rememberPeer(peers, name, session.peer, tell);
  return negotiateAgreed(desk, { ...side, session, terms, rule, peer, offered: true });
}

/** Whether this side accepts: by the terms that it expects, by what its delegate has admitted, or by the person's answer. */
async function accepts(
  desk: Desk,
  session: Session,
  { terms, rule, role, delegation }: Offer,
  {
    peer,
    before,
    expected,
  }: Pick<TermsQuestion, 'before'> & { readonly peer: Peer; readonly expected: TermsDraft | undefined },
): Promise<boolean> {
  const { mandate, person } = desk.options;
  if (expected !== undefined) {
    const own = certificatesOf(session).own?.digest;
    const mandates = { ...expected.mandates, ...(own !== undefined && { [role]: own }) };
    const named = Object.keys(mandates).length === 0 ? expected : { ...expected, mandates };
    return isCompletionOf(terms, named, rule);
  }
  if (isDelegate(mandate)) return true;
  const about = { terms, rule, role, before, delegation, peer: { ...peer, key: session.peer } };
  return whileAlive(session, desk.clocks, (signal) => person!.accepts!({ ...about, signal }));
}

/** Declines, and ends the session in order, so that the host learns of it. */
async function decline(session: Session, offer: Offer, clocks: Desk['clocks']): Promise<void> {
  try {
    await offer.answer(false, clocks);
    await session.close();
  } catch {
    // the host has left, or has got the answer
  }
}

/** The session with the host that the invite names. */
async function reach(desk: Desk, invite: Invite, pipe: Channel | undefined): Promise<Session> {
  const { identity, sealKey, records, afterCheat, clocks } = desk;
  const { wait, timeout, signal } = clocks;
  const { place } = invite;
  if (place.kind !== 'stdio') {
    desk.tell({ kind: 'reachingHost', endpoint: place.endpoint, atRelay: place.kind === 'relay' });
  }
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const channel = await reachHost(desk, invite, pipe);
    try {
      return await openSession({
        channel,
        initiator: true,
        identity,
        secret: invite.secret,
        accept: async (key) => {
          if ((await fingerprint(key)) === invite.host) return true;
          throw new IdentityError(
            'the side that answered is not the one that made the invite',
            'nothing private was sent; ask for a new invite',
          );
        },
        timeout: pipe === undefined ? timeout : wait,
        signal,
        sealKey,
        ...records,
        delegation: desk.options.delegation,
        afterCheat,
        log: desk.options.log,
      });
    } catch (error) {
      if (error instanceof TimeoutError && place.kind !== 'stdio') throw silent(place, error);
      if (!(error instanceof PeerLeftError) || pipe !== undefined) throw error;
      if (attempt === TRIES) throw refused(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

function refused(cause: PeerLeftError): ConnectionError {
  return new ConnectionError('ERR_INVITE_REFUSED', 'the host refused this invite', {
    hint: 'it was used already, was replaced by a newer one, or has expired; ask for a new one',
    cause,
  });
}

function silent(
  { kind, endpoint }: Exclude<InvitePlace, { kind: 'stdio' }>,
  cause: TimeoutError,
): TimeoutError {
  const message =
    kind === 'relay'
      ? 'the relay has connected you to the other side, but it does not answer'
      : `${formatEndpoint(endpoint)} takes the connection, but does not answer`;
  return new TimeoutError(message, {
    hint: 'the computer there may be asleep, or another program may have that address; ask whether the other side is still waiting, then try again',
    cause,
  });
}

function declined(expected: boolean): TermsError {
  const why = expected
    ? 'the offered terms are not those expected, so they were declined'
    : 'you declined the terms';
  return new TermsError('ERR_TERMS_DECLINED', `${why}; nothing private was sent`, {
    hint: 'ask for other terms; they come with a new invite',
  });
}
