import { systemRandom } from '../crypto/random.ts';
import { fingerprint, rawPublicKey } from '../documents/identity.ts';
import type { PublicJwk } from '../documents/terms.ts';
import { LedgerError, TimeoutError } from '../errors.ts';
import type { Channel } from '../link/channel.ts';
import { scopeOf } from '../link/ip-address.ts';
import { openSession } from '../session/open.ts';
import type { Session } from '../session/session.ts';
import { acceptPeer } from './accept-peer.ts';
import type { Desk } from './desk.ts';
import { formatInvite, type Invite, makeInvite } from './invite.ts';
import { refuseChangedKey } from './peers.ts';
import { beginWaiting, type HostWays, type Waiting } from './ways.ts';

/** Milliseconds that a stranger's connection may take to prove who it is. */
export const HANDSHAKE = 5_000;

/** The other side that a host waits for. */
export interface Guest {
  readonly role: string;
  /** The name that this side has given to the guest, if any. */
  readonly name: string | undefined;
  /** The only key that the guest may have, where the terms name one. */
  readonly key: PublicJwk | undefined;
  readonly ways: HostWays;
  readonly onInvite: (invite: string) => void;
}

/** One connection that may be the guest's. */
interface Attempt {
  readonly channel: Channel;
  readonly signal: AbortSignal;
  readonly timeout: number;
  readonly handshakeTimeout: number;
}

/** Makes the invite, shows it, and returns the session with the first holder of the invite. The secret is zeroed then, or when nobody came. */
export async function meetGuest(desk: Desk, guest: Guest): Promise<Session> {
  if (guest.key !== undefined) await desk.records.ledger?.refuseCheater(rawPublicKey(guest.key));
  const own = await fingerprint(desk.identity.publicKey);
  const { channel } = guest.ways;
  if (channel === undefined) return waitForGuest(desk, guest, await beginWaiting(desk, own, guest.ways));
  const invite = makeInvite(own, { kind: 'stdio' }, systemRandom);
  try {
    giveOut(desk, guest, invite);
    const { wait, signal } = desk.clocks;
    return await openToGuest(desk, guest, invite, { channel, signal, timeout: wait, handshakeTimeout: wait });
  } finally {
    invite.secret.fill(0);
  }
}

async function waitForGuest(
  desk: Desk,
  guest: Guest,
  { invite, listener, endpoint }: Waiting,
): Promise<Session> {
  const { clocks, tell } = desk;
  const { wait, timeout, signal } = clocks;
  let count = 0;
  let changed: unknown;
  try {
    giveOut(desk, guest, invite);
    tell({ kind: 'listening', endpoint, atRelay: invite.place.kind === 'relay', awaited: undefined });
    return await acceptPeer({
      listener,
      wait,
      signal,
      invited: true,
      open: (channel, attempt) => {
        const times = { timeout, handshakeTimeout: HANDSHAKE };
        return openToGuest(desk, guest, invite, { channel, signal: attempt, ...times }, (error) => {
          changed = error;
        });
      },
      isFinal: (error) => error === changed || error instanceof LedgerError,
      onRefused: (error) => tell({ kind: 'strangerRefused', error, count: ++count }),
    });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new TimeoutError(`nobody came within ${spell(wait)}, so the invite has expired`, {
      hint: 'host again and send the new invite; a longer wait gives more time',
      cause: error,
    });
  } finally {
    invite.secret.fill(0);
  }
}

function giveOut({ tell }: Desk, { role, onInvite }: Guest, invite: Invite): void {
  const text = formatInvite(invite);
  const endpoint = invite.place.kind === 'stdio' ? undefined : invite.place.endpoint;
  const scope = endpoint === undefined ? 'anywhere' : scopeOf(endpoint.host);
  tell({ kind: 'invited', invite: text, peerRole: role, endpoint, scope });
  onInvite(text);
}

/** The handshake with somebody who must hold the invite. `onChanged` is called for a holder whose key differs from the one known under the guest's name. */
function openToGuest(
  { identity, sealKey, records, afterCheat, options, tell }: Desk,
  { key, name }: Guest,
  { secret }: Invite,
  attempt: Attempt,
  onChanged?: (error: unknown) => void,
): Promise<Session> {
  return openSession({
    ...attempt,
    initiator: false,
    identity,
    peer: key,
    secret,
    accept: async (theirs) => {
      try {
        await refuseChangedKey(options.home.peers, name, await fingerprint(theirs), tell);
      } catch (error) {
        onChanged?.(error);
        throw error;
      }
      return true;
    },
    sealKey,
    ...records,
    delegation: options.delegation,
    afterCheat,
    log: options.log,
  });
}

/** Milliseconds as people write a duration: 10m, 90s, 500ms. */
function spell(milliseconds: number): string {
  const [unit, name] = (
    [
      [3_600_000, 'h'],
      [60_000, 'm'],
      [1_000, 's'],
      [1, 'ms'],
    ] as const
  ).find(([unit]) => milliseconds >= unit && milliseconds % unit === 0) ?? [1, 'ms'];
  return `${milliseconds / unit}${name}`;
}
