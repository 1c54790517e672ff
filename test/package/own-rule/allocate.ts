import {
  add,
  type Bit,
  type BoundRule,
  type Bounds,
  bigintToBits,
  bitLength,
  CircuitBuilder,
  defineRule,
  type Entry,
  extend,
  invalidMandate,
  isPlainText,
  lessOrEqual,
  lessThan,
  mask,
  memberNames,
  membersOf,
  type OutcomeJson,
  type Party,
  type Word,
  z,
} from './entry/rules.ts';

/*
 * A rule of one's own, of a shape that no rule of Parley's has: items are divided between two sides. Each side spreads points over the items in
 * secret, and each item goes to the side that gave it more; of items to which both gave the same, the first, third, … goes to `left`, the others to `right`.
 * A side that spreads more points than it has takes part in nothing; so that is what abstaining is.
 */

const schema = z.strictObject({
  rule: z.strictObject({
    name: z.literal('allocate'),
    items: z
      .array(z.string().min(1).refine(isPlainText))
      .min(2)
      .max(32)
      .refine(distinct, 'two items are the same'),
    points: z.int().min(1).max(1000).default(100),
  }),
});

type Part = z.output<typeof schema>['rule'];

export const allocate = defineRule({
  name: 'allocate',
  roles: ['left', 'right'],
  schema,
  under: ({ rule }) => ({ ...computing(rule), ...showing(rule) }),
});

function computing({
  items,
  points,
}: Part): Pick<BoundRule, 'ands' | 'circuits' | 'enter' | 'compute' | 'plain' | 'seal'> {
  const each = bitLength(BigInt(points));
  const width = items.length * each;
  const circuit = allocation(items.length, each, points);
  const abstains: Entry = { value: (1n << BigInt(width)) - 1n };
  const toEntry = (scores: readonly number[]): Entry => ({
    value: scores.reduceRight((value, score) => (value << BigInt(each)) | BigInt(score), 0n),
  });
  const scoresOf = ({ value }: Entry): number[] =>
    items.map((_, i) => Number(BigInt.asUintN(each, value >> BigInt(i * each))));
  return {
    ands: circuit.ands,
    circuits: () => [{ name: 'allocate', circuit, copies: 1 }],
    enter(_party, mandate) {
      const scores = readScores(items, mandate);
      if (scores === 'abstains') return abstains;
      if (scores === undefined || sum(scores) > points) {
        throw invalidMandate('the scores are not what the terms ask for', exampleOf(items, points));
      }
      return toEntry(scores);
    },
    async compute(engine, entry, release) {
      const bits = bigintToBits(entry.value, width);
      const enter = (party: Party) => engine.input(party, width, party === engine.party ? bits : undefined);
      const [left, right] = [enter('a'), enter('b')];
      bits.fill(0);
      const opened = await engine.reveal(engine.apply(circuit, [left, right]), 'both', release);
      const [deal, ...toLeft] = opened ?? [];
      return deal === 1
        ? dealOf(
            items,
            toLeft.map((bit) => bit === 1),
          )
        : { deal: false };
    },
    plain(a, b) {
      const [left, right] = [scoresOf(a), scoresOf(b)];
      if (sum(left) > points || sum(right) > points) return { deal: false };
      return dealOf(
        items,
        left.map((score, i) => score > right[i]! || (score === right[i] && i % 2 === 0)),
      );
    },
    seal: {
      width,
      mandate(_party, entry) {
        if (entry.value === abstains.value) return { abstain: true };
        const scores = scoresOf(entry);
        if (sum(scores) > points) return undefined;
        return { scores: Object.fromEntries(items.map((item, i) => [item, scores[i]])) };
      },
      sameMandate: (one, other) => one.value === other.value,
    },
  };
}

function showing({ items, points }: Part): Omit<BoundRule, 'terms' | keyof ReturnType<typeof computing>> {
  return {
    permits(outcome) {
      if (outcome.deal === false) return memberNames(outcome) === 'deal';
      const gets = membersOf(outcome.gets);
      return (
        memberNames(outcome) === 'deal,gets' &&
        memberNames(outcome.gets) === items.toSorted().join() &&
        items.every((item) => gets[item] === 'left' || gets[item] === 'right')
      );
    },
    form: { kind: 'document', example: exampleOf(items, points) },
    capacityBits: Math.log2(2 ** items.length + 1),
    leakage: { by: 'count', outcomes: 2 ** items.length + 1 },
    policy: {
      refusal: (bounds) => (mostOf(bounds) === undefined ? 'the policy says nothing of items' : undefined),
      holds(bounds, mandate) {
        const scores = readScores(items, mandate);
        const most = mostOf(bounds);
        return (
          scores === 'abstains' || (scores?.every((score) => most !== undefined && score <= most) ?? false)
        );
      },
    },
    describe: () => ({
      entering: [
        `Each side spreads up to ${points} points over ${items.length} items: ${items.join(', ')}.`,
        'A side may also abstain.',
      ],
      outcome: ['Each item goes to the side that gave it more points, and who gets what comes out.'],
      incentives: ['A side gains by giving an item one point more than the other, if it can guess that.'],
    }),
    outcomeText: ({ deal, gets }) =>
      deal
        ? Object.entries(membersOf(gets))
            .map(([item, side]) => `${item} to ${side}`)
            .join(', ')
        : 'no deal',
    mandateText: (mandate) => {
      const scores = readScores(items, mandate);
      if (scores === 'abstains' || scores === undefined) return 'nothing';
      return items.map((item, i) => `${scores[i]} for ${item}`).join(', ');
    },
  };
}

/** Inputs are both sides' scores; outputs whether neither spreads too many points, and for each item whether `left` gets it. */
function allocation(count: number, each: number, points: number) {
  const c = new CircuitBuilder();
  const [left, right] = [c.input(count * each), c.input(count * each)];
  const score = (word: Word, i: number) => word.slice(i * each, (i + 1) * each);
  const within = (word: Word): Bit => {
    const width = each + bitLength(BigInt(count));
    let total: Word = c.constant(0n, width);
    for (let i = 0; i < count; i++) total = add(c, total, extend(score(word, i), width)).slice(0, width);
    return lessOrEqual(c, total, c.constant(BigInt(points), width));
  };
  const deal = c.and(within(left), within(right));
  const toLeft = Array.from({ length: count }, (_, i) => {
    const [x, y] = [score(left, i), score(right, i)];
    return i % 2 === 0 ? c.not(lessThan(c, x, y)) : lessThan(c, y, x);
  });
  c.output([deal]);
  c.output(mask(c, toLeft, deal));
  return c.build();
}

function dealOf(items: readonly string[], toLeft: readonly boolean[]): OutcomeJson {
  return {
    deal: true,
    gets: Object.fromEntries(items.map((item, i) => [item, toLeft[i] ? 'left' : 'right'])),
  };
}

/** The scores of a mandate, in the order of the items; undefined for what is none. */
function readScores(items: readonly string[], mandate: unknown): number[] | 'abstains' | undefined {
  const { abstain, scores } = membersOf(mandate);
  if (memberNames(mandate) === 'abstain' && abstain === true) return 'abstains';
  if (memberNames(mandate) !== 'scores' || memberNames(scores) !== items.toSorted().join()) return undefined;
  const given = membersOf(scores);
  const list: number[] = [];
  for (const item of items) {
    const score = given[item];
    if (typeof score !== 'number' || !Number.isSafeInteger(score) || score < 0) return undefined;
    list.push(score);
  }
  return list;
}

/** The most points that a policy allows on one item. */
function mostOf({ items }: Bounds): number | undefined {
  const { most } = membersOf(items);
  return typeof most === 'number' ? most : undefined;
}

function exampleOf(items: readonly string[], points: number): string {
  return JSON.stringify({ scores: Object.fromEntries(items.map((item, i) => [item, i === 0 ? points : 0])) });
}

function sum(scores: readonly number[]): number {
  return scores.reduce((total, score) => total + score, 0);
}

function distinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}
