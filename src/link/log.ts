import { toHex } from '../crypto/encoding.ts';
import { type ErrorCode, ParleyError } from '../errors.ts';

/** Bytes over the channel so far, and the length of the longest chain of messages. */
interface Cost {
  readonly sent: number;
  readonly received: number;
  readonly flights: number;
}

/** Why something ended. It has no code if the error could depend on a mandate, or is not one of Parley's errors. */
interface Ended {
  readonly code?: ErrorCode;
}

/**
 * An event of a session, for somebody who wants to know why the session failed. Nothing in it is secret, and nothing depends on a mandate: the kinds of messages and
 * their lengths follow from the terms and from randomness that both sides see.
 */
export type LogEvent =
  /** This side connects to, or listens at, an endpoint; or a relay fails. */
  | { readonly event: 'dialled' | 'listening'; readonly endpoint: string; readonly relay: boolean }
  | ({ readonly event: 'relay trouble' } & Ended)
  /** There is a connection, and the handshake begins. `initiator`: this side opened it. */
  | { readonly event: 'connected'; readonly initiator: boolean }
  /** The handshake failed. A host goes on waiting. */
  | ({ readonly event: 'refused' } & Ended)
  /** The peer has proved its key. */
  | ({ readonly event: 'authenticated' } & Cost)
  /** One of the two sides has accepted the offered terms, or has its mandate. */
  | { readonly event: 'accepted' | 'ready'; readonly by: 'self' | 'peer' }
  /** The first 8 hexadecimal digits of the digest of this side's terms: the same on both sides if they have the same terms. */
  | { readonly event: 'terms'; readonly digest: string }
  /** A message, with the bytes of its fields. */
  | {
      readonly event: 'sent' | 'received';
      readonly message: string;
      readonly bytes: number;
      readonly flights: number;
    }
  | ({ readonly event: 'phase'; readonly phase: string } & Cost)
  /** The session ended before it was closed. `awaited` is the message that this side was waiting for. */
  | ({ readonly event: 'aborted'; readonly awaited?: string } & Ended & Cost)
  | { readonly event: 'closing' }
  | ({ readonly event: 'closed' } & Cost)
  /** The negotiation is over. If it failed, with the error that its caller gets. */
  | ({ readonly event: 'over' } & Ended);

/** An event with its time (UTC) and its session: the first 8 hexadecimal digits of the session's id, which are the same on both sides. */
export type LogLine = { readonly time: string; readonly session?: string } & LogEvent;

/** Receives lines. An error that it throws is ignored. */
export type Log = (line: LogLine) => void;

/** Receives events. Never throws. */
export type Tell = (event: LogEvent) => void;

/** Errors that may depend on a mandate: a log does not name them. */
const WITHHELD: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_MANDATE_INVALID',
  'ERR_MANDATE_MISSING',
  'ERR_POLICY_MANDATE',
  'ERR_SEAL_CHANGED',
]);

/** Adds the time and the session to events, and passes them to a log, if there is one. `session` is the session's id. */
export function tellTo(log: Log | undefined, session?: Uint8Array): Tell {
  if (log === undefined) return () => undefined;
  const prefix = session === undefined ? {} : { session: shortDigest(session) };
  return (event) => {
    try {
      log({ time: new Date().toISOString(), ...prefix, ...event });
    } catch {
      // an error in the log does not concern the session
    }
  };
}

/** An error in the form of a log. */
export function codeFor(error: unknown): Ended {
  if (!(error instanceof ParleyError) || WITHHELD.has(error.code)) return {};
  return { code: error.code };
}

/** The first 8 hexadecimal digits of bytes. */
export function shortDigest(bytes: Uint8Array): string {
  return toHex(bytes.subarray(0, 4));
}
