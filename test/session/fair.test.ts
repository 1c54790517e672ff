import { afterEach, describe, expect, test } from 'vitest';
import { serializeAgreement } from '../../src/documents/agreement.ts';
import type { TermsDraft } from '../../src/documents/terms.ts';
import type { ParleyError } from '../../src/errors.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { FirstToEngage } from '../../src/session/fair-exchange.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { disputeIn } from '../support/disputes.ts';
import { fairTerms, menuDeal, openFair } from '../support/fair.ts';
import { partsOf } from '../support/sessions.ts';

const FULL = process.env.PARLEY_FULL === '1';
/** The messages that need something to be kept before: shares of z, engagements, masks, signatures. */
const ORDERED = new Set([
  'authenticated.openedOutputs',
  'engagement with a deadline',
  'engagement',
  'escrow.maskOpening',
  'agreement signature',
]);

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
  ['menu', menuDeal.changes, menuDeal.mandates],
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

  // Of menus with seals, fingerprints come once more.
  const again = FULL ? cases : [...cases.slice(1, 2), ...(seals === 'paillier' ? cases.slice(-1) : [])];
  test.each(again)(
    '%s: a prepared negotiation ends in the same way, and so does one more',
    async (...given) => {
      const [, changes, mandates] = given;
      const terms = await fairTerms({ seals, ...changes });
      opened = await openFair();
      const { sessions } = opened;
      await Promise.all(sessions.map((session) => session.prepare(terms)));
      const negotiate = () =>
        Promise.all(
          sessions.map((session, i) => session.negotiate({ terms, mandate: mandates[i] as never })),
        );
      const [one, other] = await negotiate();
      expect(one!.outcome).toMatchObject({ deal: true });
      expect(serializeAgreement(one!.agreement)).toEqual(serializeAgreement(other!.agreement));
      const [later] = await negotiate();
      expect([one!.stats.flights, later!.stats.flights]).toEqual([8, 13]);
    },
  );
});

describe('the cost of an arbiter', () => {
  // What is prepared has its labels sent beforehand: 16 bytes for each bit of an escrow.
  test.each(FULL ? [true, false] : [true])(
    'is at most 265 kB where the outcome has 65 bits; prepared: %s',
    async (prepared) => {
      const range = { min: '0', max: String(2n ** 64n - 1n), step: '1', unit: 'USD', decimals: 0 };
      const terms = await fairTerms({ range } as Partial<TermsDraft>);
      const { arbiter: _, ...without } = terms;
      const bytesUnder = async (of: typeof without) => {
        const { sessions } = await openFair();
        const before = sessions[0].stats;
        if (prepared) await Promise.all(sessions.map((session) => session.prepare(of)));
        await Promise.all(sessions.map((session, i) => session.negotiate({ terms: of, mandate: usual[i]! })));
        const { sent, received } = sessions[0].stats;
        for (const session of sessions) session.destroy();
        return sent + received - before.sent - before.received;
      };
      const added = (await bytesUnder(terms)) - (await bytesUnder(without));
      expect(added).toBeGreaterThan(50_000);
      expect(added).toBeLessThanOrEqual(265_000);
    },
    60_000,
  );
});

test('what must be kept is kept before the message leaves that needs it', async () => {
  const terms = await fairTerms({ seals: 'none' });
  const ledgers = [new Ledger(memoryStore()), new Ledger(memoryStore())] as const;
  opened = await openFair({ left: { ledger: ledgers[0] }, right: { ledger: ledgers[1] } });
  const { sessions, disputes } = opened;
  const seen: string[] = [];
  for (const [i, session] of sessions.entries()) {
    const { link } = partsOf(session);
    const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
    link.send = (async (type: { name: string }, ...rest: unknown[]) => {
      const dispute = await disputeIn(disputes[i]!);
      const [peer] = await ledgers[i]!.list();
      const released = peer?.attempts.length ?? 0;
      const engaged = Object.keys(dispute?.engagements ?? {}).length;
      const parts = [`released ${released}`, `engagements ${engaged}`, `opened ${dispute?.opened ?? false}`];
      if (ORDERED.has(type.name)) seen.push(`${'EG'[i]} ${type.name}: ${parts.join(', ')}`);
      return send(type, ...rest);
    }) as never;
  }
  await Promise.all(sessions.map((session, i) => session.negotiate({ terms, mandate: usual[i]! })));
  expect(seen.sort()).toEqual([
    'E agreement signature: released 1, engagements 2, opened true',
    'E authenticated.openedOutputs: released 1, engagements 0, opened false',
    'E engagement with a deadline: released 1, engagements 1, opened false',
    'E escrow.maskOpening: released 1, engagements 2, opened true',
    'G agreement signature: released 1, engagements 2, opened true',
    'G authenticated.openedOutputs: released 1, engagements 0, opened false',
    'G engagement: released 1, engagements 2, opened true',
    'G escrow.maskOpening: released 1, engagements 2, opened true',
  ]);
});

test('once it has engaged, a side waits a quarter of the window at most', async () => {
  const errors: ParleyError[] = [];
  const side = { terms: { arbiter: { window: 0.2 } } };
  const link = { abort: (error: ParleyError) => void errors.push(error) };
  const exchange = new FirstToEngage({ link, side, timeout: 60_000 } as never);
  const work = () =>
    new Promise((resolve) => {
      const ended = setInterval(() => errors.length > 0 && resolve(clearInterval(ended)), 1);
    });
  await exchange.soon(work);
  expect(errors).toMatchObject([{ code: 'ERR_TIMEOUT' }]);
});

test('terms with an arbiter need a place for disputes', async () => {
  const terms = await fairTerms({ seals: 'none' });
  opened = await openFair({ left: { disputes: undefined } });
  const [left] = opened.sessions;
  const refused = left.negotiate({ terms, mandate: usual[0] });
  await expect(refused).rejects.toMatchObject({ code: 'ERR_USAGE' });
});
