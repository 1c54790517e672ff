import { networkInterfaces } from 'node:os';
import { systemRandom } from '../../crypto/random.ts';
import { formatInvite, type Invite, type InvitePlace, inviteRoom, makeInvite } from '../../desk/invite.ts';
import { completeOffer, MAX_OFFER, offerTerms } from '../../desk/offer.ts';
import { fingerprint, rawPublicKey, sameKey } from '../../documents/identity.ts';
import { isExpired, type PublicJwk, type TermsDraft } from '../../documents/terms.ts';
import {
  ConnectionError,
  InputError,
  LedgerError,
  ParleyError,
  TermsError,
  TimeoutError,
} from '../../errors.ts';
import type { Channel } from '../../link/channel.ts';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../link/endpoint.ts';
import { listenAtRelay } from '../../link/relay-client.ts';
import { readDraft } from '../../node/home/files.ts';
import { refuseChangedKey, rememberPeer } from '../../node/home/peers.ts';
import { dial, listenAt } from '../../node/net/endpoint.ts';
import { StreamChannel } from '../../node/net/stdio.ts';
import type { Listener } from '../../node/net/tcp.ts';
import { openSession, type Session } from '../../session/index.ts';
import { oneOf } from '../terminal/answers.ts';
import { commandName } from '../terminal/command-name.ts';
import { endpointOf, listenEndpoint } from '../terminal/endpoints.ts';
import { describeFailure, usageError } from '../terminal/failure.ts';
import { canAsk } from '../terminal/prompt.ts';
import { Questions } from '../terminal/questions.ts';
import { Progress, say, style } from '../terminal/terminal.ts';
import { acceptPeer } from './accept.ts';
import { type CheckedDraft, checkDraft, explain, withoutStandIns } from './draft.ts';
import { keepEngagement } from './finish.ts';
import { conclude, type Desk, describePeer, type InviteFlags, openDesk } from './invited.ts';
import { HANDSHAKE } from './party.ts';
import { checkMandate } from './rules.ts';

/** Where `host` listens if it is not told; if that is taken, at any free port. */
const DEFAULT_PORT = 4466;
/** Refused connections that are reported one by one. */
const REPORTED = 5;

/** `parley host --terms DRAFT`: makes an invite, waits for who holds it, and offers the terms. */
export async function hostByInvite(
  flags: InviteFlags & { terms: string },
  signal: AbortSignal,
): Promise<void> {
  const checked = checkDraft(await readDraft(flags.terms));
  const { rule } = checked;
  refuseUnusable(checked);
  const desk = await openDesk(flags, signal);
  say(explain(checked, {}));
  say();
  const role = await findRole(checked, desk, flags, signal);
  if (desk.mandateFile !== undefined) {
    checkMandate(rule, checked.terms, role === rule.roles[0] ? 'a' : 'b', desk.mandateFile as never);
  }
  const peerRole = rule.roles.find((name) => name !== role)!;
  const draft: TermsDraft = withoutStandIns(checked);
  const session = await meet(desk, flags, peerRole, draft.parties?.[peerRole], signal);
  const progress = new Progress();
  try {
    say(`connected with ${await describePeer(peerRole, session.peer)}`);
    const terms = completeOffer(draft, session, role, rule);
    say(`the ${peerRole} is reading the terms; nothing private has been sent`);
    await offerTerms(session, terms, { wait: desk.wait, timeout: desk.timeout, signal });
    say(`the ${peerRole} has accepted the terms`);
    await rememberPeer(flags.name, session.peer);
    await conclude({ session, terms, rule, role, peerRole }, desk, flags, progress, signal);
  } catch (error) {
    progress.stop();
    throw await keepEngagement(error, flags.out);
  } finally {
    progress.stop();
    session.destroy();
  }
}

/** Refuses drafts that could never be agreed on by invite. */
function refuseUnusable({ terms, missing }: CheckedDraft): void {
  if (!missing.includes('nonce')) {
    throw new InputError('ERR_TERMS_INVALID', 'the draft has a nonce, and an invite makes its own', {
      hint: 'leave "nonce" out of the draft',
    });
  }
  if (!missing.includes('expires') && isExpired(terms)) {
    throw new TermsError('ERR_TERMS_EXPIRED', `the terms expired at ${terms.expires}`, {
      hint: 'give them a later deadline, or none',
    });
  }
  if (JSON.stringify(terms).length > MAX_OFFER / 4) {
    throw new InputError('ERR_TERMS_INVALID', 'the terms are too long to be sent with an invite', {
      hint: 'send the file, and use --terms and --peer on both sides',
    });
  }
}

/** This side's role: from the keys in the draft, from --role, or from the person. */
async function findRole(
  checked: CheckedDraft,
  { identity }: Desk,
  flags: InviteFlags,
  signal: AbortSignal,
): Promise<string> {
  const { rule, terms, missing } = checked;
  const named = rule.roles.filter((role) => !missing.includes(`parties.${role}`));
  const mine = named.find((role) => sameKey(terms.parties[role]!, identity.publicKey));
  if (mine === undefined && named.length === 2) {
    throw usageError("this identity's key is none of the terms' parties", 'use the key that the terms name');
  }
  const byKey = mine ?? (named.length === 1 ? rule.roles.find((role) => role !== named[0]) : undefined);
  if (flags.role !== undefined && byKey !== undefined && flags.role !== byKey) {
    throw usageError(`by the terms' keys this side is the ${byKey}`, 'leave --role out');
  }
  const read = oneOf(rule.roles);
  if (byKey !== undefined) return byKey;
  if (flags.role !== undefined) return read(flags.role);
  if (!canAsk())
    throw usageError('nothing says which side you are', `add --role ${rule.roles.join(' or --role ')}`);
  const questions = new Questions(signal);
  try {
    return await questions.ask(`Which side are you, ${rule.roles.join(' or ')}?`, read);
  } finally {
    questions.close();
  }
}

/** Makes the invite, says it, and gives the session with the first one who holds it. */
async function meet(
  desk: Desk,
  flags: InviteFlags,
  peerRole: string,
  peer: PublicJwk | undefined,
  signal: AbortSignal,
): Promise<Session> {
  const { identity, timeout, wait, sealKey, records } = desk;
  if (peer !== undefined) await records.ledger.refuseCheater(rawPublicKey(peer));
  const host = await fingerprint(identity.publicKey);
  let changed: unknown;
  const open = (invite: Invite, channel: Channel, attempt: AbortSignal, piped = false) =>
    openSession({
      channel,
      initiator: false,
      identity,
      peer,
      secret: invite.secret,
      accept: async (key) => {
        changed = await refuseChangedKey(flags.name, await fingerprint(key)).catch((error: unknown) => error);
        if (changed !== undefined) throw changed;
        return true;
      },
      timeout: piped ? wait : timeout,
      handshakeTimeout: piped ? wait : HANDSHAKE,
      signal: attempt,
      sealKey,
      ...records,
    });
  if (flags.stdio === true) {
    const invite = makeInvite(host, { kind: 'stdio' }, systemRandom);
    tell(invite, peerRole, flags);
    return open(invite, new StreamChannel(process.stdin, process.stdout, false), signal, true);
  }
  const { invite, listener, where } = await listenFor(host, flags, signal);
  tell(invite, peerRole, flags);
  say(`listening ${where}, for ${flags.wait}; Ctrl-C ends it`);
  let refused = 0;
  return acceptPeer({
    listener,
    wait,
    signal,
    invited: true,
    open: (channel, attempt) => open(invite, channel, attempt),
    isFinal: (error) => error === changed || error instanceof LedgerError,
    onRefused: (error) => {
      refused += 1;
      if (refused > REPORTED) return;
      say(style('dim', `refused a stranger (${describeFailure(error).message}); still listening`));
      if (refused === REPORTED) say(style('dim', 'further ones are not reported'));
    },
  })
    .catch((error: unknown) => {
      if (!(error instanceof TimeoutError)) throw error;
      throw new ParleyError('ERR_TIMEOUT', `nobody came within ${flags.wait}, so the invite has expired`, {
        hint: 'host again and send the new line; --wait 1h waits longer',
        cause: error,
      });
    })
    .finally(() => invite.secret.fill(0));
}

/** Listens directly or at a relay, for an invite that says how to get there. */
async function listenFor(
  host: string,
  flags: InviteFlags,
  signal: AbortSignal,
): Promise<{ readonly invite: Invite; readonly listener: Listener; readonly where: string }> {
  if (flags.relay !== undefined) {
    const endpoint = endpointOf(flags.relay, '--relay');
    const invite = makeInvite(host, { kind: 'relay', endpoint }, systemRandom);
    const listener = await listenAtRelay({
      room: inviteRoom(invite.secret),
      dial: (attempt) => dial(endpoint, { signal: attempt }),
      signal,
      address: endpoint,
    });
    return { invite, listener, where: `at the relay ${formatEndpoint(endpoint)}` };
  }
  const asked = flags.listen === undefined ? undefined : listenEndpoint(flags.listen);
  const wanted: Endpoint = asked ?? { transport: 'tcp', host: '0.0.0.0', port: DEFAULT_PORT, path: '' };
  const listener = await listenAt(wanted, { backlog: 128 }).catch((error: unknown) => {
    if (asked !== undefined || !(error instanceof ConnectionError)) throw error;
    return listenAt({ ...wanted, port: 0 }, { backlog: 128 });
  });
  const bound: Endpoint = { ...wanted, ...listener.address };
  const endpoint = flags.address === undefined ? reachable(bound) : addressOf(flags.address, bound);
  const place: InvitePlace = { kind: 'direct', endpoint };
  return { invite: makeInvite(host, place, systemRandom), listener, where: `on ${formatEndpoint(bound)}` };
}

/** Where the other side is told to connect: `--address`, with the port that is listened on if it has none. */
function addressOf(text: string, bound: Endpoint): Endpoint {
  const endpoint = parseEndpoint(text) ?? parseEndpoint(`${text}:${bound.port}`);
  if (endpoint === undefined || endpoint.port === 0) {
    throw usageError(`--address ${text} is not an address`, 'write HOST or HOST:PORT');
  }
  return endpoint.transport === 'tcp' ? { ...bound, host: endpoint.host, port: endpoint.port } : endpoint;
}

/** The address of this machine in place of one that stands for all of them. */
function reachable(bound: Endpoint): Endpoint {
  if (bound.host !== '0.0.0.0' && bound.host !== '::') return bound;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outward = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return { ...bound, host: outward?.address ?? '127.0.0.1' };
}

/** The one line to send: on stdout, unless that is taken. */
function tell(invite: Invite, peerRole: string, { json, stdio }: InviteFlags): void {
  say(`Send this line to the ${peerRole}, in a way that only they can read. It works once:`);
  say();
  const line = `${commandName()} join ${formatInvite(invite)}${stdio === true ? ' --stdio' : ''}`;
  if (json === true || stdio === true) say(line);
  else process.stdout.write(`${line}\n`);
  say();
}
