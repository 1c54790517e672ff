import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Combinations, combine } from '../../src/circuit/combinations.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Bits, Engine, Fixing, Party, ProvingEngine, Wires } from '../../src/engine/engine.ts';
import { proofBits } from '../../src/garbling/authenticated/proof.ts';
import type { Intercept } from '../../src/link/memory-link.ts';
import { fixingBits } from '../adversary/harness/programs.ts';
import { combinationsOf } from '../support/combinations.ts';
import { type AuthenticatedPair, authenticatedPair } from './authenticated-pair.ts';
import { andCircuit, give } from './contract.ts';
import { picker, randomBits } from './random-circuit.ts';

type Pair = Readonly<Record<Party, ProvingEngine>> & { readonly links?: AuthenticatedPair['links'] };
type Each<Value> = Readonly<Record<Party, Value>>;

const parties: readonly Party[] = ['a', 'b'];
const noFixing: Fixing = { send: async () => undefined, receive: async () => undefined };
const cheated = { code: 'ERR_PEER_CHEATED' };
const usage = { code: 'ERR_USAGE' };
const peerOf = (party: Party): Party => (party === 'a' ? 'b' : 'a');

interface Scene {
  readonly entered: Each<Bits>;
  /** What each party fixes besides, as many bits each, if anything. */
  readonly besides?: Each<Bits> | undefined;
  /** What each party opens of its own. */
  readonly opened: Each<Combinations>;
  /** What the other party takes it for, where that is something else. */
  readonly expected?: Partial<Each<Combinations>>;
  /** What each party takes for its input, where that is something else. */
  readonly claimed?: Partial<Each<Bits>>;
  readonly prepared?: 'triples' | 'all' | undefined;
}

interface Opening {
  readonly said: Bits;
  readonly seen: Bits;
}

async function prepare(engine: Engine, { entered, prepared }: Scene): Promise<void> {
  if (prepared === 'triples') await engine.prepare(5);
  if (prepared !== 'all') return;
  await engine.prepare(1, (queue) => {
    for (const owner of parties) queue.input(owner, entered[owner].length);
    queue.apply(andCircuit, [queue.input('a', 1), queue.input('b', 1)]);
  });
}

/** All that a party has fixed. */
const allOf = ({ entered, besides }: Pick<Scene, 'entered' | 'besides'>, party: Party): Bits =>
  Uint8Array.from([...entered[party], ...(besides?.[party] ?? [])]);

/** Both parties enter, reveal an AND, and open combinations with its release. Gives what each has said and seen, or its error. */
async function run({ links, ...pair }: Pair, scene: Scene): Promise<(Opening | Error)[]> {
  const { entered, besides, opened, expected, claimed } = scene;
  const side = async (engine: ProvingEngine): Promise<Opening> => {
    const { party } = engine;
    const peer = peerOf(party);
    if (besides !== undefined) engine.expectFixed(besides.a.length);
    await prepare(engine, scene);
    const wires = { a: give(engine, 'a', entered.a), b: give(engine, 'b', entered.b) };
    const one = Uint8Array.of(1);
    const and = engine.apply(andCircuit, [give(engine, 'a', one), give(engine, 'b', one)]);
    let [said, seen]: [Bits, Bits] = [new Uint8Array(), new Uint8Array()];
    const release = {
      async send() {
        const bits = claimed?.[party] ?? allOf(scene, party);
        said = await engine.sendCombinations(opened[party], wires[party], bits);
      },
      async receive() {
        seen = await engine.receiveCombinations(expected?.[peer] ?? opened[peer], wires[peer]);
      },
    };
    await engine.reveal(
      and,
      'both',
      release,
      besides === undefined ? noFixing : fixingBits(engine, besides[party]),
    );
    return { said, seen };
  };
  const ended = (party: Party) => (error: Error) => {
    pair[party].close();
    links?.[party].destroy();
    return error;
  };
  return Promise.all(parties.map((party) => side(pair[party]).catch(ended(party))));
}

/** Sparse combinations of random positions, some of them empty. */
function sparse(count: number, width: number, pick: ReturnType<typeof picker>): Combinations {
  const row = () => Array.from({ length: pick(5) }, () => pick(width));
  return combinationsOf(Array.from({ length: count }, row));
}

const scenes = fc
  .record({
    seed: fc.nat({ max: 99_999 }),
    widths: fc.record({ a: fc.integer({ min: 1, max: 150 }), b: fc.integer({ min: 1, max: 150 }) }),
    counts: fc.record({ a: fc.nat({ max: 70 }), b: fc.nat({ max: 70 }) }),
    fixed: fc.nat({ max: 90 }),
    prepared: fc.constantFrom(undefined, 'triples' as const, 'all' as const),
  })
  .map(({ seed, widths, counts, fixed, prepared }) => {
    const pick = picker(seed);
    const entered = { a: randomBits(widths.a, pick), b: randomBits(widths.b, pick) };
    const besides = fixed === 0 ? undefined : { a: randomBits(fixed, pick), b: randomBits(fixed, pick) };
    const opened = {
      a: sparse(counts.a, widths.a + fixed, pick),
      b: sparse(counts.b, widths.b + fixed, pick),
    };
    return { seed, entered, besides, opened, prepared };
  });

describe.each(['clear', 'authenticated'])('combinations in the %s engine', (name) => {
  const open = async (seed: number): Promise<Pair> =>
    name === 'clear' ? clearEngines() : authenticatedPair(seed);

  test('have the values that the bits give which were entered, at both parties', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async ({ seed, ...scene }) => {
        const { entered, besides, opened } = scene;
        const values = {
          a: combine(opened.a, allOf({ entered, besides }, 'a')),
          b: combine(opened.b, allOf({ entered, besides }, 'b')),
        };
        const results = await run(await open(seed), scene);
        expect(results).toEqual(
          parties.map((party) => ({ said: values[party], seen: values[peerOf(party)] })),
        );
      }),
      { numRuns: name === 'clear' ? 20 : 12 },
    );
  });
});

const pick = picker(1);
const WIDTH = 12;
const entered = { a: randomBits(WIDTH, pick), b: randomBits(WIDTH, pick) };
/** The sum of all bits, all but bit 0, each neighbouring two, and nothing. */
const all = Array.from({ length: WIDTH }, (_, i) => i);
const asked = combinationsOf([all, all.slice(1), ...all.slice(1).map((i) => [i - 1, i]), []]);
const usual: Scene = { entered, opened: { a: asked, b: asked } };

describe.each(parties)('if %s cheats, the other party aborts', (cheater) => {
  const honest = parties.indexOf(peerOf(cheater));

  test.each(all)('who takes another bit %i than was entered', async (bit) => {
    const claimed = { [cheater]: entered[cheater].map((own, i) => own ^ +(i === bit)) };
    const results = await run(await authenticatedPair(2), { ...usual, claimed });
    expect(results[honest]).toMatchObject(cheated);
  });

  test.each([
    ['one position is another', combinationsOf([all, [1], ...all.slice(1).map((i) => [i - 1, i]), []])],
    [
      'two are in another order',
      combinationsOf([all.slice(1), all, ...all.slice(1).map((i) => [i - 1, i]), []]),
    ],
  ])('whose combinations are others: %s', async (_, opened) => {
    expect(opened.ends).toHaveLength(asked.ends.length);
    const scene = { ...usual, opened: { ...usual.opened, [cheater]: opened }, expected: usual.opened };
    const results = await run(await authenticatedPair(3), scene);
    expect(results[honest]).toMatchObject(cheated);
  });

  const { length } = asked.ends;
  test.each([
    ['bits', 0],
    ['bits', length - 1], // what is the sum of nothing
    ['bits', length], // padding
    ['macs', 0],
    ['macs', 255],
  ] as const)('who changes %s on the wire, at %i', async (field, bit) => {
    let changes = 0;
    const intercept: Intercept = (side, type, fields) => {
      if (side !== cheater || type.name !== 'authenticated.openedCombinations') return fields;
      changes += 1;
      fields[field]![bit >> 3]! ^= 1 << (bit & 7);
      return fields;
    };
    const results = await run(await authenticatedPair(4, { intercept }), usual);
    expect(changes).toBe(1);
    expect(results[honest]).toMatchObject(cheated);
  });
});

describe.each(parties)('if %s lies about what it fixes besides, the other party aborts', (cheater) => {
  const honest = parties.indexOf(peerOf(cheater));
  const fixed = 21;
  const besides = { a: randomBits(fixed, pick), b: randomBits(fixed, pick) };
  const places = Array.from({ length: fixed }, (_, i) => WIDTH + i);
  const rows = combinationsOf([...places.map((place, i) => [i % WIDTH, place]), places]);
  const scene: Scene = { entered, besides, opened: { a: rows, b: rows } };

  test.each([0, 7, fixed - 1])('who takes another bit %i than it has fixed', async (bit) => {
    const claimed = { [cheater]: allOf(scene, cheater).map((own, i) => own ^ +(i === WIDTH + bit)) };
    const results = await run(await authenticatedPair(6), { ...scene, claimed });
    expect(results[honest]).toMatchObject(cheated);
  });

  test.each([0, 12, fixed - 1, fixed])('who changes its correction on the wire, at %i', async (bit) => {
    let changes = 0;
    const intercept: Intercept = (side, type, fields) => {
      if (side !== cheater || type.name !== 'authenticated.fixedBits') return fields;
      changes += 1;
      fields.corrections![bit >> 3]! ^= 1 << (bit & 7);
      return fields;
    };
    const results = await run(await authenticatedPair(7, { intercept }), scene);
    expect(changes).toBe(1);
    expect(results[honest]).toMatchObject(cheated);
  });
});

describe('bits that are fixed besides', () => {
  test.each(['first', 'last'])(
    'have random bits of their own beside those of a proof, announced %s',
    async (when) => {
      const pair = await authenticatedPair(10);
      const statement = andCircuit;
      const regions = await Promise.all(
        [pair.a, pair.b].map(async (engine) => {
          const places: (readonly [number, number])[] = [];
          const own = randomBits(9, picker(11));
          const fix = () => engine.expectFixed(own.length);
          if (when === 'first') fix();
          engine.expectProof(statement.ands);
          if (when === 'last') fix();
          const { besides, rooms } = engine as unknown as {
            besides: { count: number; at: number };
            rooms: { ands: number; at: number }[];
          };
          places.push([besides.at, besides.at + besides.count]);
          for (const { ands, at } of rooms) places.push([at, at + proofBits(ands)]);
          const bit = Uint8Array.of(1);
          const wires = { a: give(engine, 'a', bit), b: give(engine, 'b', bit) };
          const more = { a: give(engine, 'a', bit), b: give(engine, 'b', bit) };
          const { party } = engine;
          const peer = peerOf(party);
          const rows = combinationsOf([[0, 1], Array.from({ length: own.length }, (_, i) => i + 1)]);
          const bits = Uint8Array.from([1, ...own]);
          let seen: Bits | undefined;
          await engine.reveal(
            engine.apply(andCircuit, [wires.a, wires.b]),
            'both',
            {
              async send() {
                await engine.sendProof(statement, [wires[party], more[party]], Uint8Array.of(1, 1));
                await engine.sendCombinations(rows, wires[party], bits);
              },
              async receive() {
                expect(await engine.receiveProof(statement, [wires[peer], more[peer]])).toEqual(bit);
                seen = await engine.receiveCombinations(rows, wires[peer]);
              },
            },
            fixingBits(engine, own),
          );
          expect(seen).toEqual(combine(rows, bits));
          return places.sort(([one], [other]) => one - other);
        }),
      );
      expect(regions[0]).toEqual(regions[1]);
      for (const [i, [from]] of regions[0]!.entries()) expect(from).toBe(regions[0]![i - 1]?.[1] ?? 0);
    },
  );

  test('are expected once, before anything has begun, and fixed once, while a Fixing runs', async () => {
    const bits = Uint8Array.of(1, 0, 1);
    const pair = await authenticatedPair(8);
    await Promise.all(
      [pair.a, pair.b].map(async (engine) => {
        await expect(engine.sendFixed(bits)).rejects.toMatchObject(usage);
        expect(() => engine.expectFixed(0)).toThrow(/at least one/);
        engine.expectFixed(3);
        expect(() => engine.expectFixed(3)).toThrow(/once/);
        await expect(engine.sendFixed(bits)).rejects.toMatchObject(usage);
        await expect(engine.receiveFixed()).rejects.toMatchObject(usage);
        await engine.prepare(5);
        await expect(engine.sendFixed(bits)).rejects.toMatchObject(usage);
        await expect(engine.receiveFixed()).rejects.toMatchObject(usage);
        const wires = { a: give(engine, 'a', entered.a), b: give(engine, 'b', entered.b) };
        await engine.reveal(engine.slice(wires.a, 0, 1), 'both', undefined, fixingBits(engine, bits));
        expect(() => engine.expectFixed(3)).toThrow(/before anything is prepared/);
        await expect(engine.sendFixed(bits)).rejects.toMatchObject(usage);
        await expect(engine.receiveFixed()).rejects.toMatchObject(usage);
        const short = engine.sendCombinations(
          combinationsOf([[0]]),
          wires[engine.party],
          entered[engine.party],
        );
        await expect(short).rejects.toMatchObject(usage);
      }),
    );
  });

  test('are as many as were expected', async () => {
    const pair = await authenticatedPair(9);
    const sides = [pair.a, pair.b].map(async (engine) => {
      engine.expectFixed(3);
      const wires = give(engine, 'a', entered.a);
      return engine.reveal(wires, 'both', undefined, fixingBits(engine, Uint8Array.of(1, 0)));
    });
    const ended = sides.map((side, i) => side.finally(() => pair.links[parties[i]!].destroy()));
    expect(await Promise.allSettled(ended)).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining(usage) }),
    );
  });
});

describe('combinations', () => {
  /** Both engines after a reveal that a Fixing has followed: an input of 12 bits of each party, and then one that no Fixing has followed. */
  async function opened(use: (engine: ProvingEngine, wires: Each<Wires>, late: Wires) => Promise<void>) {
    const pair = await authenticatedPair(5);
    await Promise.all(
      [pair.a, pair.b].map(async (engine) => {
        const wires = { a: give(engine, 'a', entered.a), b: give(engine, 'b', entered.b) };
        await engine.reveal(engine.slice(wires.a, 0, 1), 'both', undefined, noFixing);
        const late = give(engine, 'a', entered.a);
        await engine.reveal(engine.slice(late, 0, 1), 'both');
        await use(engine, wires, late);
      }),
    );
  }

  test('are opened once by each party, of a whole input of its own that a Fixing has followed', async () => {
    await opened(async (engine, wires, late) => {
      const { party } = engine;
      const peer = peerOf(party);
      const bits = entered[party];
      const send = (asked: Combinations, input: Wires) => engine.sendCombinations(asked, input, bits);
      const part = engine.slice(wires[party], 0, WIDTH - 1);
      for (const wrong of [wires[peer], late, part, engine.concat(wires[party], part)]) {
        await expect(send(combinationsOf([[0]]), wrong)).rejects.toMatchObject(usage);
      }
      await expect(engine.receiveCombinations(asked, wires[party])).rejects.toMatchObject(usage);
      expect(await send(asked, wires[party])).toEqual(combine(asked, bits));
      await expect(send(asked, wires[party])).rejects.toMatchObject(usage);
      const seen = await engine.receiveCombinations(asked, wires[peer]);
      expect(seen).toEqual(combine(asked, entered[peer]));
      await expect(engine.receiveCombinations(asked, wires[peer])).rejects.toMatchObject(usage);
    });
  });

  test('have positions of the input, each combination from where the last one ends', async () => {
    const of = (positions: readonly number[], ends: readonly number[]): Combinations => ({
      positions: Uint32Array.from(positions),
      ends: Uint32Array.from(ends),
    });
    await opened(async (engine, wires) => {
      const { party } = engine;
      const peer = peerOf(party);
      for (const wrong of [
        of([WIDTH], [1]),
        of([0, 1], [1]),
        of([0], [2]),
        of([0, 1], [2, 1, 2]),
        of([0], []),
      ]) {
        const sent = engine.sendCombinations(wrong, wires[party], entered[party]);
        await expect(sent).rejects.toMatchObject(usage);
        await expect(engine.receiveCombinations(wrong, wires[peer])).rejects.toMatchObject(usage);
      }
      // What was refused has opened nothing.
      await engine.sendCombinations(asked, wires[party], entered[party]);
      await engine.receiveCombinations(asked, wires[peer]);
    });
  });

  test('are not taken by an engine that has been closed while they were on their way', async () => {
    let close = () => {};
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    await opened(async (engine, wires) => {
      if (engine.party === 'b') {
        await closed;
        await engine.sendCombinations(asked, wires.b, entered.b);
        return;
      }
      const receiving = engine.receiveCombinations(asked, wires.b);
      engine.close();
      close();
      await expect(receiving).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    });
  });
});
