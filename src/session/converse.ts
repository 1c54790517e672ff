import type { Terms, TermsDraft } from '../documents/terms.ts';
import { InputError } from '../errors.ts';
import type { SecureLink } from '../link/secure-link.ts';
import type { Certificates } from './certificates.ts';
import { type AheadOptions, OpenSession } from './open-session.ts';
import type { NegotiateOptions } from './options.ts';
import type { Session } from './session.ts';

/**
 * Runs an exchange of messages on a session ahead of a negotiation, such as that of an invite's terms. If it throws, the session ends on
 * both sides. For src/desk only: callers of the library have no messages of their own to send. With `prepared`, throws InputError `ERR_USAGE` on a
 * session that is not prepared, and sends nothing.
 */
export function converse<Value>(
  session: Session,
  options: Parameters<OpenSession['converse']>[0],
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

/** Whether such an entry can only give the outcome of the earlier session again, so that a delegate counts nothing for it. Throws the same. */
export function isRepeated(
  session: Session,
  options: Pick<NegotiateOptions, 'terms' | 'role' | 'rules'>,
): Promise<boolean> {
  if (session instanceof OpenSession) return session.isRepeated(options);
  throw foreign();
}

/**
 * Agrees on the terms ahead of a mandate, and runs what needs none if somebody has to be asked for one on either side. `negotiate` goes on from there. Gives whether
 * both sides have prepared and call `negotiate` next, so that there is a moment to meet before it. Throws what `Session.prepare` does.
 */
export function agreeAhead(
  session: Session,
  terms: Terms | TermsDraft,
  options: AheadOptions,
): Promise<boolean> {
  if (session instanceof OpenSession) return session.agreeAhead(terms, options);
  throw foreign();
}

/** Terms as both sides have them in this session: with the keys and the nonce. Throws what `negotiate` throws before anything is sent. */
export function completedTerms(
  session: Session,
  options: Pick<NegotiateOptions, 'terms' | 'role' | 'rules'>,
): Terms {
  if (session instanceof OpenSession) return session.completed(options);
  throw foreign();
}

/** The mandate certificates of a session. */
export function certificatesOf(session: Session): Certificates {
  if (session instanceof OpenSession) return session.certificates;
  throw foreign();
}

function foreign(): InputError {
  return new InputError('ERR_USAGE', 'this is no session that openSession has opened');
}
