import type { PublicKey } from '../crypto/ed25519.ts';
import { type Random, systemRandom } from '../crypto/random.ts';
import { cryptoReady } from '../crypto/ready.ts';
import { type Delegation, type DelegationDocuments, readDelegation } from '../documents/delegation.ts';
import { type Identity, publicJwk, rawPublicKey, sameKey } from '../documents/identity.ts';
import type { PublicJwk } from '../documents/terms.ts';
import { InputError, VerificationError } from '../errors.ts';
import type { AfterCheat, DisputeStore, Ledger } from '../ledger/index.ts';
import type { Channel } from '../link/channel.ts';
import { type Handshaken, handshake } from '../link/handshake.ts';
import { codeFor, type Log, tellTo } from '../link/log.ts';
import { LoggedLink } from '../link/logged-link.ts';
import { SecureLink, type SecureLinkOptions } from '../link/secure-link.ts';
import { requireTime } from '../link/timer.ts';
import type { KeyMemory, SealKey } from '../seals/index.ts';
import { Certificates } from './certificates.ts';
import { acceptEarly, type EarlyState, makeEarly } from './engines.ts';
import { OpenSession, typed } from './open-session.ts';
import { DEFAULT_TIMEOUT, DEFAULT_WAIT } from './options.ts';
import type { Side } from './preflight.ts';
import type { Session } from './session.ts';
import { Setup } from './setup.ts';
import { Witness } from './witness.ts';

/** Messages of the handshake, one after another. */
const HANDSHAKE_FLIGHTS = 3;

export interface OpenOptions {
  /** The session owns it from here on, and destroys it if anything fails. */
  readonly channel: Channel;
  readonly identity: Identity;
  /** The only key the peer may have. Without it any peer may connect, and only the terms say who may negotiate. */
  readonly peer?: PublicJwk | undefined;
  /** Decides whether the peer may have this key. The side that opened the connection calls it before it shows its own key. Errors are passed on. */
  readonly accept?: ((peer: PublicJwk) => boolean | Promise<boolean>) | undefined;
  /** Whether this side opened the connection. Needed only for channels that do not say so. */
  readonly initiator?: boolean | undefined;
  /** An invite's secret, at least 16 bytes, the same on both sides. Whoever lacks it gets no answer. */
  readonly secret?: Uint8Array | undefined;
  /** Milliseconds of silence that end the session between and during negotiations, and the most the handshake may take. Default 30,000. */
  readonly timeout?: number | undefined;
  /** Milliseconds for the whole handshake, if less than `timeout`. */
  readonly handshakeTimeout?: number | undefined;
  /** Ends the session when it aborts. */
  readonly signal?: AbortSignal | undefined;
  readonly random?: Random | undefined;
  /** This side's seal key (`createSealKey`). Needed for terms with seals. */
  readonly sealKey?: SealKey | undefined;
  /** Receives a log of the session, line by line, from which one can find out why a session failed. The log holds no secret, and nothing that depends on a mandate. */
  readonly log?: Log | undefined;
  /** Which peers' seal keys have been verified before. Default: none at first; those verified are remembered for this session. */
  readonly knownKeys?: KeyMemory | undefined;
  /** Where this party records its attempts with each peer. Without one, attempts and disclosure are not bounded. */
  readonly ledger?: Ledger | undefined;
  /** Where this party keeps what it needs to turn to an arbiter. Needed for terms with an arbiter. */
  readonly disputes?: DisputeStore | undefined;
  /** Under which mandate certificate this side acts for somebody else. Terms then have to name it. */
  readonly delegation?: DelegationDocuments | undefined;
  /** What to do with a peer whose cheat is in the ledger and has not been forgiven. Default: refuse it. */
  readonly afterCheat?: AfterCheat | undefined;
}

/**
 * Authenticates the peer and encrypts the channel. Throws InputError before anything is sent, then ConnectionError
 * (`ERR_WIRE_FORMAT`, `ERR_WIRE_VERSION`), IdentityError, LedgerError (`ERR_PEER_BARRED`), PeerLeftError or TimeoutError; the channel is then gone.
 */
export async function openSession(options: OpenOptions): Promise<Session> {
  const { channel, identity, timeout = DEFAULT_TIMEOUT, random = systemRandom, signal } = options;
  const initiator = initiatorOf(options);
  let certificates: Certificates;
  try {
    requireTime(timeout, options.handshakeTimeout);
    await cryptoReady();
    certificates = new Certificates(ownDelegation(options));
  } catch (error) {
    channel.destroy();
    throw error;
  }
  const { ledger, afterCheat = 'refuse' } = options;
  const { handshaken, made } = await shakeHands(options, { initiator, random, timeout });
  const { peer, sessionId } = handshaken;
  const tell = tellTo(options.log, sessionId);
  tell({
    event: 'authenticated',
    sent: handshaken.sent,
    received: handshaken.received,
    flights: HANDSHAKE_FLIGHTS,
  });
  let session: OpenSession | undefined;
  const linked: SecureLinkOptions = {
    channel,
    initiator,
    handshaken,
    timeout,
    wait: DEFAULT_WAIT,
    signal,
    onFailure: (error) => session?.failed(error),
  };
  const link = options.log === undefined ? new SecureLink(linked) : new LoggedLink(linked, tell);
  const namesOf = (side: Side) => certificates.namesOf(side, publicJwk(peer));
  const heard = () => link.heard;
  const witness = new Witness({ ledger, peer, namesOf, session: sessionId, afterCheat, heard });
  try {
    const early = made ?? acceptEarly(handshaken.early, handshaken.context);
    const setup = new Setup({ link, initiator, random, sessionId }, early);
    session = new OpenSession({
      link,
      initiator,
      identity,
      peer: publicJwk(peer),
      sessionId,
      random,
      setup,
      certificates,
      sealKey: options.sealKey,
      knownKeys: options.knownKeys ?? new Set(),
      ledger,
      disputes: options.disputes,
      witness,
      tell,
    });
    // Bytes that came with the last handshake message may have ended the link before the session existed.
    if (link.ended !== undefined) session.failed(link.ended);
    return session;
  } catch (error) {
    link.abort(typed(error));
    await witness.testify(error);
    throw error;
  }
}

/** Runs the handshake. The responder also makes its early bytes and keeps their secret, which a failure zeroes. */
async function shakeHands(
  options: OpenOptions,
  { initiator, random, timeout }: { initiator: boolean; random: Random; timeout: number },
): Promise<{ readonly handshaken: Handshaken; readonly made: EarlyState | undefined }> {
  const { channel, identity, peer, secret, signal } = options;
  const tell = tellTo(options.log);
  tell({ event: 'connected', initiator });
  let made: EarlyState | undefined;
  try {
    const handshaken = await handshake({
      channel,
      initiator,
      identity: { publicKey: rawPublicKey(identity.publicKey), sign: (bytes) => identity.sign(bytes) },
      peer: peer === undefined ? undefined : rawPublicKey(peer),
      accept: (key) => acceptPeer(options, key),
      secret,
      timeout: Math.min(timeout, options.handshakeTimeout ?? timeout),
      signal,
      random,
      early: (context) => {
        const { state, bytes } = makeEarly(random, context);
        made = state;
        return bytes;
      },
    });
    return { handshaken, made };
  } catch (error) {
    tell({ event: 'refused', ...codeFor(error) });
    if (made !== undefined && 'sender' in made) made.sender.clear();
    throw error;
  }
}

/** The delegation of this side, which must be for its key. Throws VerificationError `ERR_DELEGATION_…`. */
function ownDelegation({ delegation, identity }: OpenOptions): Delegation | undefined {
  if (delegation === undefined) return undefined;
  const read = readDelegation(delegation);
  if (sameKey(read.certificate.delegate, identity.publicKey)) return read;
  throw new VerificationError(
    'ERR_DELEGATION_SCOPE',
    'the mandate certificate is for another key than this one',
  );
}

/** Throws InputError `ERR_USAGE` where neither the options nor the channel say which side opened it. */
function initiatorOf({ initiator, channel }: OpenOptions): boolean {
  const known = initiator ?? channel.initiator;
  if (known !== undefined) return known;
  throw new InputError('ERR_USAGE', 'the channel does not say which side opened it', {
    hint: 'give initiator: true on one side and false on the other',
  });
}

async function acceptPeer(
  { accept, ledger, afterCheat = 'refuse' }: OpenOptions,
  key: PublicKey,
): Promise<boolean> {
  if ((await accept?.(publicJwk(key))) === false) return false;
  if (afterCheat !== 'allow') await ledger?.refuseCheater(key);
  return true;
}
