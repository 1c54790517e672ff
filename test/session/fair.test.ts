import { afterEach, describe, expect, test } from 'vitest';
import { serializeAgreement } from '../../src/documents/agreement.ts';
import type { TermsDraft } from '../../src/documents/terms.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { fairTerms, openFair } from '../support/fair.ts';
import { buyer, seller } from '../support/sessions.ts';

const sides = { parties: { a: seller.publicKey, b: buyer.publicKey } };
const issue = { name: 'Colour', values: ['red', 'green', 'blue'] };
const likes = (red: number, blue: number) => ({
  reservation: 0.1,
  ratings: { Colour: { weight: 1, values: { red, green: 0.7, blue } } },
});
const usual = [{ reservation: 300n }, { reservation: 600n }] as const;
const cases: readonly (readonly [string, Partial<TermsDraft>, readonly [unknown, unknown]])[] = [
  ['zopa', { rule: { name: 'zopa' } }, usual],
  ['split', { rule: { name: 'split' } }, usual],
  ['random-split', { rule: { name: 'random-split' } }, usual],
  [
    'posted-price',
    { rule: { name: 'posted-price', price: 'random' } },
    [{ reservation: 0n }, { reservation: 1000n }],
  ],
  ['menu', { rule: { name: 'menu' }, menu: { issues: [issue] }, ...sides }, [likes(1, 0), likes(0, 1)]],
];
let opened: Awaited<ReturnType<typeof openFair>> | undefined;
afterEach(() => {
  for (const session of opened?.sessions ?? []) session.destroy();
  opened = undefined;
});

describe.each(['paillier', 'none'] as const)('with an arbiter, seals %s', (seals) => {
  test.each(cases)(
    '%s: both sides end with the same agreement, and no dispute is left',
    async (_, changes, mandates) => {
      const terms = await fairTerms({ seals, ...changes });
      opened = await openFair();
      const { sessions, disputes } = opened;
      const [one, other] = await Promise.all(
        sessions.map((session, i) => session.negotiate({ terms, mandate: mandates[i] as never })),
      );
      expect(serializeAgreement(one!.agreement)).toEqual(serializeAgreement(other!.agreement));
      const { outcome } = await verifyAgreement(one!.agreement, { parties: 'unpinned' });
      expect(outcome).toMatchObject({ deal: true });
      expect(await Promise.all(disputes.map((store) => store.list()))).toEqual([[], []]);
      expect(one!.stats.flights).toBe(16);
    },
  );

  test('a prepared negotiation ends in the same way', async () => {
    const terms = await fairTerms({ seals });
    opened = await openFair();
    const { sessions } = opened;
    await Promise.all(sessions.map((session) => session.prepare(terms)));
    const [one, other] = await Promise.all(
      sessions.map((session, i) => session.negotiate({ terms, mandate: usual[i]! })),
    );
    expect(one!.outcome).toEqual({ deal: true, price: '450' });
    expect(serializeAgreement(one!.agreement)).toEqual(serializeAgreement(other!.agreement));
    const [later] = await Promise.all(
      sessions.map((session, i) => session.negotiate({ terms, mandate: usual[i]! })),
    );
    expect([one!.stats.flights, later!.stats.flights]).toEqual([8, 13]);
  });
});

test('terms with an arbiter need a place for disputes', async () => {
  const terms = await fairTerms({ seals: 'none' });
  opened = await openFair({ left: { disputes: undefined } });
  const [left] = opened.sessions;
  const refused = left.negotiate({ terms, mandate: usual[0] });
  await expect(refused).rejects.toMatchObject({ code: 'ERR_USAGE' });
});
