import { describeTerms } from '../../../protocols/describe.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { type Invite, inviteRoom, parseInvite } from '../../desk/invite.ts';
import { type Offer, receiveOffer } from '../../desk/offer.ts';
import { fingerprint } from '../../documents/identity.ts';
import { completeTerms, type Terms, termsDigest } from '../../documents/terms.ts';
import {
  ConnectionError,
  IdentityError,
  InputError,
  type ParleyError,
  PeerLeftError,
  TermsError,
} from '../../errors.ts';
import type { Channel } from '../../link/channel.ts';
import { formatEndpoint } from '../../link/endpoint.ts';
import { enterRelay } from '../../link/relay-client.ts';
import { readDraft } from '../../node/home/files.ts';
import { refuseChangedKey, rememberPeer } from '../../node/home/peers.ts';
import { dial } from '../../node/net/endpoint.ts';
import { StreamChannel } from '../../node/net/stdio.ts';
import { openSession, type Session } from '../../session/index.ts';
import { InterruptedError, usageError } from '../terminal/failure.ts';
import { canAsk } from '../terminal/prompt.ts';
import { Questions } from '../terminal/questions.ts';
import { Progress, say, style } from '../terminal/terminal.ts';
import { keepEngagement } from './finish.ts';
import { conclude, type Desk, describePeer, type InviteFlags, openDesk, whileAlive } from './invited.ts';
import { checkMandate } from './rules.ts';

/** How often a connection that is dropped without an answer is tried, and milliseconds in between: the host may be under a flood. */
const TRIES = 3;
const PAUSE = 400;
/** Milliseconds to wait for the host at a relay. */
const RELAY_WAIT = 20_000;

/** `parley join INVITE`: fetches the terms, shows them, and takes the free role if the person accepts. */
export async function joinByInvite(text: string, flags: InviteFlags, signal: AbortSignal): Promise<void> {
  const invite = parseInvite(text);
  await refuseChangedKey(flags.name, invite.host);
  const desk = await openDesk(flags, signal);
  const expected = flags.terms === undefined ? undefined : await readDraft(flags.terms);
  if (expected === undefined && !canAsk()) {
    throw usageError(
      'there is no terminal to accept the terms at',
      'add --terms DRAFT, or run in a terminal',
    );
  }
  const session = await reach(invite, desk, flags, signal).finally(() => invite.secret.fill(0));
  const progress = new Progress();
  try {
    const clocks = { wait: desk.wait, timeout: desk.timeout, signal };
    progress.update('fetching the terms');
    const offer = await receiveOffer(session, clocks);
    progress.stop();
    say(`connected with ${await describePeer(offer.peerRole, session.peer)}`);
    say();
    say(describeTerms(offer.terms));
    say();
    say(style('bold', `You would be the ${offer.role}.`));
    const accepted =
      expected === undefined
        ? await whileAlive(session, desk.wait, signal, (asking) => accepts(asking))
        : sameTerms(offer, completeAs(expected, offer));
    if (accepted && desk.mandateFile !== undefined) checkOwn(offer, desk);
    await offer.answer(accepted, clocks);
    if (!accepted) {
      await session.close().catch(() => undefined);
      throw declined(expected !== undefined);
    }
    say('you have accepted the terms; nothing private has been sent');
    await rememberPeer(flags.name, session.peer);
    await conclude({ session, ...offer }, desk, flags, progress, signal);
  } catch (error) {
    progress.stop();
    throw await keepEngagement(error, flags.out);
  } finally {
    progress.stop();
    session.destroy();
  }
}

async function accepts(signal: AbortSignal): Promise<boolean> {
  const questions = new Questions(signal);
  try {
    return await questions.ask('Accept? [y/N]', (typed) => {
      const answer = typed.toLowerCase();
      if (answer === 'y' || answer === 'yes') return true;
      if (answer === '' || answer === 'n' || answer === 'no') return false;
      throw new InputError('ERR_USAGE', 'that is neither yes nor no', { hint: 'write y or n' });
    });
  } finally {
    questions.close();
  }
}

/** The person's own draft with what only the offer can say. Throws InputError if the two contradict each other. */
function completeAs(draft: Parameters<typeof completeTerms>[0], { terms, rule }: Offer): Terms | undefined {
  const { parties, nonce, expires } = terms;
  try {
    const open = {
      parties,
      ...(draft.nonce === undefined && { nonce }),
      ...(draft.expires === undefined && { expires }),
    };
    return completeTerms(draft, open, rule);
  } catch {
    return undefined;
  }
}

function sameTerms({ terms }: Offer, expected: Terms | undefined): boolean {
  return expected !== undefined && equalBytes(termsDigest(terms), termsDigest(expected));
}

function checkOwn({ rule, terms, role }: Offer, { mandateFile }: Desk): void {
  checkMandate(rule, terms, role === rule.roles[0] ? 'a' : 'b', mandateFile as never);
}

function declined(byFile: boolean): TermsError {
  const why = byFile
    ? 'the offered terms are not those of --terms, so they were declined'
    : 'you declined the terms';
  return new TermsError('ERR_TERMS_DECLINED', `${why}; nothing private was sent`, {
    hint: 'ask for other terms; they come with a new invite',
  });
}

/** The session with the host that the invite names. */
async function reach(invite: Invite, desk: Desk, flags: InviteFlags, signal: AbortSignal): Promise<Session> {
  const { identity, sealKey, records, timeout } = desk;
  const piped = invite.place.kind === 'stdio';
  if (piped !== (flags.stdio === true)) {
    throw usageError(
      piped ? 'this invite is for a host behind standard input and output' : 'this invite has an address',
      piped ? 'add --stdio' : 'leave --stdio out',
    );
  }
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const channel = await connect(invite, signal);
    try {
      return await openSession({
        channel,
        initiator: true,
        identity,
        secret: invite.secret,
        accept: async (key) => {
          if ((await fingerprint(key)) === invite.host) return true;
          throw new IdentityError('who answers there is not who made the invite', 'ask for a new invite');
        },
        timeout: piped ? desk.wait : timeout,
        signal,
        sealKey,
        ...records,
      });
    } catch (error) {
      if (!(error instanceof PeerLeftError) || piped) throw error;
      if (attempt === TRIES) throw refused(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function connect({ place, secret }: Invite, signal: AbortSignal): Promise<Channel> {
  try {
    switch (place.kind) {
      case 'stdio':
        return new StreamChannel(process.stdin, process.stdout, true);
      case 'relay':
        return await enterRelay({
          side: 'joiner',
          room: inviteRoom(secret),
          dial: (attempt) => dial(place.endpoint, { signal: attempt }),
          signal,
          wait: RELAY_WAIT,
        });
      case 'direct':
        return await dial(place.endpoint, { signal });
    }
  } catch (error) {
    if (signal.aborted && !(signal.reason instanceof InterruptedError)) throw error;
    if (!(error instanceof ConnectionError) || place.kind !== 'direct') throw error;
    throw new ConnectionError('ERR_CONNECT', `nobody is listening at ${formatEndpoint(place.endpoint)}`, {
      hint: 'the invite has been used or has expired: ask for a new one (or the network is in the way: parley relay)',
      cause: error,
    });
  }
}

function refused(cause: ParleyError): ConnectionError {
  return new ConnectionError('ERR_INVITE_REFUSED', 'the host does not take this invite', {
    hint: 'it has been used, replaced or has expired: ask for a new one',
    cause,
  });
}
