import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { CHUNK_ROWS } from '../../src/ot/extension/streams.ts';
import {
  CotReceiver,
  CotSender,
  chosenSeedsFromMacs,
  cotBatch,
  cotSetup,
  dealtBaseOts,
  dealtCots,
  MAX_BATCH,
  seedPairsFromKeys,
} from '../../src/ot/index.ts';
import { bitAt } from '../../src/ot/seeds.ts';
import { isZero, memoryOf } from '../support/kernel-memory.ts';
import { dealtPair, keysOf, type Options } from './support.ts';

/** Runs batches of the given sizes and gives what both ends hold. */
function runBatches(counts: readonly number[], options: Options = {}) {
  const { random, kernel, delta, receiver, sender } = dealtPair(options);
  sender.acceptSetup(receiver.setup);
  return counts.map((count) => {
    const choices = random(Math.ceil(count / 8)).slice();
    const { message, macs } = receiver.extend(count, choices);
    const keys = sender.extend(count, message);
    const result = {
      choices,
      delta,
      message,
      macs: kernel.read(macs, count * 16),
      keys: kernel.read(keys, count * 16),
    };
    kernel.free(macs);
    kernel.free(keys);
    return result;
  });
}

describe('COT extension', () => {
  it.each([1, 2, 4, 8] as const)('gives K = M ⊕ x·Δ at depth %i', (depth) => {
    for (const { macs, keys, choices, delta } of runBatches([1, 127, 128, 129, 1000], { depth })) {
      expect(keys).toEqual(keysOf(macs, choices, delta));
    }
  });

  it('spans chunks', () => {
    const counts = [CHUNK_ROWS - 128, CHUNK_ROWS - 127, CHUNK_ROWS, 2 * CHUNK_ROWS + 5];
    for (const { macs, keys, choices, delta } of runBatches(counts)) {
      expect(Buffer.compare(keys, keysOf(macs, choices, delta))).toBe(0);
    }
  });

  it('agrees with its ideal twin on what each end holds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.boolean(),
        fc.nat(255),
        (count, choiceInBit0, seed) => {
          const [{ macs, keys, choices, delta }] = runBatches([count], { choiceInBit0, seed }) as [
            ReturnType<typeof runBatches>[0],
          ];
          let handed = false;
          const twin = dealtCots(
            (length) => {
              expect(handed || length !== macs.length).toBe(false);
              handed = true;
              return macs.slice();
            },
            delta,
            choices,
            count,
            choiceInBit0,
          );
          expect(macs).toEqual(twin.macs);
          expect(keys).toEqual(twin.keys);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('puts choices into bit 0 of the MACs and zero into bit 0 of the keys, on request', () => {
    const [{ macs, keys, choices, delta }] = runBatches([777], { choiceInBit0: true }) as [
      ReturnType<typeof runBatches>[0],
    ];
    for (let i = 0; i < 777; i++) {
      expect(macs[i * 16]! & 1).toBe(bitAt(choices, i));
      expect(keys[i * 16]! & 1).toBe(0);
    }
    expect(keys).toEqual(keysOf(macs, choices, delta));
  });

  it('draws choices when none are given', () => {
    const { kernel, delta, receiver, sender } = dealtPair({ choiceInBit0: true });
    sender.acceptSetup(receiver.setup);
    const { message, macs } = receiver.extend(4000);
    const held = kernel.read(macs, 64_000);
    const choices = new Uint8Array(500);
    for (let i = 0; i < 4000; i++) choices[i >> 3]! |= (held[i * 16]! & 1) << (i & 7);
    expect(kernel.read(sender.extend(4000, message), 64_000)).toEqual(keysOf(held, choices, delta));
    const ones = choices.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    expect(Math.abs(ones - 2000)).toBeLessThan(300);
  });

  it('never repeats a stream: every key over several batches is different', () => {
    const seen = new Set<string>();
    const counts = [200, 200, 200, 1, 1, 128];
    for (const { keys } of runBatches(counts)) {
      for (let at = 0; at < keys.length; at += 16)
        seen.add(Buffer.from(keys.subarray(at, at + 16)).toString('hex'));
    }
    expect(seen.size).toBe(counts.reduce((sum, count) => sum + count));
  });

  it('keeps its wire format', () => {
    const { receiver } = dealtPair();
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const fields = (record: object) =>
      Object.fromEntries(Object.entries(record).map(([name, bytes]) => [name, digest(bytes)]));
    expect({
      setup: fields(receiver.setup),
      first: fields(receiver.extend(1000, new Uint8Array(125).fill(0x5a)).message),
      second: fields(receiver.extend(CHUNK_ROWS, new Uint8Array(CHUNK_ROWS / 8)).message),
    }).toMatchInlineSnapshot(`
      {
        "first": {
          "choiceHash": "efcf8283f25c6c1c",
          "correction": "e51cac9940dd5647",
          "macHash": "6948e60274958248",
        },
        "second": {
          "choiceHash": "05a9d3ba7f997e5c",
          "correction": "793e82866f5d79f1",
          "macHash": "b49650149e3b8b34",
        },
        "setup": {
          "digest": "b5d3ac803caf8209",
          "proof": "4a6c8e1315a28e25",
          "sums": "333ff347fe1a1954",
        },
      }
    `);
  });

  it('sends messages whose lengths depend on public data only', () => {
    for (const depth of [1, 2, 4, 8] as const) {
      for (const count of [1, 128, 129, 5000]) {
        for (const fill of [0, 255]) {
          const { receiver } = dealtPair({ depth });
          const { message } = receiver.extend(count, new Uint8Array(Math.ceil(count / 8)).fill(fill));
          const expected = cotBatch.lengths({ count, depth });
          for (const [field, length] of Object.entries(expected)) {
            expect(message[field as keyof typeof message].length).toBe(length);
          }
          const setup = cotSetup.lengths({ depth });
          for (const [field, length] of Object.entries(setup)) {
            expect(receiver.setup[field as keyof typeof receiver.setup].length).toBe(length);
          }
        }
      }
    }
  });

  it('costs 32 bits a COT at the default depth', () => {
    expect(cotBatch.lengths({ count: 1 << 20 }).correction).toBe((1 << 22) + 512);
  });

  it('refuses counts out of range and choices of another length', () => {
    const { receiver } = dealtPair();
    for (const count of [0, -1, 1.5, MAX_BATCH + 1, Number.NaN]) {
      expect(() => receiver.extend(count)).toThrow(RangeError);
    }
    expect(() => receiver.extend(9, new Uint8Array(1))).toThrow(RangeError);
  });

  it('says nothing about the choices in its corrections', () => {
    // the same choice in every COT of 40 sessions: each correction bit is still a fair coin
    for (const fill of [0, 255]) {
      let ones = 0;
      let bits = 0;
      for (let seed = 0; seed < 40; seed++) {
        const { receiver } = dealtPair({ seed });
        const { correction, choiceHash } = receiver.extend(128, new Uint8Array(16).fill(fill)).message;
        for (const byte of [...correction, ...choiceHash]) {
          ones += byte.toString(2).replaceAll('0', '').length;
          bits += 8;
        }
      }
      expect(Math.abs(ones / bits - 0.5)).toBeLessThan(0.01);
    }
  });

  it('leaves nothing in memory once closed', () => {
    const random = seededRandom(new Uint8Array(16).fill(6));
    const kernel = new Kernel();
    const delta = random(16).slice();
    const { pairs, chosen } = dealtBaseOts(random, delta);
    const common = { kernel, sid: random(32), direction: 'ba' };
    const receiver = new CotReceiver({ ...common, random, seeds: pairs });
    const sender = new CotSender({ ...common, delta, seeds: chosen });
    sender.acceptSetup(receiver.setup);
    for (const seeds of [pairs.zero, pairs.one, chosen]) expect(seeds).toEqual(new Uint8Array(2048));
    const { message, macs } = receiver.extend(500);
    const keys = sender.extend(500, message);
    const memory = () => !isZero(memoryOf(kernel)());
    expect(memory()).toBe(true);
    kernel.free(macs);
    kernel.free(keys);
    for (let times = 0; times < 2; times++) {
      receiver.close();
      sender.close();
    }
    expect(memory()).toBe(false);
    expect(() => receiver.extend(1)).toThrow('closed');
    expect(() => sender.extend(1, message)).toThrow('not ready');
  });
});

describe('base seeds from COTs', () => {
  it('are what base OTs with those choices give, and serve the other direction', () => {
    const { kernel, random, delta, receiver, sender } = dealtPair();
    sender.acceptSetup(receiver.setup);
    const otherDelta = random(16).slice();
    const { message, macs } = receiver.extend(128, otherDelta);
    const keys = sender.extend(128, message);
    const sid = random(32);
    const pairs = seedPairsFromKeys(kernel, keys, delta, sid, 'ba');
    const chosen = chosenSeedsFromMacs(kernel, macs, sid, 'ba');
    for (let i = 0; i < 128; i++) {
      const [mine, other] = bitAt(otherDelta, i) === 1 ? [pairs.one, pairs.zero] : [pairs.zero, pairs.one];
      const at = i * 16;
      expect(chosen.subarray(at, at + 16)).toEqual(mine.subarray(at, at + 16));
      expect(chosen.subarray(at, at + 16)).not.toEqual(other.subarray(at, at + 16));
    }
    expect(chosenSeedsFromMacs(kernel, macs, sid, 'ab')).not.toEqual(chosen);
    const common = { kernel, sid, direction: 'ba' };
    const back = new CotReceiver({ ...common, random, seeds: pairs });
    const front = new CotSender({ ...common, delta: otherDelta, seeds: chosen });
    front.acceptSetup(back.setup);
    const batch = back.extend(300, new Uint8Array(38).fill(0x3c));
    const held = kernel.read(batch.macs, 4800);
    expect(kernel.read(front.extend(300, batch.message), 4800)).toEqual(
      keysOf(held, new Uint8Array(38).fill(0x3c), otherDelta),
    );
  });
});

describe('the ideal twin', () => {
  it('deals base OTs: the chosen seed is that of the choice', () => {
    const random = seededRandom(new Uint8Array(16));
    const choices = random(16);
    const { pairs, chosen } = dealtBaseOts(random, choices);
    for (let i = 0; i < 128; i++) {
      const side = bitAt(choices, i) === 1 ? pairs.one : pairs.zero;
      expect(chosen.subarray(i * 16, i * 16 + 16)).toEqual(side.subarray(i * 16, i * 16 + 16));
    }
  });

  it('needs no shared memory: both ends may live in different kernels', () => {
    const random = seededRandom(new Uint8Array(16).fill(4));
    const delta = random(16).slice();
    const { pairs, chosen } = dealtBaseOts(random, delta);
    const [left, right] = [new Kernel(), new Kernel()];
    const common = { sid: random(32), direction: 'x' };
    const receiver = new CotReceiver({ ...common, kernel: left, random, seeds: pairs });
    const sender = new CotSender({ ...common, kernel: right, delta, seeds: chosen });
    sender.acceptSetup(receiver.setup);
    const choices = random(10).slice();
    const { message, macs } = receiver.extend(80, choices);
    const keys = right.read(sender.extend(80, message), 1280);
    expect(keys).toEqual(keysOf(left.read(macs, 1280), choices, delta));
  });
});
