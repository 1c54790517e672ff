import { expect } from 'vitest';
import {
  complain,
  type DisputeEnd,
  defineArbiter,
  memoryCases,
  type ReadDispute,
  readDispute,
} from '../../src/arbiter/index.ts';
import type { Identity } from '../../src/documents/identity.ts';
import type { OutcomeJson } from '../../src/documents/rule.ts';
import { isParleyError } from '../../src/errors.ts';
import type { DisputeStore } from '../../src/ledger/index.ts';
import { arbiter as escrowKey } from '../escrow/support.ts';
import { arbiterIdentity } from '../escrow/terms.ts';
import { keptIn } from './fair.ts';

/** What a side has once its session is over. */
export interface Left {
  readonly identity: Identity;
  /** The outcome, if it has the complete agreement. */
  readonly outcome: OutcomeJson | undefined;
  readonly dispute: ReadDispute | undefined;
}

/** When a side that has stopped turns to the arbiter, in milliseconds from the deadline. */
const TIMES = { first: -600_000, 'last second': 0, late: 1_000, never: undefined } as const;
/** When the other side does, which notices that after a second; and when both ask again. */
const NOTICES = -599_000;
const AFTER = 15_000;

type End = DisputeEnd | string | undefined;
const outcomeOf = (end: End) =>
  typeof end === 'object' && end.kind === 'proved' ? end.agreement.outcome : undefined;

/** The dispute in a store, which holds one at most. */
export async function disputeIn(store: DisputeStore): Promise<ReadDispute | undefined> {
  const [document, ...more] = await keptIn(store);
  expect(more).toEqual([]);
  return document && readDispute(document);
}

/** In one word how a dispute has ended: the kind of its proof, `void`, `pending`, or an error's code. */
export function howEnded(end: End): string | undefined {
  if (typeof end !== 'object') return end;
  return end.kind === 'proved' ? end.agreement.proof : end.kind;
}

/** An arbiter, and what it comes to when a side turns to it at a time around the deadline. */
function arbitration(deadline: number) {
  let now = deadline;
  const arbiter = defineArbiter({
    ...{ identity: arbiterIdentity, escrowKey, store: memoryCases(), now: () => now },
  });
  return async ({ dispute, identity }: Left, time: number): Promise<End> => {
    if (dispute === undefined) return undefined;
    now = deadline + time;
    try {
      return await complain({
        ...{ dispute, identity },
        send: ({ kind, document }) =>
          kind === 'complaint' ? arbiter.answer(document) : arbiter.ask(document),
      });
    } catch (error) {
      if (isParleyError(error)) return error.code;
      throw error;
    }
  };
}

/**
 * Whenever `other` turns to the arbiter, or never: if it comes to the outcome, so does `honest`, with a proof; otherwise `honest` gets a void, if it has engaged. Gives how it ends
 * for `honest` if `other` never does.
 */
export async function expectFair(
  honest: Left,
  other: Left,
  outcome: OutcomeJson,
): Promise<string | undefined> {
  const known = other.dispute ?? honest.dispute;
  if (known === undefined) {
    expect(honest.outcome).toEqual(other.outcome); // both have the agreement, or nobody has engaged
    return undefined;
  }
  const deadline = Date.parse(known.engagement.fair.complainBy);
  let alone: End;
  for (const [when, time] of Object.entries(TIMES)) {
    const turn = arbitration(deadline);
    let gained = other.outcome;
    const cheat = async (at: number) => {
      gained ??= outcomeOf(await turn(other, at));
    };
    if (time === TIMES.first) await cheat(time);
    let end = await turn(honest, NOTICES);
    if (time !== undefined && time !== TIMES.first) await cheat(time);
    if (time !== undefined) await cheat(AFTER);
    if (outcomeOf(end) === undefined) end = await turn(honest, AFTER);
    if (time === undefined) alone = end;
    const got = honest.outcome ?? outcomeOf(end);
    if (gained !== undefined) expect(got, when).toEqual(gained);
    if (got !== undefined) expect(got, when).toEqual(outcome);
    else if (honest.dispute !== undefined)
      expect(end, when).toMatchObject({ kind: 'void', mayBeBound: false });
  }
  return howEnded(alone);
}
