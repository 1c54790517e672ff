import { loadSodium } from '../crypto/sodium.ts';
import { fingerprint, rawPublicKey } from '../documents/identity.ts';
import { calledIn } from '../documents/roles.ts';
import type { PublicJwk, TermsDraft } from '../documents/terms.ts';
import { IdentityError, InputError, LedgerError } from '../errors.ts';
import type { Channel } from '../link/channel.ts';
import { openSession } from '../session/open.ts';
import type { Session } from '../session/session.ts';
import { requireSide } from '../session/side.ts';
import { acceptPeer } from './accept-peer.ts';
import { admit, checkGiven, type DeskResult, negotiateAgreed } from './conduct.ts';
import { dealingsBefore } from './dealings.ts';
import { atDesk, type Desk, type DeskOptions } from './desk.ts';
import { placeOf } from './desk-log.ts';
import { checkDraft, requireOpen, withoutStandIns } from './drafts.ts';
import { HANDSHAKE } from './guest.ts';
import { describePeer } from './peers.ts';
import type { Peer } from './person.ts';
import { type EndpointText, endpointOf, listenHere } from './ways.ts';

export interface PinnedOptions extends DeskOptions {
  /** The same on both sides, with a deadline. Missing keys are filled in with this side's and the peer's. */
  readonly terms: TermsDraft;
  /** This side's role, where no key in the terms says. */
  readonly role?: string | undefined;
  /** The peer's key or its thumbprint, where the terms do not name it. */
  readonly peer?: PublicJwk | string | undefined;
  /** Where to listen for the peer or to dial it; or a connection made by the caller, and whether this side opened it. */
  readonly way:
    | { readonly listen: EndpointText | undefined }
    | { readonly dial: EndpointText }
    | { readonly channel: Channel; readonly initiator: boolean };
}

/** The only peer that is accepted. */
interface Pin {
  /** The peer's key, if it is known before the peer connects. */
  readonly key: PublicJwk | undefined;
  readonly thumbprint: string;
}

/**
 * Negotiates with a peer whose key is known, on terms that both sides have already. Other connections are refused and end
 * nothing. Throws InputError, TermsError, PolicyError or ConnectionError before anything private is sent, and what `Session.negotiate` throws.
 */
export async function negotiatePinned(options: PinnedOptions): Promise<DeskResult> {
  await loadSodium(); // for the keys in the terms
  const checked = checkDraft(options.terms, options.rules);
  const { rule } = checked;
  if (checked.missing.includes('expires')) {
    throw new InputError('ERR_TERMS_INVALID', 'the terms have no deadline', {
      hint: 'add "expires" with the same UTC time on both sides, like "2027-01-31T12:00:00Z"',
    });
  }
  requireOpen(checked);
  const channel = 'channel' in options.way ? options.way.channel : undefined;
  return atDesk(options, { seals: checked.terms.seals !== 'none', channel }, async (desk) => {
    const parties = withoutStandIns(checked).parties;
    const side = requireSide(rule, {
      parties,
      own: desk.identity.publicKey,
      role: options.role,
      names: checked.terms.roles,
    });
    const peerRole = calledIn(checked.terms, side.peerRole);
    const pin = await findPin(parties?.[side.peerRole], options.peer, desk.identity.publicKey);
    if (pin.key !== undefined) await desk.records.ledger?.refuseCheater(rawPublicKey(pin.key));
    checkGiven(options, rule, checked.terms, side);
    await desk.show({ kind: 'termsChecked', draft: checked });
    const session = await meet(desk, options.way, peerRole, pin);
    try {
      const peer = await describePeer(options.home.peers, peerRole, session.peer);
      desk.tell({ kind: 'connected', peer });
      const { role } = side;
      const keyOf = (one: string) => (one === role ? session.own : session.peer);
      const parties = Object.fromEntries(rule.roles.map((one) => [one, keyOf(one)]));
      const named = { ...checked.terms, parties };
      await admit(desk, session, { ...side, terms: named });
      await dealingsBefore(desk, { session, ...side, terms: named, rule, peer, settled: false });
      return await negotiateAgreed(desk, {
        ...side,
        session,
        terms: options.terms,
        rule,
        peer,
        offered: false,
      });
    } finally {
      session.destroy();
    }
  });
}

/** The peer's key, from the terms and from the caller. Throws InputError `ERR_USAGE`. */
async function findPin(
  named: PublicJwk | undefined,
  given: PublicJwk | string | undefined,
  own: PublicJwk,
): Promise<Pin> {
  const key = named ?? (typeof given === 'object' ? given : undefined);
  const told = typeof given === 'object' ? await fingerprint(given) : given;
  const thumbprint = key === undefined ? told : await fingerprint(key);
  if (thumbprint === undefined) {
    throw usage(
      'nothing says who the other side is, so anyone who connects could sign',
      "give the other side's key, or name both parties in the terms",
    );
  }
  if ((told ?? thumbprint) !== thumbprint) {
    throw usage(
      'the key given for the other side is not the one in the terms',
      'compare fingerprints with the other side',
    );
  }
  if (thumbprint === (await fingerprint(own))) {
    throw usage("the other side's key is this side's own", 'each party needs its own key');
  }
  return { key, thumbprint };
}

async function meet(desk: Desk, way: PinnedOptions['way'], peerRole: string, pin: Pin): Promise<Session> {
  const {
    options: { network, home },
    clocks,
    tell,
  } = desk;
  const { wait, timeout, signal } = clocks;
  if ('channel' in way) {
    return authenticate(desk, pin, way.channel, {
      initiator: way.initiator,
      timeout: wait,
      handshakeTimeout: wait,
    });
  }
  if ('dial' in way) {
    const endpoint = endpointOf(way.dial);
    desk.log({ event: 'dialled', endpoint: placeOf(endpoint), relay: false });
    const channel = await network.dial(endpoint, { signal });
    return authenticate(desk, pin, channel, { initiator: true, timeout, handshakeTimeout: timeout });
  }
  const { listener, endpoint } = await listenHere(desk, way.listen);
  const known: Peer =
    pin.key === undefined
      ? { role: peerRole, fingerprint: pin.thumbprint, name: undefined }
      : await describePeer(home.peers, peerRole, pin.key);
  tell({ kind: 'listening', endpoint, atRelay: false, awaited: known });
  let count = 0;
  return acceptPeer({
    listener,
    wait,
    signal,
    isFinal: (error) => error instanceof LedgerError,
    open: (channel, attempt) =>
      authenticate(desk, pin, channel, { initiator: false, timeout, handshakeTimeout: HANDSHAKE }, attempt),
    onRefused: (error) => tell({ kind: 'strangerRefused', error, count: ++count }),
  });
}

/** The handshake. It fails with anybody but the right peer. */
async function authenticate(
  { identity, sealKey, records, afterCheat, clocks, options: { log, delegation } }: Desk,
  pin: Pin,
  channel: Channel,
  times: { readonly initiator: boolean; readonly timeout: number; readonly handshakeTimeout: number },
  signal = clocks.signal,
): Promise<Session> {
  return openSession({
    channel,
    identity,
    peer: pin.key,
    accept: async (key) => {
      if ((await fingerprint(key)) === pin.thumbprint) return true;
      throw new IdentityError('the other side is not who was expected', 'check whose key you were given');
    },
    ...times,
    signal,
    sealKey,
    ...records,
    delegation,
    afterCheat,
    log,
  });
}

function usage(message: string, hint: string): InputError {
  return new InputError('ERR_USAGE', message, { hint });
}
