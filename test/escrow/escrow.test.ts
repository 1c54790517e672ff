import { beforeAll, describe, expect, test } from 'vitest';
import { packBits, unpackBits } from '../../src/circuit/bits.ts';
import { bytesToInteger } from '../../src/crypto/integers.ts';
import { PeerCheatedError } from '../../src/errors.ts';
import {
  drawBits,
  Escrow,
  type EscrowRecord,
  isOpened,
  maskFromOpened,
  maskWidth,
  openEscrow,
  PAIRS,
  recordDigest,
  shownDigest,
  shownOf,
  verifyEscrow,
  verifyMask,
} from '../../src/escrow/index.ts';
import { splitCiphertexts } from '../../src/escrow/verify.ts';
import {
  arbiter,
  challenged,
  contextOf,
  flipped,
  forged,
  opening,
  type Settled,
  seeded,
  settled,
  xor,
} from './support.ts';

const FULL = process.env.PARLEY_FULL !== undefined;
const WIDTH = 21;
const context = contextOf(WIDTH);
let honest: Settled;
beforeAll(async () => {
  honest = await settled(context);
});

const failsAs = (name: string) => (error: unknown) =>
  error instanceof PeerCheatedError && error.check === name;
const answered = (record: EscrowRecord) => openEscrow(arbiter, record.label, shownOf(record));
const failed = (work: Promise<unknown>) => work.then(() => false, failsAs('escrow'));

describe('an honest escrow', () => {
  test.each([1, 8, 65, 113])(
    'of %d bits opens to its mask, by its owner and by the arbiter',
    async (width) => {
      const { bits, own, record } = await settled(contextOf(width));
      const mask = packBits(bits.subarray(0, maskWidth(width)));
      expect(verifyMask(record, own.open())).toEqual(bits.subarray(0, width));
      expect(own.mask()).toEqual(bits.subarray(0, width));
      expect(maskFromOpened(record, answered(record))?.mask).toEqual(mask);
    },
  );

  test('both parties have the same record of it, and the arbiter computes its digest from less', () => {
    const { own, record } = honest;
    expect(own.record).toEqual(record);
    const { second, ...shown } = shownOf(record);
    expect(Object.keys(shown)).toEqual(['challenge', 'ciphertexts']);
    expect(shownDigest(record.label, { ...shown, second })).toEqual(recordDigest(record));
  });

  test('every pair gives the mask', () => {
    const { record } = honest;
    const opened = answered(record);
    const masks = opened.map((part, k) => {
      const only = opened.map((other, i) => (i === k ? other : undefined));
      expect(isOpened(record, k, part!)).toBe(true);
      return maskFromOpened(record, only)!.mask;
    });
    expect(new Set(masks.map(String)).size).toBe(1);
  });

  test('answers once, and holds nothing afterwards', async () => {
    const random = seeded(5);
    const escrow = await Escrow.make({ ...context, bits: drawBits(WIDTH, random), random });
    const asked = challenged(context);
    const question = { ...asked, opened: opening(WIDTH, drawBits(WIDTH, random), asked) };
    escrow.answer(question);
    expect(() => escrow.answer(question)).toThrow('one challenge');
    const other = await Escrow.make({ ...context, bits: drawBits(WIDTH, random), random });
    other.discard();
    expect(() => other.answer(question)).toThrow('one challenge');
  });
});

describe('a cheat is caught', () => {
  test('who sends another length', () => {
    const bytes = Uint8Array.of(...honest.view.ciphertexts.flatMap((one) => [...one]));
    expect(splitCiphertexts(bytes, WIDTH)).toHaveLength(80);
    expect(() => splitCiphertexts(bytes.subarray(1), WIDTH)).toThrow(PeerCheatedError);
  });

  test('who sends an element that is none, or the identity, whether it is opened or not', async () => {
    for (const [at, byte] of [
      [0, 0],
      [1, 0],
      [78, 255],
      [79, 255],
    ] as const) {
      const ciphertexts = honest.view.ciphertexts.map((one, i) =>
        i === at ? one.slice().fill(byte, 0, 32) : one,
      );
      await expect(verifyEscrow({ ...honest.view, ciphertexts })).rejects.toThrow(PeerCheatedError);
    }
  });

  test('whose answer, or whose opened values, are false in any pair', async () => {
    const { view } = honest;
    for (let pair = 0; pair < PAIRS; pair += FULL ? 1 : 13) {
      expect(await failed(verifyEscrow({ ...view, seeds: flipped(view.seeds, 256 * pair + 3) }))).toBe(true);
      const opened = view.opened.map((bit, i) => (i === pair * maskWidth(WIDTH) + pair ? 1 - bit : bit));
      expect(await failed(verifyEscrow({ ...view, opened }))).toBe(true);
    }
    expect(await failed(verifyEscrow({ ...view, seeds: view.seeds.subarray(32) }))).toBe(true);
  });

  test('whose ciphertexts are of another session, role or pair', async () => {
    const { view } = honest;
    for (const other of [contextOf(WIDTH, 'buyer'), contextOf(WIDTH, 'seller', 'another')]) {
      expect(await failed(verifyEscrow({ ...view, label: other.label }))).toBe(true);
    }
    const ciphertexts = [...view.ciphertexts.slice(2), ...view.ciphertexts.slice(0, 2)];
    expect(await failed(verifyEscrow({ ...view, ciphertexts }))).toBe(true);
  });
});

/** A prover that has put another mask into the first pairs, in the ciphertext that it hopes will not be opened. */
function withBadPairs(count: number, hoped: bigint) {
  const random = seeded(6, count);
  const bits = drawBits(WIDTH, random);
  const other = random(maskWidth(WIDTH)).map((byte) => byte & 1);
  const isBad = (pair: number, bit: number) => pair < count && Number((hoped >> BigInt(pair)) & 1n) !== bit;
  const made = forged(context, bits, (right, pair, bit) => (isBad(pair, bit) ? xor(right, other) : right));
  return {
    bits,
    view(asked: ReturnType<typeof challenged>) {
      const opened = opening(WIDTH, bits, asked);
      return {
        ...context,
        ...asked,
        ciphertexts: made.ciphertexts,
        opened,
        seeds: made.seeds(asked.challenge),
      };
    },
  };
}

describe('an escrow with j bad pairs', () => {
  test(
    'passes one time in 2^j, and still opens to the mask',
    async () => {
      const runs = FULL ? 2_000 : 80;
      const random = seeded(7);
      let distance = 0;
      const sizes = FULL ? [1, 2, 3, 4, 5, 6] : [1, 3, 6];
      for (const count of sizes) {
        const prover = withBadPairs(count, bytesToInteger(random(5)));
        let passed = 0;
        for (let run = 0; run < runs; run++) {
          const view = prover.view(challenged(context, random));
          const record = await verifyEscrow(view).catch((error: unknown) => {
            if (!failsAs('escrow')(error)) throw error;
            return undefined;
          });
          if (record === undefined) continue;
          passed += 1;
          if (passed > 2) continue;
          const mask = maskFromOpened(record, answered(record))!;
          expect(mask.index).toBe(count);
          expect(unpackBits(mask.mask, WIDTH)).toEqual(prover.bits.subarray(0, WIDTH));
        }
        const expected = runs / 2 ** count;
        distance += (passed - expected) ** 2 / (expected * (1 - 2 ** -count));
      }
      // χ² with as many degrees of freedom as sizes, above which one run in a million is
      expect(distance).toBeLessThan(sizes.length === 6 ? 38.3 : 30.7);
    },
    FULL ? 600_000 : 30_000,
  );

  test('passes if the challenge is the one hoped for, and then opens to another mask if all are bad: 2⁻⁴⁰', async () => {
    const hoped = 0x5a_1234_5678n;
    const prover = withBadPairs(PAIRS, hoped);
    const { matrix } = challenged(context);
    const record = await verifyEscrow(prover.view({ challenge: hoped, matrix }));
    // even then the tag refuses what is in it
    expect(maskFromOpened(record, answered(record))).toBeUndefined();
    expect(await failed(verifyEscrow(prover.view({ challenge: hoped ^ 1n, matrix })))).toBe(true);
  });
});

describe('a mask that its owner opens', () => {
  const refused = (record: EscrowRecord, opening: ReturnType<Settled['own']['open']>) => {
    try {
      verifyMask(record, opening);
      return false;
    } catch (error) {
      return failsAs('mask')(error);
    }
  };

  test('is refused if anything in it is changed', () => {
    const { own, record } = honest;
    const opened = own.open();
    for (let bit = 0; bit < 8 * opened.mask.length; bit++) {
      expect(refused(record, { ...opened, mask: flipped(opened.mask, bit) })).toBe(true);
    }
    expect(refused(record, { ...opened, seed: flipped(opened.seed, 0) })).toBe(true);
    for (const index of [1, 39, 40, 255]) expect(refused(record, { ...opened, index })).toBe(true);
    expect(refused(record, { ...opened, mask: opened.mask.subarray(1) })).toBe(true);
    expect(refused(record, { ...opened, seed: opened.seed.subarray(1) })).toBe(true);
  });

  test('is refused with another pad that has the same tag: the ciphertext was there before A', () => {
    const { bits, own, record } = honest;
    const mask = bits.slice(0, maskWidth(WIDTH));
    // o with its first bit changed, and each bit of the pad with which that bit is in the tag
    mask[0]! ^= 1;
    const asked = { challenge: honest.view.challenge, matrix: honest.view.matrix };
    const of = (one: Uint8Array) =>
      opening(WIDTH, Uint8Array.from([...one, ...bits.subarray(one.length)]), asked).slice(-48);
    const difference = xor(of(mask), of(bits.subarray(0, maskWidth(WIDTH))));
    difference.forEach((bit, i) => {
      mask[WIDTH + i]! ^= bit;
    });
    expect(of(mask)).toEqual(of(bits.subarray(0, maskWidth(WIDTH))));
    const opened = { ...own.open(), mask: packBits(mask) };
    expect(refused(record, opened)).toBe(true);
  });

  test('is refused in a ciphertext of one’s own that was bad and was not opened', async () => {
    const random = seeded(8);
    for (;;) {
      const prover = withBadPairs(1, bytesToInteger(random(5)));
      const view = prover.view(challenged(context, random));
      const record = await verifyEscrow(view).catch(() => undefined);
      if (record === undefined) continue;
      const [{ plaintext, seed }] = answered(record) as [NonNullable<ReturnType<typeof answered>[0]>];
      const mask = plaintext.map((byte, i) => byte ^ record.shares[i]!);
      expect(isOpened(record, 0, { plaintext, seed })).toBe(true);
      expect(refused(record, { mask, index: 0, seed })).toBe(true);
      return;
    }
  });
});

describe('the arbiter', () => {
  test(
    'sees ciphertexts of 40 uniform strings, whatever the mask',
    async () => {
      const samples = FULL ? 10_000 : 400;
      const ones = new Float64Array(8 * packBits(new Uint8Array(maskWidth(WIDTH))).length);
      const random = seeded(10);
      const mask = new Uint8Array(maskWidth(WIDTH)).fill(1);
      let seen = 0;
      while (seen < samples) {
        const bits = Uint8Array.from([...mask, ...drawBits(WIDTH, random).subarray(mask.length)]);
        const escrow = await Escrow.make({ ...context, bits, random });
        const asked = challenged(context, random);
        const { record } = escrow.answer({ ...asked, opened: opening(WIDTH, bits, asked) });
        for (const part of answered(record)) {
          unpackBits(part!.plaintext).forEach((bit, i) => {
            ones[i]! += bit;
          });
          seen += 1;
        }
      }
      const used = ones.subarray(0, maskWidth(WIDTH));
      const distance = used.reduce((sum, count) => sum + (count - seen / 2) ** 2 / (seen / 4), 0);
      expect(distance).toBeLessThan(145); // χ² with 69 degrees of freedom, one run in a million
      expect([...ones.subarray(used.length)]).toEqual([0, 0, 0]);
    },
    FULL ? 600_000 : 30_000,
  );

  test('opens nothing that was made for another session, role, pair or place', () => {
    const { record } = honest;
    const shown = shownOf(record);
    const none = Array.from({ length: PAIRS }, () => undefined);
    for (const other of [contextOf(WIDTH, 'buyer'), contextOf(WIDTH, 'seller', 'another session')]) {
      expect(openEscrow(arbiter, other.label, shown)).toEqual(none);
    }
    const rotated = [...shown.ciphertexts.slice(1), shown.ciphertexts[0]!];
    expect(openEscrow(arbiter, record.label, { ...shown, ciphertexts: rotated })).toEqual(none);
    const inverted = shown.challenge.map((byte) => byte ^ 255);
    expect(openEscrow(arbiter, record.label, { ...shown, challenge: inverted })).toEqual(none);
  });

  test('is not believed when it says something else about a ciphertext', () => {
    const { record } = honest;
    const opened = answered(record)[3]!;
    expect(isOpened(record, 3, { ...opened, plaintext: flipped(opened.plaintext, 0) })).toBe(false);
    expect(isOpened(record, 3, { ...opened, seed: flipped(opened.seed, 255) })).toBe(false);
    expect(isOpened(record, 4, opened)).toBe(false);
    const lies = answered(record).map((part) => ({ ...part!, plaintext: flipped(part!.plaintext, 0) }));
    expect(maskFromOpened(record, lies)).toBeUndefined();
  });

  test('cannot tell a record’s digest from less than all of it', () => {
    const { record } = honest;
    const full = recordDigest(record);
    const changes: Partial<EscrowRecord>[] = [
      { shares: flipped(record.shares, 0) },
      { tag: flipped(record.tag, 0) },
      { matrix: flipped(record.matrix, 0) },
      { challenge: flipped(record.challenge, 0) },
      { ciphertexts: [...record.ciphertexts.slice(1), record.ciphertexts[0]!] },
      { label: contextOf(WIDTH, 'buyer').label },
    ];
    for (const change of changes) expect(recordDigest({ ...record, ...change })).not.toEqual(full);
  });
});
