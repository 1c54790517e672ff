import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MenuEntry, toEntry } from '../../protocols/menu/entry.ts';
import { menu } from '../../protocols/menu/index.ts';
import { isRelative, optionWidth } from '../../protocols/menu/inputs.ts';
import { dealOn, type Method } from '../../protocols/menu/options.ts';
import { countAnds, queueMenu } from '../../protocols/menu/stream.ts';
import type { RuleTerms } from '../../protocols/rule.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import { menuMethods } from '../support/menus.ts';
import { completed, computeClear, noRelease, optionOf } from '../support/rules.ts';

const random = seededRandom(new Uint8Array(16).fill(3));

function flat(options: number, rule: RuleTerms['rule']): RuleTerms {
  const names = Array.from({ length: options }, (_, i) => `option ${i}`);
  return completed(menu, { rule, menu: { options: names } });
}

/** Definitions once more, in rationals and independent of the twin's tricks: larger is better, lexicographically. */
function reference(method: Method, a: MenuEntry, b: MenuEntry): number | undefined {
  const gains = Array.from(
    a.utilities,
    (u, i) => [u - a.reservation, b.utilities[i]! - b.reservation] as const,
  );
  const joint = gains.map(([x, y], i) => ({ x, y, i })).filter(({ x, y }) => x >= 0 && y >= 0);
  const most = (side: 'x' | 'y') => Math.max(...joint.map((each) => each[side]));
  const ratio = (gain: number, largest: number): [bigint, bigint] =>
    largest === 0 ? [1n, 1n] : [BigInt(gain), BigInt(largest)];
  const compare = (p: [bigint, bigint], q: [bigint, bigint]) => Number(p[0] * q[1] - q[0] * p[1]);
  const score = ({ x, y }: { x: number; y: number }): [bigint, bigint] => {
    if (method === 'nash' || method === 'nash-1') return [BigInt(x) * BigInt(y), 1n];
    if (method === 'utilitarian') return [BigInt(x + y), 1n];
    if (method === 'egalitarian') return [BigInt(Math.min(x, y)), 1n];
    const [p, q] = [ratio(x, most('x')), ratio(y, most('y'))];
    return compare(p, q) < 0 ? p : q;
  };
  // by nash, the sum decides between products that are 0, in its first version between all
  const bySum = (p: { x: number; y: number }) => method !== 'nash' || p.x * p.y === 0;
  joint.sort((p, q) => compare(score(q), score(p)) || (bySum(p) ? q.x + q.y - p.x - p.y : 0) || p.i - q.i);
  return joint[0]?.i;
}

const entry = (options: number, steps: fc.Arbitrary<number>): fc.Arbitrary<MenuEntry> =>
  fc.record({
    utilities: fc
      .array(steps, { minLength: options, maxLength: options })
      .map((list) => Uint16Array.from(list)),
    reservation: fc.oneof({ weight: 12, arbitrary: steps }, { weight: 1, arbitrary: fc.constant(65_536) }),
  });
/** Few different values, so that ties and zeros abound; or any. */
const coarse = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 30 }).map((n) => n * 12),
);
const fine = fc.oneof(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 65_500, max: 65_535 }), coarse);

describe.each(menuMethods)('%s', (method, rule) => {
  test('compute and the twin choose what the definition says', async () => {
    const setting = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(coarse, fine))
      .chain(([options, steps]) => fc.tuple(entry(options, steps), entry(options, steps)));
    let deals = 0;
    await fc.assert(
      fc.asyncProperty(setting, async ([a, b]) => {
        const terms = flat(a.utilities.length, rule);
        const index = reference(method, a, b);
        const expected = index === undefined ? { deal: false } : dealOn(terms.menu!, index);
        const bound = menu.under(terms);
        expect(bound.plain(toEntry(a), toEntry(b))).toEqual(expected);
        const { outcome, ands } = await computeClear(menu, terms, toEntry(a), toEntry(b));
        expect(outcome).toEqual(expected);
        expect(ands).toBe(bound.ands);
        expect(bound.permits(outcome)).toBe(true);
        if (outcome.deal) deals++;
      }),
      { numRuns: 150 },
    );
    expect(deals).toBeGreaterThan(50);
  });

  const large = isRelative(method) ? [8193] : method === 'nash' ? [4097] : [];
  const more = process.env.PARLEY_FULL ? [4095, 4096, 4097, 4112, 8191, 8192, 12_289] : large;

  test.each([1, 2, 15, 16, 17, 255, 256, 257, 273, ...more])('%i options', async (options) => {
    const terms = flat(options, rule);
    const draw = (party: number): MenuEntry => {
      const bytes = random(2 * options);
      const utilities = new Uint16Array(options);
      // two options that tie at the far end, better than all others
      for (let i = 0; i < options; i++) utilities[i] = (bytes[2 * i]! << 7) + bytes[2 * i + 1]!;
      for (const i of [options - 1, Math.max(0, options - 2)]) utilities[i] = 65_000 + party;
      return { utilities, reservation: 20_000 };
    };
    const [a, b] = [toEntry(draw(0)), toEntry(draw(1))];
    const { outcome } = await computeClear(menu, terms, a, b);
    expect(outcome).toEqual(dealOn(terms.menu!, Math.max(0, options - 2)));
    expect(menu.under(terms).plain(a, b)).toEqual(outcome);
  });
});

test.each(menuMethods)(
  '%s: whatever bits one side enters, it never gets an option that the other refuses',
  async (method, rule) => {
    const options = 20;
    const width = optionWidth(method);
    const honest = entry(options, coarse);
    const bits = fc.uint8Array({ minLength: options * width, maxLength: options * width, max: 1 });
    let deals = 0;
    await fc.assert(
      fc.asyncProperty(
        honest,
        bits,
        fc.constantFrom('a' as const, 'b' as const),
        async (mandate, cheating, cheater) => {
          const terms = flat(options, rule);
          const engines = clearEngines();
          const cheat = async () => {
            const engine = engines[cheater];
            const outcome = queueMenu(engine, method, options, (party, { start, end }) =>
              party === cheater ? cheating.subarray(start * width, end * width) : undefined,
            );
            return engine.reveal(outcome, 'both', noRelease);
          };
          const other = cheater === 'a' ? 'b' : 'a';
          const [outcome] = await Promise.all([
            menu.under(terms).compute(engines[other], toEntry(mandate), noRelease),
            cheat(),
          ]);
          const index = optionOf(menu, terms, outcome);
          if (index === undefined) return;
          deals++;
          expect(mandate.utilities[index]).toBeGreaterThanOrEqual(mandate.reservation);
          expect(cheating[index * width + width - 1]).toBe(1);
        },
      ),
      { numRuns: 60 },
    );
    expect(deals).toBeGreaterThan(20);
  },
);

test('AND gates an option, at most', () => {
  const each = (method: Method, options = 15_625) => countAnds(method, options) / options;
  expect(each('utilitarian')).toBeLessThanOrEqual(54);
  expect(each('egalitarian')).toBeLessThanOrEqual(104);
  expect(each('nash')).toBeLessThanOrEqual(123);
  expect(each('nash-1')).toBeLessThanOrEqual(174);
  expect(each('kalai-smorodinsky', 576)).toBeLessThanOrEqual(401);
  expect(each('kalai-smorodinsky')).toBeLessThanOrEqual(324);
});
