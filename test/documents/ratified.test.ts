import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import type { GeneralJws } from '../../src/documents/jws.ts';
import { type Answer, signRatification } from '../../src/documents/ratification.ts';
import { type RatificationState, ratificationAt, ratificationOf } from '../../src/documents/ratified.ts';
import { completeTerms } from '../../src/documents/terms.ts';
import {
  BY,
  board,
  deal,
  END,
  keys,
  published,
  ratified,
  type Said,
  sellers,
  signed,
  stateOf,
  type Way,
} from './ratifying.ts';
import { anyPrice, buyer, completion, draft, identity, seller, session } from './support.ts';

beforeAll(() => loadSodium());
const RUNS = process.env.PARLEY_FULL === undefined ? 60 : 1_000;

/** Answers as the table below has them: `0 yes published -9; 1 no unproved`. */
function saidIn(text: string): Said[] {
  return text
    .split('; ')
    .filter((one) => one !== '')
    .map((one) => {
      const [member, answer, way, after = '0'] = one.split(' ');
      return [Number(member), answer as Answer, way as Way, Number(after)];
    });
}

describe('a deal that has to be ratified', () => {
  const cases: [what: string, threshold: number, said: string, after: number, state: RatificationState][] = [
    ['nobody has said anything, and there is time', 2, '', 0, 'pending'],
    ['time is up by a second', 2, '', 1, 'lapsed'],
    ['one too few', 2, '0 yes published -9', 0, 'pending'],
    ['one too few, and time is up', 2, '0 yes published -9', 1, 'lapsed'],
    ['one member twice', 2, '0 yes published -9; 0 yes published -9', 1, 'lapsed'],
    ['enough', 2, '0 yes published -9; 2 yes published -8', -8, 'in force'],
    ['a second before the last of them', 2, '0 yes published -9; 2 yes published -8', -9, 'pending'],
    ['enough in the last second', 2, '0 yes published 0; 1 yes published 0', 0, 'in force'],
    [
      'enough in the last second, asked years later',
      2,
      '0 yes published 0; 1 yes published 0',
      1e8,
      'in force',
    ],
    ['one a second late', 2, '0 yes published 0; 1 yes published 1', 1, 'lapsed'],
    ['one unproved, and there is time', 2, '0 yes published -1; 1 yes unproved', 0, 'pending'],
    ['one unproved, and time is up', 2, '0 yes published -1; 1 yes unproved', 1, 'unproved'],
    ['receipts of the other side only', 2, '0 yes receipt -9; 1 yes receipt -9', 0, 'pending'],
    [
      'receipts of the other side only, asked years later',
      2,
      '0 yes receipt 0; 1 yes receipt 0',
      1e8,
      'unproved',
    ],
    [
      'receipts that the other side dates before published noes',
      2,
      '0 yes receipt -99; 1 yes receipt -99; 0 no published -9; 1 no published -9',
      1e8,
      'refused',
    ],
    ['so many noes that the others are too few', 2, '0 no unproved; 1 no unproved', -9, 'refused'],
    ['that, years later', 2, '0 no unproved; 1 no unproved', 1e8, 'refused'],
    ['one no, where all are needed', 3, '0 no unproved', -9, 'refused'],
    ['a no too few', 2, '0 no unproved', -9, 'pending'],
    ['all but one refuse, where one is enough', 1, '0 no unproved; 1 no published -5', -9, 'pending'],
    ['all refuse, where one is enough', 1, '0 no unproved; 1 no receipt -5; 2 no unproved', -9, 'refused'],
    ['a member says both, and its yes is not proved', 3, '0 yes unproved; 0 no unproved', -9, 'refused'],
    [
      'a member says both, and counts as no',
      2,
      '0 yes unproved; 0 no unproved; 1 yes published -1',
      1,
      'lapsed',
    ],
    [
      'a member says both, its yes is proved, and another’s is not',
      2,
      '0 yes published -9; 0 no unproved; 1 yes unproved',
      1,
      'lapsed',
    ],
    [
      'a member says both, its yes is proved, and its no is published when time is up',
      2,
      '0 yes published -9; 0 no published 1; 1 yes unproved',
      1,
      'lapsed',
    ],
    ['a no that is published a second later', 3, '0 no published -5', -6, 'pending'],
    ['a no that is published in this second', 3, '0 no published -5', -5, 'refused'],
    ['a no is published before the yes', 1, '0 no published -9; 0 yes published -8', 0, 'pending'],
    ['a no is published in the second of the yes', 1, '0 no published -8; 0 yes published -8', 0, 'pending'],
    ['a no is published after the yes', 1, '0 no published -7; 0 yes published -8', 0, 'in force'],
    ['a no without a time comes after the yes', 1, '0 yes published -8; 0 no unproved', 0, 'in force'],
    [
      'the other side gives a no an earlier receipt than the yes',
      1,
      '0 yes published -8; 0 no receipt -99',
      0,
      'in force',
    ],
    [
      'all say no once it is in force',
      2,
      '0 yes published -8; 1 yes published -8; 0 no unproved; 1 no published -7; 2 no unproved',
      9,
      'in force',
    ],
    [
      'a no of one takes back its yes before the other says yes',
      2,
      '0 yes published -8; 0 no published -7; 1 yes published -6',
      1,
      'lapsed',
    ],
    [
      'a third takes its place',
      2,
      '0 yes published -8; 0 no published -7; 1 yes published -6; 2 yes published -1',
      1,
      'in force',
    ],
  ];
  it.each(cases)('%s', async (_, threshold, said, after, state) => {
    const { state: found, sides } = await stateOf(threshold, saidIn(said), after);
    expect(found).toBe(state);
    expect(sides.seller!.state).toBe(state);
    expect(sides.seller!.since !== undefined).toBe(state === 'in force');
  });

  it('says what each member has signed, and by when', async () => {
    const { sides } = await stateOf(
      2,
      [
        [1, 'no', 'published', -7],
        [1, 'yes', 'published', -9],
        [2, 'no', 'receipt', -9],
      ],
      0,
    );
    expect(sides.seller!.members).toEqual([
      { member: keys[0], answers: [], yes: undefined, no: undefined },
      {
        member: keys[1],
        answers: ['yes', 'no'],
        yes: END - 9,
        no: END - 7,
      },
      { member: keys[2], answers: ['no'], yes: undefined, no: undefined },
    ]);
  });

  it('is seen at any other time from what it was found with once', async () => {
    const of = deal(2);
    const said: Said[] = [
      [0, 'yes', 'published', -8],
      [1, 'yes', 'published', -6],
      [2, 'no', 'published', -7],
      [1, 'no', 'published', -4],
    ];
    const all = await Promise.all(said.map((one) => signed(of, one)));
    const at = (after: number, count = all.length) =>
      ratificationOf(of, {
        statements: all.slice(0, count).map(({ statement }) => statement),
        evidence: all.slice(0, count).flatMap(({ evidence }) => evidence),
        now: 1_000 * (END + after),
      })!;
    for (const found of [at(-9), at(99)]) {
      for (let after = -10; after < 3; after++) {
        const { ignored: _, ...expected } = at(after);
        expect(ratificationAt(found.sides, END + after)).toEqual(expected);
      }
    }
    expect([-7, -6, 99].map((after) => at(after).state)).toEqual(['pending', 'in force', 'in force']);
    expect(at(-6)).toMatchObject({ asOf: END - 6, sides: { seller: { since: END - 6 } } });
  });

  it('is not one without a deal, nor under other terms', () => {
    expect(ratificationOf(deal(2, { deal: false }))).toBeUndefined();
    expect(ratificationOf({ ...deal(2), terms: completeTerms(draft, completion, anyPrice) })).toBeUndefined();
  });

  it('is in force once both sides are, where both have to ratify', async () => {
    const others = [41, 42].map(identity);
    const ratify = {
      ...sellers(1),
      buyer: { members: others.map(({ publicKey }) => publicKey), threshold: 1, by: BY },
    };
    const of = { ...deal(1), terms: ratified(ratify) };
    const yes = await signRatification(of, 'yes', board[0]!);
    const also = await signRatification(of, 'yes', others[1]!);
    const no = await Promise.all(others.map((one) => signRatification(of, 'no', one)));
    const state = (statements: GeneralJws[], now = END) =>
      ratificationOf(of, {
        statements,
        evidence: [yes, also].map((one) => published(one, END)),
        now: 1_000 * now,
      })!.state;
    expect(state([yes, also])).toBe('in force');
    expect(state([yes])).toBe('pending');
    expect(state([yes], END + 1)).toBe('lapsed');
    expect(state([yes, ...no])).toBe('refused');
  });

  it('does not count what is about another outcome, session or terms, or not a member’s', async () => {
    const of = deal(1);
    const foreign = [
      await signRatification({ ...of, outcome: { deal: true, price: '505' } }, 'yes', board[0]!),
      await signRatification({ ...of, session: encodeBase64url(session.toReversed()) }, 'yes', board[0]!),
      await signRatification({ ...of, terms: ratified(sellers(2)) }, 'yes', board[0]!),
      await signRatification(of, 'yes', seller),
      await signRatification(of, 'yes', buyer),
    ];
    const yes = await signRatification(of, 'yes', board[0]!);
    const bytes = yes.signatures[0]!.signature;
    const forged = { ...yes, signatures: [{ ...yes.signatures[0]!, signature: `B${bytes.slice(1)}` }] };
    const unsigned = { ...yes, signatures: [] };
    const statements = [...foreign, forged, unsigned];
    const evidence = statements.map((one) => published(one, END));
    const found = ratificationOf(of, { statements, evidence, now: 1_000 * END })!;
    expect(found.state).toBe('pending');
    expect(found.ignored).toEqual(statements);
  });

  it('is the same whichever order statements and evidence come in, and if they come twice', async () => {
    const of = deal(2);
    const said: Said[] = [
      [0, 'yes', 'published', -8],
      [0, 'no', 'published', -7],
      [1, 'yes', 'published', -8],
      [2, 'no', 'unproved'],
    ];
    const all = await Promise.all(said.map((one) => signed(of, one)));
    const record = {
      statements: all.map(({ statement }) => statement),
      evidence: all.flatMap(({ evidence }) => evidence),
      now: 1_000 * END,
    };
    const expected = ratificationOf(of, record);
    expect(expected!.state).toBe('in force');
    expect(
      ratificationOf(of, {
        ...record,
        statements: record.statements.toReversed(),
        evidence: record.evidence.toReversed(),
      }),
    ).toEqual(expected);
    expect(
      ratificationOf(of, { ...record, statements: [...record.statements, ...record.statements] }),
    ).toEqual(expected);
  });
});

describe('against the definition', () => {
  interface Event {
    readonly member: number;
    readonly answer: Answer;
    readonly way: Way;
    readonly after: number;
  }

  /** What the README says, second by second, from the events and not from documents. */
  function naive(threshold: number, events: readonly Event[], now: number): RatificationState {
    for (let second = -20; second <= Math.min(now, 0); second++) {
      const yeses = [0, 1, 2].filter((member) => {
        const own = events.filter((event) => event.member === member && event.after <= second);
        const is = (said: Answer) => own.some(({ answer, way }) => answer === said && way === 'published');
        return is('yes') && !is('no');
      });
      if (yeses.length >= threshold) return 'in force';
    }
    const no = new Set(
      [0, 1, 2].filter((member) => {
        const noes = events.filter((event) => event.member === member && event.answer === 'no');
        const proved = noes.filter(({ way }) => way === 'published');
        return noes.length > 0 && (proved.length === 0 || proved.some(({ after }) => after <= now));
      }),
    );
    if (3 - no.size < threshold) return 'refused';
    if (now <= 0) return 'pending';
    const maybe = [0, 1, 2].filter((member) => {
      const yeses = events.filter((event) => event.member === member && event.answer === 'yes');
      const proved = yeses.filter(({ way }) => way === 'published');
      return (
        yeses.length > 0 && !no.has(member) && (proved.length === 0 || proved.some(({ after }) => after <= 0))
      );
    });
    return maybe.length >= threshold ? 'unproved' : 'lapsed';
  }

  const event = fc.record<Event>({
    member: fc.integer({ min: 0, max: 2 }),
    answer: fc.constantFrom('yes', 'yes', 'no'),
    way: fc.constantFrom('published', 'published', 'receipt', 'unproved'),
    after: fc.integer({ min: -5, max: 2 }),
  });
  const made = new Map<string, ReturnType<typeof signed>>();
  const cached = (threshold: number, said: Said) => {
    const name = JSON.stringify([threshold, said]);
    const known = made.get(name) ?? signed(deal(threshold), said);
    made.set(name, known);
    return known;
  };

  it('agrees, and an outcome in force stays so whatever comes later', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(event, { maxLength: 7 }),
        fc.integer({ min: -6, max: 3 }),
        async (threshold, events, now) => {
          const of = deal(threshold);
          const all = await Promise.all(
            events.map(({ member, answer, way, after }) => cached(threshold, [member, answer, way, after])),
          );
          const record = (count: number, at: number) => ({
            statements: all.slice(0, count).map(({ statement }) => statement),
            evidence: all.slice(0, count).flatMap(({ evidence }) => evidence),
            now: 1_000 * (END + at) + 999,
          });
          const { state, sides } = ratificationOf(of, record(all.length, now))!;
          expect(state).toBe(naive(threshold, events, now));
          if (state !== 'in force') return;
          expect(ratificationOf(of, record(all.length, now + 1_000))!.sides.seller!.since).toBe(
            sides.seller!.since,
          );
        },
      ),
      { numRuns: RUNS },
    );
  }, 300_000);

  it('stays in force when anything is added that was not public before', async () => {
    const of = deal(2);
    const base = await Promise.all(
      (
        [
          [0, 'yes', 'published', -4],
          [1, 'yes', 'published', -3],
        ] as Said[]
      ).map((one) => cached(2, one)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 6 }), async (events) => {
        const late = events.filter(
          ({ answer, way, after }) => answer === 'yes' || way !== 'published' || after > -3,
        );
        const more = await Promise.all(
          late.map(({ member, answer, way, after }) => cached(2, [member, answer, way, after])),
        );
        const all = [...base, ...more];
        const { state } = ratificationOf(of, {
          statements: all.map(({ statement }) => statement),
          evidence: all.flatMap(({ evidence }) => evidence),
          now: 1_000 * (END + 9),
        })!;
        expect(state).toBe('in force');
      }),
      { numRuns: RUNS / 4 },
    );
  }, 300_000);
});
