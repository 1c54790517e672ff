import { expect, test } from 'vitest';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { CountedPeer, Ledger, memoryStore, questionDigest } from '../../src/ledger/index.ts';
import type { Side } from '../../src/session/preflight.ts';
import { RecordedAttempt } from '../../src/session/recorded-attempt.ts';
import { digest } from '../escrow/support.ts';
import { ruleOf } from '../escrow/terms.ts';
import { fairTerms } from '../support/fair.ts';
import { buyer } from '../support/sessions.ts';

// A pair of a peer and an arbiter reads the outcome and says void. By a second outcome that is drawn by the same share it would read the limit, for bits of two drawn ones.
test.each([
  ['split', 1, true],
  ['random-split', 2, true], // counted as if nothing were drawn
  ['random-split', 1, false],
] as const)('after a void, %s with %i attempts uses its seal again: %s', async (name, attempts, again) => {
  const ledger = new Ledger(memoryStore());
  const terms = await fairTerms({ rule: { name }, attempts });
  const side = { terms, bound: ruleOf(terms).under(terms) } as Side;
  const counted = { peer: new CountedPeer(ledger, [rawPublicKey(buyer.publicKey)]), matter: terms.subject };
  const begin = (session: string) => {
    const names = { session: digest(session), maxDisclosure: undefined };
    return RecordedAttempt.begin(counted, side, names, 'refuse');
  };
  const first = await begin('first');
  first.admitSealed({ bid: 'sealed' }, digest('own'), digest('theirs'));
  await first.released();
  await first.end();
  const required = await begin('cut off');
  expect(required.previousSeals()).toMatchObject([{ required: true }]);
  await required.end();
  await ledger.ended(rawPublicKey(buyer.publicKey), terms.subject, {
    ...{ question: questionDigest(terms), session: digest('first') },
    ...{ end: 'void', shown: true },
  });
  const next = await begin('next');
  expect(next.previousSeals().map(({ seal }) => seal)).toEqual(again ? [{ bid: 'sealed' }] : []);
  await next.end();
});
