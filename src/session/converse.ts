import { InputError } from '../errors.ts';
import type { SecureLink } from '../link/secure-link.ts';
import { OpenSession } from './open-session.ts';
import type { NegotiateOptions } from './options.ts';
import type { Session } from './session.ts';

/**
 * Runs an exchange of messages on a session ahead of a negotiation, such as that of an invite's terms. If it throws, the session ends on
 * both sides. For src/desk only: callers of the library have no messages of their own to send.
 */
export function converse<Value>(
  session: Session,
  options: Pick<NegotiateOptions, 'timeout' | 'wait' | 'signal'>,
  exchange: (link: SecureLink) => Promise<Value>,
): Promise<Value> {
  if (session instanceof OpenSession) return session.converse(options, exchange);
  throw foreign();
}

/**
 * Whether this side's entry under these terms is already fixed, because an outcome was released on an earlier seal of its own and is not agreed. If so,
 * nobody needs to be asked for a mandate. Throws what `negotiate` throws before anything is sent, and LedgerError.
 */
export function isSettled(
  session: Session,
  options: Pick<NegotiateOptions, 'terms' | 'role' | 'rules'>,
): Promise<boolean> {
  if (session instanceof OpenSession) return session.isSettled(options);
  throw foreign();
}

function foreign(): InputError {
  return new InputError('ERR_USAGE', 'this is no session that openSession has opened');
}
