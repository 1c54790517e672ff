import { afterEach, describe, expect, test } from 'vitest';
import { disputeIn, expectFair, type Left } from '../support/disputes.ts';
import { fairTerms, menuDeal, openFair } from '../support/fair.ts';
import { buyer, partsOf, seller } from '../support/sessions.ts';

const FULL = process.env.PARLEY_FULL === '1';
const identities = [seller, buyer] as const;
/** What is negotiated: the changes of terms, both mandates, and the outcome. */
const deals = {
  price: {
    changes: {},
    mandates: [{ reservation: 300n }, { reservation: 600n }],
    outcome: { deal: true, price: '450' },
  },
  menu: menuDeal,
} as const;

interface Deal {
  readonly of: keyof typeof deals;
  readonly seals: 'paillier' | 'none';
  readonly prepared: boolean;
}

/** Where a side stops: right before its message of that name, or of that number among all that it sends once it has prepared. */
interface Cut {
  readonly cutter: 0 | 1;
  readonly before: string | number;
  /** Whether it stays, and only shows that it is alive; otherwise it leaves. */
  readonly stays?: boolean;
}

/** What the side that did not stop ends with if the other one never turns to the arbiter, where it has engaged. */
const ENDS: Readonly<Record<string, string>> = {
  '0 escrow.maskOpening': 'resolved',
  '0 agreement signature': 'opened',
  '1 engagement': 'void',
  '1 escrow.maskOpening': 'resolved',
  '1 agreement signature': 'opened',
};
/** Milliseconds that a side waits once it has engaged, where the other one stays. */
const PATIENCE = 2_000;

let opened: Awaited<ReturnType<typeof openFair>> | undefined;
afterEach(() => {
  for (const session of opened?.sessions ?? []) session.destroy();
  opened = undefined;
});

/** Runs a session in which one side stops, and gives what both have then. `at` is the message before which it has stopped; none if it never came to that. */
async function stopped({ of, seals, prepared }: Deal, { cutter, before, stays = false }: Cut) {
  const { changes, mandates } = deals[of];
  const terms = await fairTerms({ seals, ...changes });
  opened = await openFair();
  const { sessions, disputes } = opened;
  if (prepared) await Promise.all(sessions.map((session) => session.prepare(terms)));
  let stop: (error: Error) => void;
  const over = new Promise<never>((_, reject) => {
    stop = reject;
  });
  over.catch(() => undefined);
  const { link } = partsOf(sessions[cutter]);
  const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
  if (stays) link.abort = () => undefined; // its own clock ends nothing
  let sent = 0;
  let at: string | undefined;
  link.send = (async (type: { name: string }, ...rest: unknown[]) => {
    const due = typeof before === 'number' ? sent === before : type.name === before;
    sent += 1;
    if (!due) return send(type, ...rest);
    at = type.name;
    link.flush(); // what came before leaves
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (stays) return over;
    sessions[cutter].destroy();
    throw new Error('stopped');
  }) as never;
  const timeout = stays ? PATIENCE : 10_000;
  const negotiating = sessions.map((session, i) =>
    session.negotiate({ terms, mandate: mandates[i] as never, timeout }),
  );
  const honest = (1 - cutter) as 0 | 1;
  if (stays) await negotiating[honest]!.catch(() => undefined);
  stop!(new Error('stopped'));
  const results = await Promise.allSettled(negotiating);
  const left = await Promise.all(
    results.map(async (result, i): Promise<Left> => {
      const outcome = result.status === 'fulfilled' ? result.value.outcome : undefined;
      return { identity: identities[i]!, outcome, dispute: await disputeIn(disputes[i]!) };
    }),
  );
  return { results, left, at, honest: left[honest]!, other: left[cutter]!, ended: results[honest]! };
}

/** Stops a side there, and requires that this is fair to the other one. Gives the message before which it was; none if it never came to that. */
async function cutFairly(deal: Deal, cut: Cut): Promise<string | undefined> {
  const { outcome } = deals[deal.of];
  const { honest, other, at, ended, results } = await stopped(deal, cut);
  for (const session of opened!.sessions) session.destroy();
  if (at === undefined) {
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    return undefined;
  }
  // An error has the dispute if there is one.
  if (ended.status === 'rejected') {
    expect(ended.reason.dispute === undefined).toBe(honest.dispute === undefined);
    if (cut.stays)
      expect(ended.reason).toMatchObject({ code: 'ERR_TIMEOUT', message: /did not go on in time/ });
  }
  const end = await expectFair(honest, other, outcome);
  expect(end, at).toBe(ENDS[`${cut.cutter} ${at}`]);
  expect(honest.dispute === undefined, at).toBe(end === undefined);
  return at;
}

const usual: Deal = { of: 'price', seals: 'none', prepared: false };
const LATE = [
  'engagement with a deadline',
  'engagement',
  'escrow.maskOpening',
  'agreement signature',
] as const;
const sides = [0, 1] as const;

describe.each(sides)('side %i stops', (cutter) => {
  test.each(LATE)('before its %s', async (before) => {
    const at = await cutFairly(usual, { cutter, before });
    expect(at).toBe(
      (cutter === 0 ? 'engagement' : 'engagement with a deadline') === before ? undefined : before,
    );
  });
});

test.each<[Deal, Cut]>([
  [
    { of: 'menu', seals: 'paillier', prepared: false },
    { cutter: 0, before: 'escrow.maskOpening' },
  ],
  [
    { of: 'price', seals: 'paillier', prepared: true },
    { cutter: 1, before: 'escrow.maskOpening' },
  ],
])('%j, stopped at %j', async (deal, cut) => {
  expect(await cutFairly(deal, cut)).toBe(cut.before);
});

/** After the other side has engaged. */
const binding: readonly Cut[] = Object.keys(ENDS).map((name) => ({
  cutter: Number(name[0]) as 0 | 1,
  before: name.slice(2),
  stays: true,
}));

test.each(FULL ? binding : binding.slice(3, 4))(
  'a side that only shows that it is alive gains no time: %j',
  async (cut) => {
    expect(await cutFairly(usual, cut)).toBe(cut.before);
  },
);

const all = (['price', 'menu'] as const).flatMap((of) =>
  (['none', 'paillier'] as const).flatMap((seals) =>
    [false, true].flatMap((prepared) => sides.map((cutter) => ({ of, seals, prepared, cutter }))),
  ),
);
describe.runIf(FULL)('in full', () => {
  test.each(all)(
    'every message of $of, seals $seals, prepared: $prepared, by side $cutter',
    async ({ cutter, ...deal }) => {
      const names: string[] = [];
      for (;;) {
        const at = await cutFairly(deal, { cutter, before: names.length });
        if (at === undefined) break;
        names.push(at);
      }
      expect(names).toEqual(expect.arrayContaining(['escrow.answer', 'escrow.maskOpening']));
      console.log(`${JSON.stringify(deal)}, side ${cutter}: ${names.length} messages`);
    },
    1_800_000,
  );
  test.each((['menu', 'price'] as const).flatMap((of) => binding.map((cut) => [of, cut] as const)))(
    'a side that stays, sealed: %s %j',
    async (of, cut) => {
      expect(await cutFairly({ of, seals: 'paillier', prepared: true }, cut)).toBe(cut.before);
    },
  );
});
