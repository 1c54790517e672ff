import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Obligation } from '../../../src/documents/obligations/terms.ts';
import { timeOf } from '../../../src/documents/time.ts';
import type { Seen, TimedStatement, Trust } from '../../../src/verify/obligations/statement.ts';
import { type ObligedAgreement, statusOf } from '../../../src/verify/obligations/status.ts';
import { type Case, naiveStatus } from './naive.ts';

const DAY = 86_400;
const EXPIRES = Date.UTC(2027, 0, 1) / 1000;
const DUE = EXPIRES + 10 * DAY;
const END = DUE + 7 * DAY;
const FULL = process.env.PARLEY_FULL !== undefined;

const judge = (x: string) => ({ kty: 'OKP', crv: 'Ed25519', x }) as const;
const two = { members: ['p', 'q', 'r'].map(judge), threshold: 2 };
const pay: Obligation = {
  id: 'pay',
  by: 'buyer',
  to: 'seller',
  if: 'deal',
  what: 'pay the price',
  due: timeOf(DUE),
  judge: two,
  objection: 7,
};
const published = (at: number): Seen => ({ how: 'publication', at });
const received = (by: string, at: number): Seen => ({ how: 'receipt', by, at });
const claimedAt = (at: number): Seen => ({ how: 'claimed', at });
const claim = (...seen: Seen[]): TimedStatement => ({ kind: 'claim', obligation: 'pay', seen });
const objection = (...seen: Seen[]): TimedStatement => ({ kind: 'objection', obligation: 'pay', seen });
const verdict = (by: string, said: 'kept' | 'broken', ...seen: Seen[]): TimedStatement => ({
  kind: 'verdict',
  obligation: 'pay',
  verdict: said,
  judge: by,
  seen,
});

interface Row {
  readonly what?: Partial<Obligation>;
  readonly deal?: boolean;
  readonly said?: readonly TimedStatement[];
  readonly options?: Trust;
  /** What the only member of a side has said that has to ratify the deal by `RATIFY`. */
  readonly ratified?: Ratified;
}

const RATIFY = DUE - 5 * DAY;
/** By when the member's answers were public; `unproved` for one without such a time. */
interface Ratified {
  readonly yes?: number | 'unproved' | undefined;
  readonly no?: number | 'unproved';
}
const member = judge('m');
const memberBy = (second: number) => ({ seller: { members: [member], threshold: 1, by: timeOf(second) } });

/** What the member has said, as a verified agreement shows it. */
function sidesOf({ yes, no }: Ratified, end = RATIFY): NonNullable<ObligedAgreement['ratification']> {
  const [said, time] = [
    (answer: Ratified['yes']) => answer !== undefined,
    (answer: Ratified['yes']) => (typeof answer === 'number' ? answer : undefined),
  ];
  const answers = [...(said(yes) ? (['yes'] as const) : []), ...(said(no) ? (['no'] as const) : [])];
  const members = [{ member, answers, yes: time(yes), no: time(no) }];
  // `state` and `since` are as of another time than that of the status, and must not count.
  return { sides: { seller: { ...memberBy(end).seller, members, state: 'lapsed', since: undefined } } };
}

/** The status of `pay` at a second. */
function at(now: number, { what = {}, deal = true, said = [], options, ratified }: Row = {}): string {
  const terms = {
    obligations: [{ ...pay, ...what }],
    expires: timeOf(EXPIRES),
    ...(ratified !== undefined && { ratify: memberBy(RATIFY) }),
  };
  const ratification = ratified && sidesOf(ratified);
  const [found] = statusOf({ terms, outcome: { deal }, ratification }, said, now * 1000, options);
  return `${found!.status}: ${found!.reason}`;
}

const NEVER = [EXPIRES - 1, DUE - 1, DUE, DUE + 1, END, END + 1] as const;

describe('each row of the table, at each second where something changes', () => {
  const [waits, never, kept] = ['pending: not ratified yet', 'void: not ratified', 'kept: verdict'] as const;
  test.each<[string, Ratified, readonly string[]]>([
    // a second before the answer, at its second; in the last second of the ratification, a second later; much later
    ['nobody answers', {}, [waits, waits, waits, never, never]],
    ['a yes', { yes: RATIFY - 9 }, [waits, kept, kept, kept, kept]],
    ['a yes in the last second', { yes: RATIFY }, [waits, waits, kept, kept, kept]],
    ['a yes a second late', { yes: RATIFY + 1 }, [waits, waits, waits, never, never]],
    ['a yes at no proved time', { yes: 'unproved' }, [waits, waits, waits, waits, waits]],
    ['a no at no proved time', { no: 'unproved' }, [never, never, never, never, never]],
    ['a no', { no: RATIFY - 9 }, [waits, never, never, never, never]],
    [
      'a no in the second of the yes',
      { yes: RATIFY - 9, no: RATIFY - 9 },
      [waits, never, never, never, never],
    ],
    ['a no after the yes', { yes: RATIFY - 9, no: RATIFY - 8 }, [waits, kept, kept, kept, kept]],
    ['a no when the time to ratify is over', { no: RATIFY + 1 }, [waits, waits, waits, never, never]],
  ])('a deal that has to be ratified, at the time of the status: %s', (_, ratified, expected) => {
    const said = [verdict('p', 'kept'), verdict('q', 'kept')];
    const seconds = [RATIFY - 10, RATIFY - 9, RATIFY, RATIFY + 1, END + 1];
    expect(seconds.map((now) => at(now, { said, ratified }))).toEqual(expected);
    expect(seconds.map((now) => at(now + 0.999, { said, ratified }))).toEqual(expected);
    for (const now of seconds) expect(at(now, { ratified, deal: false })).toBe('void: condition not met');
  });

  test('an outcome that it is not for', () => {
    for (const now of NEVER) {
      expect(at(now, { deal: false })).toBe('void: condition not met');
      expect(at(now, { what: { if: 'no-deal' } })).toBe('void: condition not met');
    }
    expect(at(DUE, { what: { if: 'no-deal' }, deal: false })).toBe('open: not due');
    for (const deal of [true, false]) expect(at(DUE, { what: { if: 'always' }, deal })).toBe('open: not due');
  });

  test.each<[string, Row, readonly string[]]>([
    // before due, one second before, at, one second after; when the time to object ends, one second after
    [
      'nothing said',
      {},
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'broken: no claim',
        'broken: no claim',
        'broken: no claim',
      ],
    ],
    [
      'a claim in time',
      { said: [claim(published(DUE))] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'open: time to object',
        'open: time to object',
        'kept: no objection',
      ],
    ],
    [
      'a claim one second late',
      { said: [claim(published(DUE + 1))] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'broken: no claim',
        'broken: no claim',
        'broken: no claim',
      ],
    ],
    [
      'a claim and an objection in time',
      { said: [claim(published(DUE)), objection(published(END))] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'open: time to object',
        'open: time to object',
        'disputed: objection',
      ],
    ],
    [
      'an objection one second late',
      { said: [claim(published(DUE)), objection(published(END + 1))] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'open: time to object',
        'open: time to object',
        'kept: no objection',
      ],
    ],
    [
      'an objection to nothing',
      { said: [objection(published(EXPIRES))] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'broken: no claim',
        'broken: no claim',
        'broken: no claim',
      ],
    ],
    [
      'one judge is not enough',
      { said: [verdict('p', 'kept')] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'broken: no claim',
        'broken: no claim',
        'broken: no claim',
      ],
    ],
    [
      'one judge twice is one judge',
      { said: [verdict('p', 'kept'), verdict('p', 'kept')] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'broken: no claim',
        'broken: no claim',
        'broken: no claim',
      ],
    ],
    [
      'a stranger is no judge',
      { said: [verdict('p', 'kept'), verdict('s', 'kept'), verdict('to', 'kept')] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'broken: no claim',
        'broken: no claim',
        'broken: no claim',
      ],
    ],
    [
      'two judges: kept',
      { said: [verdict('p', 'kept'), verdict('r', 'kept')] },
      NEVER.map(() => 'kept: verdict'),
    ],
    [
      'two judges: broken',
      { said: [verdict('p', 'broken'), verdict('q', 'broken'), claim(published(DUE))] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'broken: verdict',
        'broken: verdict',
        'broken: verdict',
      ],
    ],
    [
      'one judge each',
      { said: [verdict('p', 'kept'), verdict('q', 'broken'), claim(published(DUE))] },
      [
        'open: not due',
        'open: not due',
        'open: not due',
        'open: time to object',
        'open: time to object',
        'kept: no objection',
      ],
    ],
    [
      'both verdicts assembled',
      { said: ['p', 'q'].flatMap((x) => [verdict(x, 'kept'), verdict(x, 'broken')]) },
      [
        'kept: verdict',
        'kept: verdict',
        'kept: verdict',
        'disputed: verdicts both ways',
        'disputed: verdicts both ways',
        'disputed: verdicts both ways',
      ],
    ],
    [
      'a verdict after a dispute',
      {
        said: [claim(published(DUE)), objection(published(END)), verdict('p', 'kept'), verdict('q', 'kept')],
      },
      NEVER.map(() => 'kept: verdict'),
    ],
  ])('%s', (_, row, expected) => {
    expect(NEVER.map((now) => at(now, row))).toEqual(expected);
  });

  test('where `to` judges: its kept counts at any time, its broken is an objection', () => {
    const what = { judge: 'to' } as const;
    for (const now of NEVER) {
      expect(at(now, { what, said: [verdict('to', 'kept')] })).toBe('kept: verdict');
      expect(at(now, { what, said: [verdict('to', 'kept'), verdict('to', 'broken', published(DUE))] })).toBe(
        'kept: verdict',
      );
      expect(at(now, { what, said: [verdict('p', 'kept')] })).not.toContain('kept: verdict');
    }
    const said = [claim(published(DUE)), verdict('to', 'broken', published(END))];
    expect(at(END, { what, said })).toBe('open: time to object');
    expect(at(END + 1, { what, said })).toBe('disputed: objection');
    const late = [claim(published(DUE)), verdict('to', 'broken', published(END + 1))];
    expect(at(END + 1, { what, said: late })).toBe('kept: no objection');
    expect(at(DUE + 1, { what, said: [verdict('to', 'broken', published(DUE))] })).toBe('broken: no claim');
  });

  test('a verdict of judges that it was broken is no objection of `to`', () => {
    const said = [claim(published(DUE)), verdict('p', 'broken', published(DUE))];
    expect(at(END + 1, { said })).toBe('kept: no objection');
  });
});

describe('judges who say both', () => {
  const said = (...words: [by: string, verdict: 'kept' | 'broken', ...seen: Seen[]][]) => ({
    said: words.map(([by, what, ...seen]) => verdict(by, what, ...seen)),
  });
  const broken = [
    ['p', 'broken', published(DUE + 1)],
    ['q', 'broken', published(DUE + 1)],
  ] as [string, 'broken', Seen][];
  const kept = [
    ['p', 'kept', published(DUE)],
    ['q', 'kept', published(DUE)],
  ] as [string, 'kept', Seen][];

  test('one of them does not undo what enough have said in public', () => {
    expect(at(END, said(...broken, ['r', 'kept']))).toBe('broken: verdict');
    expect(at(END, said(...broken, ['r', 'kept'], ['q', 'kept', published(DUE + 2)]))).toBe(
      'broken: verdict',
    );
    expect(at(END, said(...broken, ['r', 'kept'], ['q', 'kept']))).toBe('broken: verdict');
    expect(at(END, said(...kept, ['r', 'broken'], ['p', 'broken', published(DUE + 1)]))).toBe(
      'kept: verdict',
    );
    expect(at(END, said(...kept, ['r', 'broken'], ['p', 'broken']))).toBe('kept: verdict');
  });

  test('it counts for both, where nothing shows which came first', () => {
    const disputed = 'disputed: verdicts both ways';
    expect(at(END, said(['p', 'broken'], ['q', 'broken'], ['r', 'kept'], ['q', 'kept']))).toBe(disputed);
    expect(at(END, said(...broken, ['r', 'kept'], ['q', 'kept', published(DUE + 1)]))).toBe(disputed);
    // a receipt, or the judge's own word, does not show it
    for (const seen of [received('buyer', DUE), received('seller', DUE), claimedAt(DUE)]) {
      const row = said(
        ['p', 'broken'],
        ['q', 'broken', published(DUE + 1)],
        ['r', 'kept'],
        ['q', 'kept', seen],
      );
      expect(at(END, { ...row, options: { claimedTimes: true } })).toBe('broken: verdict');
    }
  });

  test('if neither verdict is left, it stays disputed', () => {
    const row = said(
      ['p', 'kept', published(DUE + 1)],
      ['q', 'broken', published(DUE + 1)],
      ['p', 'broken', published(DUE + 2)],
      ['q', 'kept', published(DUE + 2)],
    );
    expect(at(END, row)).toBe('disputed: verdicts both ways');
  });

  test('broken that was public by due does not count, at due neither', () => {
    const early = (second: number) =>
      at(END, said(['p', 'broken', published(second)], ['q', 'broken', published(DUE + 1)], ['r', 'kept']));
    expect(early(DUE - 1)).toBe('broken: no claim');
    expect(early(DUE)).toBe('broken: no claim');
    expect(early(DUE + 1)).toBe('broken: verdict');
    const then = said(
      ['p', 'broken', published(DUE - 9)],
      ['q', 'broken', published(DUE)],
      ['p', 'kept', published(DUE + 1)],
      ['q', 'kept'],
    );
    expect(at(END, then)).toBe('kept: verdict');
  });

  test('a verdict that was public only later does not count yet', () => {
    expect(at(DUE - 1, said(...kept))).toBe('open: not due');
    expect(at(DUE, said(...kept))).toBe('kept: verdict');
    expect(at(DUE + 1, said(['p', 'kept', received('buyer', END)], ['q', 'kept']))).toBe('kept: verdict');
  });
});

test('no time makes it throw', () => {
  for (const second of [-1e15, -1, 1e15, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const said = [
      claim(published(second)),
      objection(published(second)),
      verdict('p', 'broken', published(second)),
    ];
    expect(at(END + 1, { said, what: { judge: { ...two, threshold: 1 } } })).toMatch(/^broken: /);
    expect(at(second, { said })).toMatch(/: /);
  }
});

test('of two times in one second the same one is named, whichever comes first', () => {
  const terms = { obligations: [pay], expires: timeOf(EXPIRES) };
  const said = [claim(received('seller', DUE)), claim(published(DUE))];
  const [one, other] = [said, said.toReversed()].map(
    (all) => statusOf({ terms, outcome: { deal: true } }, all, (END + 1) * 1000)[0]!.times,
  );
  expect(one).toEqual(other);
  expect(one).toMatchObject([{ how: 'publication' }]);
});

describe('whose times count', () => {
  test('a receipt counts against its signer only', () => {
    expect(at(END + 1, { said: [claim(received('seller', DUE))] })).toBe('kept: no objection');
    expect(at(END + 1, { said: [claim(received('buyer', DUE))] })).toBe('broken: no claim');
    const claimed = claim(published(DUE));
    expect(at(END + 1, { said: [claimed, objection(received('buyer', END))] })).toBe('disputed: objection');
    expect(at(END + 1, { said: [claimed, objection(received('seller', END))] })).toBe('kept: no objection');
  });

  test('a claim that nobody has seen does not count, whatever it says of itself', () => {
    const said = [claim(claimedAt(EXPIRES))];
    expect(at(END + 1, { said })).toBe('broken: no claim');
    expect(at(END + 1, { said, options: { claimedTimes: true } })).toBe('kept: no objection');
  });

  test('the earliest of several times counts, and a proved one is named rather than a claimed one', () => {
    const terms = { obligations: [pay], expires: timeOf(EXPIRES) };
    const said = [claim(claimedAt(EXPIRES), published(DUE + 1), received('seller', DUE), published(DUE - 5))];
    const [found] = statusOf({ terms, outcome: { deal: true } }, said, (END + 1) * 1000, {
      claimedTimes: true,
    });
    expect(found).toMatchObject({
      status: 'kept',
      times: [{ of: 'claim', how: 'publication', at: timeOf(DUE - 5) }],
      due: timeOf(DUE),
      objectUntil: timeOf(END),
    });
  });
});

describe('days after something', () => {
  const second: Obligation = {
    ...pay,
    id: 'ship',
    by: 'seller',
    to: 'buyer',
    due: { days: 3, after: 'pay' },
  };
  const first: Obligation = { ...pay, due: { days: 10, after: 'expires' } };
  const all = (now: number, said: TimedStatement[] = []) =>
    statusOf(
      { terms: { obligations: [second, first], expires: timeOf(EXPIRES) }, outcome: { deal: true } },
      said,
      now * 1000,
    ).map(({ status, due }) => [status, due]);

  test('a day has 86,400 seconds, and counts from when the other one was due, kept or not', () => {
    expect(all(DUE + 3 * DAY)).toEqual([
      ['open', timeOf(DUE + 3 * DAY)],
      ['broken', timeOf(DUE)],
    ]);
    expect(all(DUE + 3 * DAY + 1)).toEqual([
      ['broken', timeOf(DUE + 3 * DAY)],
      ['broken', timeOf(DUE)],
    ]);
  });
});

describe('a remedy', () => {
  const main: Obligation = { ...pay, remedy: 'refund' };
  const refund: Obligation = { ...pay, id: 'refund', due: { days: 5, after: 'broken' } };
  const end: Obligation = { ...pay, id: 'penalty', due: { days: 5, after: 'broken' } };
  const of = (now: number, said: TimedStatement[] = [], options: Trust = {}, chain = false) =>
    statusOf(
      {
        terms: {
          obligations: chain ? [main, { ...refund, remedy: 'penalty' }, end] : [refund, main],
          expires: timeOf(EXPIRES),
        },
        outcome: { deal: true },
      },
      said,
      now * 1000,
      options,
    ).map(({ status, due, reason }) => `${status} ${due ?? reason}`);

  test('takes effect only once the other obligation is broken', () => {
    expect(of(DUE)[0]).toBe('void other obligation not broken');
    expect(of(END + 1, [claim(published(DUE))])[0]).toBe('void other obligation not broken');
    expect(of(END + 1, [claim(published(DUE)), objection(published(DUE))])[0]).toBe(
      'void other obligation not broken',
    );
  });

  test('by silence: from the end of the time to object', () => {
    expect(of(DUE + 1)[0]).toBe(`open ${timeOf(END + 5 * DAY)}`);
    expect(of(END + 5 * DAY)[0]).toBe(`open ${timeOf(END + 5 * DAY)}`);
    expect(of(END + 5 * DAY + 1)[0]).toBe(`broken ${timeOf(END + 5 * DAY)}`);
  });

  const both = (...times: Seen[][]) => times.map((seen, i) => verdict('pqr'[i]!, 'broken', ...seen));
  const made = claim(published(DUE));

  test('by verdict: from when as many verdicts as are needed are proved to be there', () => {
    const said = [made, ...both([published(END + 50)], [published(END + 20)], [published(END + 90)])];
    expect(of(END + 100, said)[0]).toBe(`open ${timeOf(END + 50 + 5 * DAY)}`);
  });

  test('a verdict counts from a receipt of whoever owes the remedy, and of nobody else', () => {
    const by = (who: string) => [made, ...both([received(who, END)], [received(who, END)])];
    expect(of(END + 100, by('buyer'))[0]).toBe(`open ${timeOf(END + 5 * DAY)}`);
    expect(of(END + 100, by('seller'))[0]).toBe('open start not proved');
  });

  test('a verdict that nobody has seen starts no time', () => {
    const said = [made, ...both([claimedAt(END)], [claimedAt(END)])];
    expect(of(END + 400 * DAY, said)[0]).toBe('open start not proved');
    expect(of(END + 400 * DAY, said, { claimedTimes: true })[0]).toBe(`broken ${timeOf(END + 5 * DAY)}`);
  });

  test('a verdict from before it was due starts no time; a receipt, which may say so, does not show that it was', () => {
    const early = [made, ...both([published(DUE)], [published(EXPIRES)])];
    expect(of(DUE + 1, early)[0]).toBe('void other obligation not broken');
    const said = [made, ...both([received('buyer', EXPIRES)], [received('buyer', EXPIRES)])];
    expect(of(DUE + 1, said)[0]).toBe(`open ${timeOf(DUE + 5 * DAY)}`);
  });

  test('silence and a later verdict: the earlier one counts, so a late verdict takes nothing away', () => {
    const said = both([published(END + 90 * DAY)], [published(END + 90 * DAY)]);
    expect(of(END + 100 * DAY, said)[0]).toBe(`broken ${timeOf(END + 5 * DAY)}`);
    const unseen = both([], []);
    expect(of(END + 100 * DAY, unseen)[0]).toBe(`broken ${timeOf(END + 5 * DAY)}`);
  });

  test('a remedy of a remedy counts from the end of that one', () => {
    const refundEnd = END + 5 * DAY + 7 * DAY;
    expect(of(END + 5 * DAY + 1, [], {}, true)).toEqual([
      `broken ${timeOf(DUE)}`,
      `broken ${timeOf(END + 5 * DAY)}`,
      `open ${timeOf(refundEnd + 5 * DAY)}`,
    ]);
    expect(of(END + 5 * DAY, [], {}, true)[2]).toBe('void other obligation not broken');
  });

  test('circles, which no valid terms have, end all the same', () => {
    const obligations = [
      { ...refund, remedy: 'pay' },
      { ...main, due: { days: 1, after: 'broken' } },
    ];
    const found = statusOf(
      { terms: { obligations, expires: timeOf(EXPIRES) }, outcome: { deal: true } },
      [],
      DUE,
    );
    expect(found.map(({ status }) => status)).toEqual(['void', 'void']);
  });
});

test('a deal that has to be ratified waits, if nobody says how it stands', () => {
  const terms = {
    obligations: [{ ...pay, if: 'always' as const }],
    expires: timeOf(EXPIRES),
    ratify: memberBy(DUE),
  };
  const of = (deal: boolean, second: number) => statusOf({ terms, outcome: { deal } }, [], second * 1000)[0];
  expect(of(true, DUE)).toMatchObject({ status: 'pending' });
  expect(of(true, DUE + 1)).toMatchObject({ status: 'void', reason: 'not ratified' });
  expect(of(false, DUE)).toMatchObject({ status: 'open' });
});

test('terms without obligations have none', () => {
  expect(statusOf({ terms: { expires: timeOf(EXPIRES) }, outcome: { deal: true } }, [])).toEqual([]);
});

describe('against the table read by somebody else', () => {
  const times = [EXPIRES, DUE, END, DUE + 3 * DAY, END + 5 * DAY].flatMap((second) => [
    second - 1,
    second,
    second + 1,
  ]);
  const second = fc.constantFrom(...times);
  const seen: fc.Arbitrary<Seen> = fc.oneof(
    second.map(published),
    fc.tuple(fc.constantFrom('seller', 'buyer'), second).map(([by, when]) => received(by, when)),
    second.map(claimedAt),
  );
  const ids = ['pay', 'ship', 'refund', 'fine'] as const;
  const id = fc.constantFrom(...ids);
  const seens = fc.array(seen, { maxLength: 3 });
  const said: fc.Arbitrary<TimedStatement> = fc.oneof(
    fc.record({ kind: fc.constant('claim' as const), obligation: id, seen: seens }),
    fc.record({ kind: fc.constant('objection' as const), obligation: id, seen: seens }),
    fc.record({
      kind: fc.constant('verdict' as const),
      obligation: id,
      seen: seens,
      verdict: fc.constantFrom('kept' as const, 'broken' as const),
      judge: fc.constantFrom('p', 'q', 'r', 's', 'to'),
    }),
  );
  const judges = fc.oneof(
    fc.constant('to' as const),
    fc.constantFrom(1, 2, 3).map((threshold) => ({ ...two, threshold })),
  );
  const shape = fc.record({
    judges: fc.array(judges, { minLength: 4, maxLength: 4 }),
    when: fc.array(fc.constantFrom('deal' as const, 'deal' as const, 'always' as const, 'no-deal' as const), {
      minLength: 4,
      maxLength: 4,
    }),
    swap: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  });
  /** pay; ship, three days after it; refund, the remedy of pay; fine, the remedy of refund. */
  const obligations = shape.map(({ judges: by, when, swap }) =>
    ids.map(
      (one, i): Obligation => ({
        ...pay,
        id: one,
        if: when[i]!,
        judge: by[i]!,
        ...(swap[i] && { by: 'seller', to: 'buyer' }),
        due: [
          { days: 10, after: 'expires' },
          { days: 3, after: 'pay' },
          { days: 5, after: 'broken' },
          { days: 0, after: 'broken' },
        ][i]!,
        ...(one === 'pay' && { remedy: 'refund' }),
        ...(one === 'refund' && { remedy: 'fine' }),
      }),
    ),
  );
  const cases: fc.Arbitrary<Case> = fc.record({
    obligations,
    expires: fc.constant(timeOf(EXPIRES)),
    deal: fc.boolean(),
    ratify: fc.option(fc.record({ by: second, yes: fc.option(second, { nil: undefined, freq: 3 }) }), {
      nil: undefined,
      freq: 2,
    }),
    statements: fc.array(said, { maxLength: 14 }),
    now: fc.oneof(
      second,
      second.map((one) => one + 30 * DAY),
    ),
    trust: fc.boolean(),
  });
  const statuses = (one: Case) =>
    statusOf(
      {
        terms: {
          obligations: one.obligations,
          expires: one.expires,
          ...(one.ratify !== undefined && { ratify: memberBy(one.ratify.by) }),
        },
        outcome: { deal: one.deal },
        ratification: one.ratify && sidesOf(one.ratify, one.ratify.by),
      },
      one.statements,
      one.now * 1000,
      { claimedTimes: one.trust },
    ).map(({ status }) => status);
  const numRuns = FULL ? 200_000 : 2_000;

  test('both say the same', () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(cases, (one) => {
        const found = statuses(one);
        for (const status of found) met.set(status, (met.get(status) ?? 0) + 1);
        expect(found).toEqual(ids.map((name) => naiveStatus(name, one)));
      }),
      { numRuns, seed: 20 },
    );
    expect([...met.keys()].toSorted()).toEqual(['broken', 'disputed', 'kept', 'open', 'pending', 'void']);
  }, 900_000);

  test('kept by verdict stays kept whatever others say', () => {
    const others = fc.array(
      said.filter(
        (one) => one.kind !== 'verdict' || one.judge === 's' || one.judge === 'to' || one.judge === 'p',
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(cases, others, fc.shuffledSubarray(['p', 'q', 'r'], { minLength: 2 }), (one, more, by) => {
        const held = { ...one, deal: true, ratify: undefined };
        const fixed = held.obligations.map((it) => ({
          ...it,
          if: 'always' as const,
          judge: it.id === 'pay' ? two : it.judge,
        }));
        const kept = by.map((x) => verdict(x, 'kept'));
        // p may say both: it is one member, and two are needed to contradict what stands
        expect(statuses({ ...held, obligations: fixed, statements: [...more, ...kept] })[0]).toBe('kept');
      }),
      { numRuns: numRuns / 4, seed: 21 },
    );
  }, 900_000);

  test('the order in which statements are given means nothing, and saying them twice neither', () => {
    fc.assert(
      fc.property(cases, fc.nat(), (one, turn) => {
        const { statements } = one;
        const cut = turn % (statements.length + 1);
        const turned = [...statements.slice(cut), ...statements.slice(0, cut), ...statements].toReversed();
        expect(statuses({ ...one, statements: turned })).toEqual(statuses(one));
      }),
      { numRuns: numRuns / 4, seed: 22 },
    );
  }, 900_000);
});
