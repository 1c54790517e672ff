import { expect, test } from 'vitest';

type Side = 'E' | 'G';
type Held =
  | 'engagement of E'
  | 'engagement of G'
  | 'mask of E'
  | 'mask of G'
  | 'signature of E'
  | 'signature of G';

/** The end of a session, step F6 of src/escrow/README.md on: who sends what. Both escrows have been verified, and the masked outcome is open. */
const MESSAGES: readonly { readonly from: Side; readonly gives: readonly Held[] }[] = [
  { from: 'E', gives: ['engagement of E'] },
  { from: 'G', gives: ['engagement of G', 'mask of G'] },
  { from: 'E', gives: ['mask of E', 'signature of E'] },
  { from: 'G', gives: ['signature of G'] },
];

/** When the corrupt side complains, in parts of the window; the deadline is at 2. */
const TIMES = { first: 0.1, 'in the last second': 1.9, 'too late': 2.1, never: Number.POSITIVE_INFINITY };
/** The honest side notices that the other has stopped after this part. */
const NOTICES = 0.2;

interface Run {
  readonly corrupt: Side;
  /** The corrupt side sends no message from this one on. */
  readonly cut: number;
  readonly when: keyof typeof TIMES;
}

const other = (side: Side): Side => (side === 'E' ? 'G' : 'E');
const maskOf = (side: Side): Held => `mask of ${side}`;
const engagementOf = (side: Side): Held => `engagement of ${side}`;

/** Plays a run. Whether the corrupt side ends with the outcome, and whether the honest one ends with outcome and proof. */
function play({ corrupt, cut, when }: Run, voidOnRequest: boolean) {
  const honest = other(corrupt);
  const holds: Record<Side, Set<Held>> = {
    E: new Set(['mask of E', 'engagement of E']),
    G: new Set(['mask of G', 'engagement of G']),
  };
  for (const [index, { from, gives }] of MESSAGES.entries()) {
    if (from === corrupt && index >= cut) break;
    for (const given of gives) holds[other(from)].add(given);
  }
  let record: 'resolved' | 'void' | undefined;
  const complain = (side: Side, time: number) => {
    if (time <= 2 && holds[side].has(engagementOf(other(side)))) record ??= 'resolved';
  };
  const events = [
    { time: TIMES[when], act: () => complain(corrupt, TIMES[when]) },
    { time: NOTICES, act: () => complain(honest, NOTICES) },
  ];
  if (voidOnRequest && corrupt === 'E') {
    events.push({
      time: 0.05,
      act: () => {
        record ??= 'void';
      },
    });
  }
  for (const { act } of events.sort((a, b) => a.time - b.time)) act();
  if (record === 'resolved') {
    for (const side of ['E', 'G'] as const)
      holds[side].add(maskOf(other(side))).add(engagementOf(other(side)));
  }
  const knows = (side: Side) => holds[side].has(maskOf(other(side)));
  const proves = (side: Side) => knows(side) && holds[side].has(engagementOf(other(side)));
  return { leaked: knows(corrupt), served: proves(honest), record };
}

const runs: readonly Run[] = (['E', 'G'] as const).flatMap((corrupt) =>
  [0, 1, 2, 3, 4].flatMap((cut) =>
    (Object.keys(TIMES) as Run['when'][]).map((when) => ({ corrupt, cut, when })),
  ),
);
const unfair = (voidOnRequest: boolean) =>
  runs.filter((run) => {
    const { leaked, served } = play(run, voidOnRequest);
    return leaked && !served;
  });

test('with a deadline alone no run is unfair', () => {
  expect(runs).toHaveLength(40);
  expect(unfair(false)).toEqual([]);
  const records = new Set(runs.map((run) => play(run, false).record));
  expect(records).toEqual(new Set(['resolved', undefined]));
});

test('with a void on request the evaluator takes the outcome and voids the case', () => {
  const found = unfair(true);
  expect(found).toHaveLength(8);
  for (const { corrupt, cut } of found) {
    expect(corrupt).toBe('E');
    expect([1, 2]).toContain(cut);
  }
});
