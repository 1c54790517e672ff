import { describe, expect, test } from 'vitest';
import { Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import {
  EvaluatorCorrelations,
  GarblerCorrelations,
} from '../../src/garbling/authenticated/ot-correlations.ts';
import { type Intercept, memoryLinkPair } from '../../src/link/memory-link.ts';
import { type DealtBaseOts, dealtBaseOts } from '../../src/ot/index.ts';

const TWO_PARTS = 2 ** 20 + 300;
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

describe('random bits both ways at once', () => {
  test.each([1, 300, TWO_PARTS])('are authenticated in both directions: %i of them, twice', async (count) => {
    const { garbler, evaluator, links } = await ends();
    for (let time = 0; time < 2; time += 1) {
      const offered = garbler.offer(links[0], count);
      const [macs, keys, own] = await Promise.all([
        offered,
        offered.then(() => garbler.accept(links[0], count)),
        evaluator.exchange(links[1], count, async () => {}),
      ]);
      expect(agree([garbler.kernel, macs], [evaluator.kernel, own.keys, evaluator.delta], count)).toBe(true);
      expect(agree([evaluator.kernel, own.macs], [garbler.kernel, keys, garbler.delta], count)).toBe(true);
    }
  });

  test.each([
    [300, ['a', 'verified', 'b']],
    [TWO_PARTS, ['a', 'a', 'verified']],
  ])('of %i, the evaluator goes on only once all of the garbler’s are verified', async (count, order) => {
    const events: string[] = [];
    const { garbler, evaluator, links } = await ends((side, type, fields) => {
      if (type.name === 'COT batch') events.push(side);
      return fields;
    });
    const offered = garbler.offer(links[0], count);
    await Promise.all([
      offered.then(() => garbler.accept(links[0], count)),
      evaluator.exchange(links[1], count, async () => {
        events.push('verified');
      }),
    ]);
    events.splice(events.indexOf('a'), 1); // the base OTs of the other direction
    expect(count === 300 ? events : events.filter((event) => event !== 'b')).toEqual(order);
  });

  test.each([
    [300, 1],
    [TWO_PARTS, 1],
    [TWO_PARTS, 2],
  ])('of %i, a false correction in part %i ends it before anything follows', async (count, part) => {
    let batches = 0;
    const { garbler, evaluator, links } = await ends((side, type, fields) => {
      if (side === 'a' && type.name === 'COT batch' && batches++ === part) fields.correction![5]! ^= 1;
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
});
