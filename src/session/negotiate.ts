import { type OpenOptions, openSession } from './open.ts';
import type { NegotiateOptions } from './options.ts';
import type { Result } from './result.ts';

export type OneCallOptions = OpenOptions & NegotiateOptions;

/** A result, and whether the peer confirmed before it left that it has everything too. */
export type OneCallResult = Result & { readonly confirmed: boolean };

/** Opens a session, negotiates once and closes it. Throws what `openSession` and `Session.negotiate` throw. */
export async function negotiate(options: OneCallOptions): Promise<OneCallResult> {
  const { mandate } = options;
  const policy = typeof mandate === 'function' ? mandate.afterCheat : undefined;
  const session = await openSession({ ...options, afterCheat: options.afterCheat ?? policy });
  try {
    const result = await session.negotiate(options);
    const confirmed = await session.close().then(
      () => true,
      () => false,
    );
    return { ...result, confirmed };
  } finally {
    session.destroy();
  }
}
