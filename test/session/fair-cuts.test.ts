import { afterEach, describe, expect, test } from 'vitest';
import {
  complain,
  type DisputeEnd,
  defineArbiter,
  memoryCases,
  type ReadDispute,
  readDispute,
} from '../../src/arbiter/index.ts';
import type { Identity } from '../../src/documents/identity.ts';
import { isParleyError } from '../../src/errors.ts';
import type { DisputeStore } from '../../src/ledger/index.ts';
import { arbiter as escrowKey } from '../escrow/support.ts';
import { arbiterIdentity } from '../escrow/terms.ts';
import { fairTerms, keptIn, openFair } from '../support/fair.ts';
import { buyer, partsOf, seller } from '../support/sessions.ts';

const FULL = process.env.PARLEY_FULL === '1';
const identities = [seller, buyer] as const;
/** The messages before which a side stops, from its share of z on. */
const CUTS = [
  'escrow.answer',
  'authenticated.openedOutputs',
  'engagement with a deadline',
  'engagement',
  'escrow.maskOpening',
  'agreement signature',
] as const;
/** When the side that stopped turns to the arbiter, in milliseconds before or after the deadline. */
const TIMES = { first: -600_000, 'last second': 0, late: 1_000, never: undefined } as const;
/** What the side that did not stop ends with if the other one never turns to the arbiter, where it has engaged. */
const ENDS: Readonly<Record<string, string | undefined>> = {
  '0 escrow.maskOpening': 'resolved',
  '0 agreement signature': 'opened',
  '1 engagement': 'void',
  '1 escrow.maskOpening': 'resolved',
  '1 agreement signature': 'opened',
};
/** When everybody asks again. */
const AFTER = 15_000;

let opened: Awaited<ReturnType<typeof openFair>> | undefined;
afterEach(() => {
  for (const session of opened?.sessions ?? []) session.destroy();
  opened = undefined;
});

/** Runs a session in which one side stops right before its first message of that name after the inputs are fixed. */
async function stopped(seals: 'paillier' | 'none', cutter: 0 | 1, cut: string) {
  const terms = await fairTerms({ seals });
  opened = await openFair();
  const { sessions, disputes } = opened;
  const { link } = partsOf(sessions[cutter]);
  const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
  link.send = (async (type: { name: string }, ...rest: unknown[]) => {
    if (type.name !== cut) return send(type, ...rest);
    link.flush(); // what came before leaves
    await new Promise((resolve) => setTimeout(resolve, 20));
    sessions[cutter].destroy();
    throw new Error('stopped');
  }) as never;
  const results = await Promise.allSettled([
    sessions[0].negotiate({ terms, mandate: { reservation: 300n } }),
    sessions[1].negotiate({ terms, mandate: { reservation: 600n } }),
  ]);
  return { results, kept: await Promise.all(disputes.map(disputeIn)) };
}

async function disputeIn(store: DisputeStore): Promise<ReadDispute | undefined> {
  const [document, ...more] = await keptIn(store);
  expect(more).toEqual([]);
  return document && readDispute(document);
}

/** An arbiter at a settable time around the deadline, and what it says to a side. */
function arbitration(deadline: number) {
  let now = deadline;
  const arbiter = defineArbiter({
    identity: arbiterIdentity,
    escrowKey,
    store: memoryCases(),
    now: () => now,
  });
  const turn = async (
    dispute: ReadDispute,
    identity: Identity,
    time: number,
  ): Promise<DisputeEnd | string> => {
    now = deadline + time;
    try {
      return await complain({
        dispute,
        identity,
        send: ({ kind, document }) =>
          kind === 'complaint' ? arbiter.answer(document) : arbiter.ask(document),
      });
    } catch (error) {
      if (isParleyError(error)) return error.code;
      throw error;
    }
  };
  return turn;
}

const outcomeOf = (end: DisputeEnd | string | undefined) =>
  typeof end === 'object' && end.kind === 'proved' ? end.agreement.outcome : undefined;

const how = (end: DisputeEnd | string | undefined) => {
  if (typeof end !== 'object') return end;
  return end.kind === 'proved' ? end.agreement.proof : end.kind;
};

describe.each(FULL ? (['paillier', 'none'] as const) : (['none'] as const))('seals %s', (seals) => {
  describe.each([0, 1] as const)('side %i stops', (cutter) => {
    test.each(FULL ? CUTS : CUTS.slice(2))('before its %s', async (cut) => {
      const honest = (1 - cutter) as 0 | 1;
      const { results, kept } = await stopped(seals, cutter, cut);
      const result = results[honest]!;
      const never = (cutter === 0 ? 'engagement' : 'engagement with a deadline') === cut;
      if (never) {
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
        return;
      }
      // The last signature is that of the side which answers: if it stops before it, the other side lacks it.
      const complete = result.status === 'fulfilled';
      if (!complete) {
        expect(result.reason.dispute === undefined).toBe(kept[honest] === undefined);
      }
      const known = kept[cutter]?.engagement ?? kept[honest]?.engagement;
      if (known === undefined) {
        expect(ENDS[`${cutter} ${cut}`]).toBeUndefined(); // nobody has engaged
        return;
      }
      const deadline = Date.parse(known.fair.complainBy);
      for (const time of Object.values(TIMES)) {
        const turn = arbitration(deadline);
        const [theirs, ours] = [kept[cutter], kept[honest]];
        let gained: unknown;
        const cheat = async (at: number) => {
          if (theirs !== undefined) gained ??= outcomeOf(await turn(theirs, identities[cutter], at));
        };
        if (time !== undefined && time < -599_000) await cheat(time);
        let end = ours && (await turn(ours, identities[honest], -599_000));
        if (time !== undefined && time > -599_000) await cheat(time);
        if (time !== undefined) await cheat(AFTER);
        if (ours !== undefined && outcomeOf(end) === undefined)
          end = await turn(ours, identities[honest], AFTER);
        const got = complete ? result.value.outcome : outcomeOf(end);
        if (time === undefined) {
          expect(how(end)).toBe(ENDS[`${cutter} ${cut}`]);
          expect(ours === undefined).toBe(how(end) === undefined);
        }
        if (gained !== undefined) expect(got).toEqual(gained);
        if (got !== undefined) expect(got).toEqual({ deal: true, price: '450' });
        else if (ours !== undefined) expect(end).toMatchObject({ kind: 'void' });
      }
    });
  });
});
