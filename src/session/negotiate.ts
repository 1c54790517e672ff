import { ruleOf } from '../../protocols/registry.ts';
import { systemRandom } from '../crypto/random.ts';
import { loadSodium } from '../crypto/sodium.ts';
import { parseDraft } from '../documents/terms.ts';
import { enterExactly } from './given.ts';
import { type OpenOptions, openSession } from './open.ts';
import type { NegotiateOptions } from './options.ts';
import type { Result } from './result.ts';
import { requireSide } from './side.ts';

export type OneCallOptions = OpenOptions & NegotiateOptions;

/** A result, and whether the peer confirmed, before it left, that it has everything too. */
export type OneCallResult = Result & { readonly confirmed: boolean };

/**
 * Opens a session, negotiates once and closes it. Throws what `openSession` and `Session.negotiate` throw. Terms and a mandate that do not fit each other
 * are refused before anything is sent.
 */
export async function negotiate(options: OneCallOptions): Promise<OneCallResult> {
  const { mandate } = options;
  const policy = typeof mandate === 'function' ? mandate.afterCheat : undefined;
  try {
    await checkAhead(options);
  } catch (error) {
    options.channel.destroy();
    throw error;
  }
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

/** Checks a mandate that is given as a value before the session is opened. Later, the peer would see that it is refused. */
async function checkAhead({ terms, mandate, rules, role, identity }: OneCallOptions): Promise<void> {
  if (typeof mandate === 'function') return;
  await loadSodium(); // for the keys in the terms
  const draft = parseDraft(terms);
  const rule = ruleOf(draft, rules);
  const { party } = requireSide(rule, { parties: draft.parties, own: identity.publicKey, role });
  enterExactly({ bound: rule.under(draft), party }, mandate, systemRandom);
}
