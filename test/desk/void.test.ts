import { expect, test } from 'vitest';
import { complain, defineArbiter, memoryCases, readDispute, type Voided } from '../../src/arbiter/index.ts';
import { settleInLedger } from '../../src/desk/dispute.ts';
import type { TermsDraft } from '../../src/documents/terms.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { arbiter as escrowKey } from '../escrow/support.ts';
import { arbiterIdentity } from '../escrow/terms.ts';
import { fairTerms, openFair } from '../support/fair.ts';
import { buyer, partsOf, seller } from '../support/sessions.ts';

const usual = [{ reservation: 300n }, { reservation: 600n }];
const menu = {
  rule: { name: 'menu' },
  menu: { issues: [{ name: 'Colour', values: ['red', 'green', 'blue'] }] },
  parties: { a: seller.publicKey, b: buyer.publicKey },
} as const;
const likes = (red: number, blue: number) => ({
  reservation: 0.1,
  ratings: { Colour: { weight: 1, values: { red, green: 0.7, blue } } },
});

/** The seller, or party a, engages first, and the other side leaves. Gives the first side's attempts once it has the arbiter's void. */
async function voided(changes: Partial<TermsDraft>, mandates: readonly unknown[]) {
  const terms = await fairTerms(changes);
  const ledger = new Ledger(memoryStore());
  const { sessions, disputes } = await openFair({ left: { ledger } });
  const { link } = partsOf(sessions[1]);
  const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
  link.send = (async (type: { name: string }, ...rest: unknown[]) => {
    if (type.name !== 'engagement') return send(type, ...rest);
    sessions[1].destroy();
    throw new Error('left');
  }) as never;
  await Promise.allSettled(
    sessions.map((session, i) => session.negotiate({ terms, mandate: mandates[i] as never })),
  );
  const [kept] = await disputes[0].list();
  const dispute = readDispute(kept!.document!);
  const now = () => Date.parse(dispute.engagement.fair.complainBy) + 11_000;
  const arbiter = defineArbiter({ identity: arbiterIdentity, escrowKey, store: memoryCases(), now });
  const end = await complain({
    ...{ dispute, identity: seller },
    send: ({ kind, document }) => (kind === 'complaint' ? arbiter.answer(document) : arbiter.ask(document)),
  });
  expect(end).toMatchObject({ kind: 'void', mayBeBound: false });
  const attempts = async () => (await ledger.list())[0]!.attempts;
  expect(await attempts()).toMatchObject([{ end: undefined, returned: false }]);
  await settleInLedger(ledger, dispute, { ...(end as Voided), mayBeBound: true });
  expect(await attempts()).toMatchObject([{ end: undefined, returned: false }]);
  await settleInLedger(ledger, dispute, end as Voided);
  return attempts();
}

test.each([
  ['given back under a price with seals, which show what was entered', true, { seals: 'paillier' }, usual],
  ['used up without seals', false, { seals: 'none' }, usual],
  [
    'used up under a menu, whose seals allow other entries',
    false,
    { seals: 'paillier', ...menu },
    [likes(1, 0), likes(0, 1)],
  ],
] as const)('after a void the attempt is %s', async (_, returned, changes, mandates) => {
  const [attempt, ...more] = await voided(changes, mandates);
  expect(attempt).toMatchObject({ end: 'void', returned, agreement: undefined });
  expect(attempt!.bits).toBeGreaterThan(0);
  expect(more).toEqual([]);
});
