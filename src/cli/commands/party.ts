import type { Mandate, Rule } from '../../../protocols/rule.ts';
import { fingerprint, generateIdentity, type LocalIdentity, rawPublicKey } from '../../documents/identity.ts';
import { encodeBase64url } from '../../documents/json.ts';
import { completeTerms, isExpired, type Terms, type TermsDraft } from '../../documents/terms.ts';
import { InputError, LedgerError, TermsError } from '../../errors.ts';
import type { Channel } from '../../link/channel.ts';
import { type Endpoint, formatEndpoint } from '../../link/endpoint.ts';
import {
  parseBits,
  parseDuration,
  readDraft,
  readIdentity,
  readKey,
  refuseExisting,
} from '../../node/home/files.ts';
import { openPeerRecords, type PeerRecords } from '../../node/home/peer-records.ts';
import { readOrMakeSealKey } from '../../node/home/seal-key.ts';
import { dial, listenAt } from '../../node/net/endpoint.ts';
import { StreamChannel } from '../../node/net/stdio.ts';
import type { SealKey } from '../../seals/index.ts';
import { openSession, type Session } from '../../session/index.ts';
import { endpointOf, listenEndpoint } from '../terminal/endpoints.ts';
import { describeFailure } from '../terminal/failure.ts';
import { UNDER_WAY } from '../terminal/phases.ts';
import { Progress, say, style } from '../terminal/terminal.ts';
import { useStandardStreams } from '../terminal/tty.ts';
import { acceptPeer } from './accept.ts';
import { finish, keepEngagement } from './finish.ts';
import { leakageNotice } from './leak.ts';
import { ledgerPath } from './ledger.ts';
import { askForMandate, readMandate } from './mandate.ts';
import { findPlace, type Place } from './place.ts';
import { ruleOf } from './rules.ts';

export interface PartyFlags {
  readonly terms: string;
  readonly identity: string;
  readonly mandate?: string;
  readonly listen?: string;
  readonly connect?: string;
  readonly role?: string;
  readonly peer?: string;
  readonly stdio?: boolean;
  readonly out?: string;
  readonly ledger?: string;
  readonly maxDisclosure?: string;
  readonly wait: string;
  readonly timeout: string;
  readonly json?: boolean;
}

/** How long a stranger's connection may take to prove who it is, in milliseconds. */
export const HANDSHAKE = 5_000;
/** Where the flag form of `host` listens if it is not told. */
const DEFAULT_LISTEN = '0.0.0.0:4466';
/** Refused connections that are reported one by one. */
const REPORTED = 5;

/** Everything that can be checked before a connection exists. */
interface Preparation {
  readonly identity: LocalIdentity;
  readonly draft: TermsDraft;
  readonly rule: Rule;
  readonly place: Place;
  /** The terms with stand-ins for what only the connection tells. */
  readonly trial: Terms;
  readonly mandate: Mandate | undefined;
  readonly sealKey: SealKey | undefined;
  readonly records: PeerRecords;
  readonly maxDisclosure: number | undefined;
  readonly address: Endpoint;
  /** Standard input and output in place of an address. */
  readonly pipe: Channel | undefined;
  readonly wait: number;
  readonly timeout: number;
}

/** `parley host` and `parley join` */
export async function party(side: 'host' | 'join', flags: PartyFlags, signal: AbortSignal): Promise<void> {
  const preparation = await prepare(side, flags, signal);
  const session = await (side === 'host' ? host(preparation, signal) : join(preparation, signal));
  const progress = new Progress();
  try {
    await converse(session, preparation, flags, progress, signal);
  } catch (error) {
    progress.stop();
    throw await keepEngagement(error, flags.out);
  } finally {
    progress.stop();
    session.destroy();
  }
}

async function prepare(side: 'host' | 'join', flags: PartyFlags, signal: AbortSignal): Promise<Preparation> {
  useStandardStreams(flags);
  const wait = parseDuration(flags.wait, '--wait');
  const timeout = parseDuration(flags.timeout, '--timeout');
  const maxDisclosure = flags.maxDisclosure === undefined ? undefined : parseBits(flags.maxDisclosure);
  const address =
    side === 'host'
      ? listenEndpoint(flags.listen ?? DEFAULT_LISTEN)
      : endpointOf(flags.connect ?? DEFAULT_LISTEN, '--connect');
  if (flags.out !== undefined) await refuseExisting(flags.out);
  const identity = await readIdentity(flags.identity, signal);
  const draft = await readDraft(flags.terms);
  const rule = ruleOf(draft);
  const peer = flags.peer === undefined ? undefined : await readKey(flags.peer);
  const place = await findPlace(draft, rule, identity.publicKey, { role: flags.role, peer });
  if (draft.expires === undefined) {
    throw new InputError('ERR_TERMS_INVALID', 'the terms have no deadline', {
      hint: 'add "expires" with the same UTC time on both sides, like "2027-01-31T12:00:00Z"',
    });
  }
  const stranger = place.peer ?? generateIdentity().publicKey;
  const trial = completeTerms(
    draft,
    {
      parties: { [place.role]: identity.publicKey, [place.peerRole]: stranger },
      ...(draft.nonce === undefined ? { nonce: encodeBase64url(new Uint8Array(16)) } : {}),
    },
    rule,
  );
  if (isExpired(trial)) {
    throw new TermsError('ERR_TERMS_EXPIRED', `the terms expired at ${trial.expires}`, {
      hint: 'agree on a later deadline',
    });
  }
  const records = await openPeerRecords(ledgerPath(flags));
  if (place.peer !== undefined) await records.ledger.refuseCheater(rawPublicKey(place.peer));
  const mandate = await readMandate(flags.mandate, rule, trial, place.party);
  for (const line of leakageNotice(rule, trial)) say(line);
  const sealed = trial.seals !== 'none';
  return {
    identity,
    draft,
    rule,
    place,
    trial,
    mandate,
    sealKey: sealed ? await readOrMakeSealKey(flags.identity, identity) : undefined,
    records,
    maxDisclosure,
    address,
    pipe: flags.stdio === true ? new StreamChannel(process.stdin, process.stdout) : undefined,
    wait,
    timeout,
  };
}

async function host(preparation: Preparation, signal: AbortSignal): Promise<Session> {
  if (preparation.pipe !== undefined) return authenticate(preparation, preparation.pipe, false, signal);
  const listener = await listenAt(preparation.address, { backlog: 128 });
  say(`listening on ${formatEndpoint({ ...preparation.address, ...listener.address })}`);
  say(`waiting for the ${preparation.place.peerRole}, ${preparation.place.peerFingerprint}`);
  let refused = 0;
  return acceptPeer({
    listener,
    wait: preparation.wait,
    signal,
    open: (channel, attempt) => authenticate(preparation, channel, false, attempt),
    isFinal: (error) => error instanceof LedgerError,
    onRefused: (error) => {
      refused += 1;
      const line = `refused a connection (${describeFailure(error).message}); still listening`;
      if (refused <= REPORTED) say(style('dim', line));
      if (refused === REPORTED) say(style('dim', 'further ones are not reported'));
    },
  });
}

async function join(preparation: Preparation, signal: AbortSignal): Promise<Session> {
  signal.throwIfAborted();
  const channel = preparation.pipe ?? (await dial(preparation.address, { signal }));
  return authenticate(preparation, channel, true, signal);
}

/** The handshake, and that it is with the right peer. */
async function authenticate(
  { identity, place, timeout, wait, pipe, sealKey, records }: Preparation,
  channel: Channel,
  initiator: boolean,
  signal: AbortSignal,
): Promise<Session> {
  const { peer } = place;
  const handshakeTimeout = pipe !== undefined ? wait : initiator ? timeout : HANDSHAKE;
  return openSession({
    channel,
    initiator,
    identity,
    peer,
    accept: async (key) => (await fingerprint(key)) === place.peerFingerprint,
    timeout: pipe === undefined ? timeout : wait,
    handshakeTimeout,
    signal,
    sealKey,
    ...records,
  });
}

async function converse(
  session: Session,
  { draft, rule, place, trial, mandate, wait, timeout, maxDisclosure }: Preparation,
  flags: PartyFlags,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  say(`connected with the ${place.peerRole}, ${place.peerFingerprint}`);
  const nonce = draft.nonce ?? encodeBase64url(session.id.subarray(0, 16));
  progress.update('agreeing on the terms');
  const result = await session.negotiate({
    terms: { ...draft, nonce },
    role: place.role,
    mandate:
      mandate ??
      (async (request) => {
        progress.stop();
        const answer = await askForMandate(rule, trial, place.party, request.signal);
        return answer;
      }),
    timeout,
    wait,
    maxDisclosure,
    signal,
    onProgress: (phase) => {
      if (phase === 'terms-agreed') say('both sides have the same terms; nothing private has been sent');
      progress.update(UNDER_WAY[phase]);
    },
  });
  progress.stop();
  await finish(session, result, flags);
}
