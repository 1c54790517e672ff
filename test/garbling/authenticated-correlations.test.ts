import { describe, expect, test, vi } from 'vitest';
import { Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import {
  EvaluatorCorrelations,
  GarblerCorrelations,
} from '../../src/garbling/authenticated/ot-correlations.ts';
import { type Intercept, memoryLinkPair } from '../../src/link/memory-link.ts';
import { type DealtBaseOts, dealtBaseOts } from '../../src/ot/index.ts';

// Extensions so small that a few hundred bits take one, and some thousands take several.
vi.mock('../../src/ot/silent/sizes.ts', () => ({
  SILENT_FROM: 500,
  SILENT_SIZES: [
    { depth: 7, secretBits: 8, mostTrees: 12 },
    { depth: 8, secretBits: 9, mostTrees: 16 },
  ],
}));

/** The names of all extensions, at both ends. */
const names: string[] = [];
vi.mock('../../src/ot/silent/name.ts', async (original) => {
  const module = await original<typeof import('../../src/ot/silent/name.ts')>();
  const nodeCipher: typeof module.nodeCipher = (name) => {
    names.push(`${name.direction} ${name.number}`);
    return module.nodeCipher(name);
  };
  return { ...module, nodeCipher };
});

const seed = (label: number) => new Uint8Array(16).fill(label);

/** Both ends over memory links, with dealt base OTs. */
async function ends(intercept: Intercept = (_side, _type, fields) => fields) {
  const links = memoryLinkPair({ intercept });
  const sid = seed(3);
  let dealt: DealtBaseOts | undefined;
  const evaluator = new EvaluatorCorrelations(
    { kernel: new Kernel(), random: seededRandom(seed(2)), sid },
    (delta) => {
      const bases = dealtBaseOts(seededRandom(seed(4)), delta);
      dealt = bases;
      return { message: new Uint8Array(128 * 64), keys: () => bases.chosen, clear() {} };
    },
  );
  const garbler = new GarblerCorrelations(
    { kernel: new Kernel(), random: seededRandom(seed(1)), sid },
    { keys: () => dealt!.pairs },
  );
  await evaluator.begin(links[1]);
  return { garbler, evaluator, links };
}

/** Whether every MAC is its key, plus the key holder's Δ where its bit 0 is 1, and every key has bit 0 zero. */
function agree(
  [macKernel, macs]: readonly [Kernel, Pointer],
  [keyKernel, keys, delta]: readonly [Kernel, Pointer, Pointer],
  count: number,
): boolean {
  const words = (kernel: Kernel, pointer: Pointer, blocks: number) =>
    new BigUint64Array(kernel.read(pointer, 16 * blocks).buffer);
  const [m, k, d] = [
    words(macKernel, macs, count),
    words(keyKernel, keys, count),
    words(keyKernel, delta, 1),
  ];
  for (let i = 0; i < 2 * count; i += 2) {
    const bit = m[i]! & 1n;
    if ((k[i]! & 1n) !== 0n || m[i] !== (k[i]! ^ (d[0]! * bit)) || m[i + 1] !== (k[i + 1]! ^ (d[1]! * bit))) {
      return false;
    }
  }
  return true;
}

type Ends = Awaited<ReturnType<typeof ends>>;

/** Random bits in both directions; `verified` is what the evaluator does in between. */
async function bits({ garbler, evaluator, links }: Ends, count: number, verified = async () => {}) {
  const offered = garbler.offer(links[0], count);
  const [macs, keys, own] = await Promise.all([
    offered,
    offered.then(() => garbler.accept(links[0], count)),
    evaluator.exchange(links[1], count, verified),
  ]);
  return { garbler: { macs, keys }, evaluator: own };
}

describe('random bits both ways at once', () => {
  test.each([
    ['few at a time', [1, 300, 499]],
    ['many', [500]],
    ['many, some of what is left over, and the rest of it with others', [900, 60, 450]],
    ['several extensions, which go on with what earlier ones have kept', [12_000, 500, 5_000, 3, 700]],
  ])('are authenticated in both directions: %s', async (_, counts) => {
    const both = await ends();
    const { garbler, evaluator } = both;
    const seen = { garbler: new Set<string>(), evaluator: new Set<string>() };
    for (const count of counts) {
      const made = await bits(both, count);
      const [a, b] = [made.garbler, made.evaluator];
      expect(agree([garbler.kernel, a.macs], [evaluator.kernel, b.keys, evaluator.delta], count)).toBe(true);
      expect(agree([evaluator.kernel, b.macs], [garbler.kernel, a.keys, garbler.delta], count)).toBe(true);
      for (const [party, pointer, kernel] of [
        ['garbler', a.macs, garbler.kernel],
        ['evaluator', b.macs, evaluator.kernel],
      ] as const) {
        const bytes = Buffer.from(kernel.read(pointer, 16 * count));
        for (let i = 0; i < count; i += 1) seen[party].add(bytes.toString('hex', 16 * i, 16 * i + 16));
      }
    }
    const total = counts.reduce((sum, count) => sum + count);
    expect([seen.garbler.size, seen.evaluator.size]).toEqual([total, total]); // no bit is given twice
  });

  test('of several extensions have names of their own, direction by direction', async () => {
    names.length = 0;
    const both = await ends();
    await bits(both, 9_000);
    await bits(both, 5_000);
    const directions = ['bits of the evaluator', 'bits of the garbler'];
    const extensions = names.length / 4; // of each the sender and the receiver, in each direction
    expect(extensions).toBeGreaterThan(3);
    const expected = directions.flatMap((direction) =>
      Array.from({ length: extensions }, (_, number) => `${direction} ${number}`),
    );
    expect(names.toSorted()).toEqual([...expected, ...expected].toSorted());
  });

  test('take three messages in each direction for many, and none for what is left over', async () => {
    const sent: string[] = [];
    const both = await ends((side, type, fields) => {
      sent.push(`${side} ${type.name}`);
      return fields;
    });
    sent.length = 0;
    await bits(both, 900);
    const ofBoth = (side: string) =>
      sent.filter((name) => name.startsWith(side)).map((name) => name.slice(2));
    const extension = ['silent OT trees', 'silent OT challenge', 'silent OT answer'];
    expect(ofBoth('a')).toEqual(['COT setup', 'COT batch', 'COT batch', ...extension]);
    expect(ofBoth('b')).toEqual(['COT setup', 'COT batch', ...extension]);
    const flights = () => Math.max(...both.links.map(({ stats }) => stats.flights));
    expect(flights()).toBe(6); // that of the base OTs is the first
    sent.length = 0;
    await bits(both, 40);
    expect(sent).toEqual([]);
    await bits(both, 900);
    expect(ofBoth('a')).toEqual(extension);
    expect(flights()).toBe(9);
  });

  test.each([
    [300, ['a COT batch', 'verified', 'b COT batch']],
    [900, ['a COT batch', 'b COT batch', 'a silent OT answer', 'b silent OT answer', 'verified']],
  ])('of %i, the evaluator goes on only once all of the garbler’s are verified', async (count, order) => {
    const events: string[] = [];
    const both = await ends((side, type, fields) => {
      if (order.includes(`${side} ${type.name}`)) events.push(`${side} ${type.name}`);
      return fields;
    });
    await bits(both, count, async () => {
      events.push('verified');
    });
    expect(events.shift()).toBe('a COT batch'); // the base OTs of the other direction
    expect(
      count === 300 ? events : [...events.slice(0, 2), ...events.slice(2, 4).sort(), ...events.slice(4)],
    ).toEqual(order);
  });

  test.each([300, 900])('of %i, a false correction ends it before anything follows', async (count) => {
    let batches = 0;
    const { garbler, evaluator, links } = await ends((side, type, fields) => {
      if (side === 'a' && type.name === 'COT batch' && batches++ === 1) fields.correction![5]! ^= 1;
      return fields;
    });
    const offered = garbler.offer(links[0], count);
    const accepted = offered.then(() => garbler.accept(links[0], count)).catch(() => undefined);
    let verified = false;
    const exchanged = evaluator.exchange(links[1], count, async () => {
      verified = true;
    });
    await expect(exchanged).rejects.toMatchObject({ code: 'ERR_PEER_CHEATED' });
    expect(verified).toBe(false);
    links[1].destroy();
    await accepted;
  });

  test('are accepted as many as have been offered', async () => {
    const { garbler, evaluator, links } = await ends();
    const offered = garbler.offer(links[0], 10);
    const exchanged = evaluator.exchange(links[1], 10, async () => {}).catch(() => undefined);
    await offered;
    await expect(garbler.accept(links[0], 11)).rejects.toThrow('as many bits');
    links[0].destroy();
    await exchanged;
  });
});
