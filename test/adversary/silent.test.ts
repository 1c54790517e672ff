import { afterAll, describe, expect, test, vi } from 'vitest';
import { blockAt, Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { atOnce } from '../../src/crypto/slices.ts';
import { PeerCheatedError } from '../../src/errors.ts';
import {
  baseOf,
  dealtCots,
  leavesOf,
  roomFor,
  SILENT_SIZES,
  SilentReceiver,
  SilentSender,
} from '../../src/ot/index.ts';
import { attacksOn, honestRuns, runAll, unnoticed } from './harness/campaign.ts';
import { type Seat, seats } from './harness/checks.ts';
import { Coverage } from './harness/coverage.ts';
import { course, meet } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
// So small that every run has extensions.
vi.mock('../../src/ot/silent/sizes.ts', () => ({
  SILENT_FROM: 200,
  SILENT_SIZES: [{ depth: 7, secretBits: 8, mostTrees: 16 }],
}));

const FULL = process.env.PARLEY_FULL !== undefined;
const coverage = new Coverage();

describe.each(['a', 'b'] as const)('whatever %s changes in an extension, the other party is safe', (from) => {
  test.each(FULL ? [meet, course] : [meet])(
    '$name',
    async (program) => {
      const [sent, strange] = await honestRuns(program, 'dealt');
      const all = attacksOn(sent, strange, from).filter(({ target }) =>
        target.message.startsWith('silent OT'),
      );
      const attacks = FULL ? all : all.filter((_, index) => index % 2 === 0);
      const last = sent.findLast(({ side }) => side === from)!;
      await runAll({ program, baseOts: 'dealt', coverage, last }, attacks);
    },
    240_000,
  );
});

describe('coverage', () => {
  test('every field of every message has been attacked', () => {
    expect(coverage.untested([[0x24, 0x26]])).toEqual([]);
  });

  test.each(['a', 'b'])('a false noise hash of %s goes unnoticed', (from) => {
    expect(coverage.times(`silent OT challenge.noiseHash ${from}`, 'right')).toBeGreaterThan(0);
  });

  afterAll(() => {
    console.log(coverage.table(new Map([...unnoticed].map(([key, { reason }]) => [key, reason]))));
  });
});

const shape = { size: SILENT_SIZES[0]!, trees: 4 };
const { depth } = shape.size;
const WIDTH = 2 ** depth;

/** Both ends of one extension over dealt COTs, the corrections made; `tamper` can change the sender's kernel. */
function extension(seed: number, tamper: (kernel: Kernel) => void = () => {}) {
  const random = seededRandom(new Uint8Array(16).fill(seed));
  const kernel = new Kernel();
  const delta = random(16).slice();
  delta[0]! |= 1;
  const count = baseOf(shape.size);
  const base = dealtCots(random, delta, random(Math.ceil(count / 8)), count, true);
  const put = (bytes: Uint8Array): Pointer => {
    const pointer = kernel.allocate(bytes.length);
    kernel.write(pointer, bytes);
    return pointer;
  };
  const common = { kernel, random, shape, name: { sid: random(32), direction: 'ab', number: 0 } };
  const [keys, macs] = [kernel.allocate(16 * roomFor(shape)), kernel.allocate(16 * roomFor(shape))];
  const sender = new SilentSender({
    ...common,
    arrays: { base: put(base.keys), leaves: keys },
    delta: put(delta),
  });
  const receiver = new SilentReceiver({ ...common, arrays: { base: put(base.macs), leaves: macs } });
  tamper(kernel);
  const corrections = atOnce(sender.grow());
  const read = (pointer: Pointer) => kernel.read(pointer, 16 * leavesOf(shape));
  return { delta, sender, receiver, corrections, leaves: () => ({ keys: read(keys), macs: read(macs) }) };
}

/** The numbers of leaves at which M = K ⊕ x·Δ does not hold, and of those with x = 1: the noise, before the code is applied. */
function relation({ delta, leaves }: ReturnType<typeof extension>) {
  const { keys, macs } = leaves();
  const wrong: number[] = [];
  const noise: number[] = [];
  for (let leaf = 0; leaf < leavesOf(shape); leaf += 1) {
    const bit = macs[16 * leaf]! & 1;
    if (bit === 1) noise.push(leaf);
    const differs = delta.some((byte, j) => (keys[16 * leaf + j]! ^ (bit * byte)) !== macs[16 * leaf + j]!);
    if (differs) wrong.push(leaf);
  }
  return { wrong, noise };
}

/** Whether the receiver passes the sender's answer in a seat where these checks are off. */
async function passes(
  { sender, receiver, corrections }: ReturnType<typeof extension>,
  off: readonly string[],
) {
  const seat: Seat = { party: 'b', honest: true, off: new Set(off), failed: [] };
  return seats.run(seat, async () => {
    const challenge = atOnce(receiver.challenge(corrections));
    const digest = atOnce(sender.answer(challenge));
    try {
      receiver.verify(digest);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(PeerCheatedError);
      return false;
    }
  });
}

describe('corrections that the sender has changed', () => {
  test('on the last level of a tree make MACs wrong beside the noise and there alone, if the check is off, and are caught by it', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const tree = seed % shape.trees;
      const changed = () => {
        const run = extension(seed);
        run.corrections[16 * (tree * depth + depth - 1) + 7]! ^= 0x10;
        return run;
      };
      const unchecked = changed();
      expect(await passes(unchecked, ['silent OT leaves'])).toBe(true);
      const { wrong, noise } = relation(unchecked);
      // What the sender would learn from how the receiver goes on: where the noise is, up to the last bit.
      expect(wrong).toEqual([noise[tree]! & ~1, noise[tree]! | 1]);
      expect(await passes(changed(), [])).toBe(false);
    }
  });

  // The bet that the assumption allows: the sender's tree suits paths through one of the two nodes of the first level, and no others.
  test('can be made to suit a guess of one bit of the path, which is right half of the time, and then all MACs are right', async () => {
    const seen = { passed: 0, caught: 0 };
    for (let seed = 1; seed <= 24; seed += 1) {
      const run = bet(seed);
      const passed = await passes(run, []);
      const { wrong, noise } = relation(run);
      expect(passed).toBe((noise[0]! & (WIDTH / 2)) === 0);
      if (passed) expect(wrong).toEqual([]);
      else expect(wrong.length).toBeGreaterThan(WIDTH / 4);
      seen[passed ? 'passed' : 'caught'] += 1;
    }
    expect(seen.passed).toBeGreaterThan(4);
    expect(seen.caught).toBeGreaterThan(4);
  });
});

/** An extension whose sender adds an error to both nodes below the left one of tree 0: the sums of nodes are then right for paths through that one. */
function bet(seed: number): ReturnType<typeof extension> {
  return extension(seed, (kernel) => {
    const honestly = kernel.call.growNodes;
    kernel.call.growNodes = (nodes, outputs, corrections, keys, stride, width, trees) => {
      honestly(nodes, outputs, corrections, keys, stride, width, trees);
      if (width !== 2) return;
      for (const block of [nodes, blockAt(nodes, 1), corrections]) kernel.view(block, 1)[0]! ^= 0x5a;
    };
  });
}
