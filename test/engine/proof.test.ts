import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Kernel } from '../../src/crypto/kernel.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Bits, Fixing, Party, ProvingEngine, Wires } from '../../src/engine/engine.ts';
import { GateValues } from '../../src/garbling/authenticated/gate-values.ts';
import { element, multiply } from '../crypto/polynomial-hash-reference.ts';
import { type AuthenticatedPair, authenticatedPair } from './authenticated-pair.ts';
import { andCircuit, give } from './contract.ts';
import { evaluatePlain, picker, randomBits, randomCircuit } from './random-circuit.ts';

type Pair = Readonly<Record<Party, ProvingEngine>> & { readonly links?: AuthenticatedPair['links'] };

const parties: readonly Party[] = ['a', 'b'];
const noFixing: Fixing = { send: async () => undefined, receive: async () => undefined };

interface Scene {
  /** What each party enters, input by input, and what it proves of it. */
  readonly entered: Readonly<Record<Party, readonly Bits[]>>;
  readonly circuit: Readonly<Record<Party, Parameters<ProvingEngine['sendProof']>[0]>>;
  /** What each party takes for its inputs in the proof, where that is something else. */
  readonly claimed?: Partial<Record<Party, Bits>>;
  readonly prepared?: 'triples' | 'all' | undefined;
}

const joined = (bits: readonly Bits[]) => Uint8Array.from(bits.flatMap((part) => [...part]));

/** Both parties enter, reveal an AND, and prove with its release. Gives what each has seen proved, or its error. */
async function run({ links, ...pair }: Pair, { entered, circuit, claimed = {}, prepared }: Scene) {
  const side = async (engine: ProvingEngine) => {
    const { party } = engine;
    const peer: Party = party === 'a' ? 'b' : 'a';
    engine.expectProof(Math.max(circuit.a.ands, circuit.b.ands));
    if (prepared === 'triples') await engine.prepare(5);
    if (prepared === 'all') {
      await engine.prepare(1, (queue) => {
        for (const owner of parties) for (const { length } of entered[owner]) queue.input(owner, length);
        queue.apply(andCircuit, [queue.input('a', 1), queue.input('b', 1)]);
      });
    }
    const wires: Record<Party, Wires[]> = { a: [], b: [] };
    for (const owner of parties) wires[owner] = entered[owner].map((bits) => give(engine, owner, bits));
    const one = Uint8Array.of(1);
    const and = engine.apply(andCircuit, [give(engine, 'a', one), give(engine, 'b', one)]);
    let seen: Bits | undefined;
    await engine.reveal(
      and,
      'both',
      {
        send: () => engine.sendProof(circuit[party], wires[party], claimed[party] ?? joined(entered[party])),
        receive: async () => {
          seen = await engine.receiveProof(circuit[peer], wires[peer]);
        },
      },
      noFixing,
    );
    return seen!;
  };
  const ended = (party: Party) => (error: Error) => {
    pair[party].close();
    links?.[party].destroy();
    return error;
  };
  return Promise.all(parties.map((party) => side(pair[party]).catch(ended(party))));
}

const scene = fc
  .record({
    seed: fc.nat({ max: 99_999 }),
    widths: fc.record({
      a: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }),
      b: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }),
    }),
    gates: fc.integer({ min: 0, max: 120 }),
    prepared: fc.constantFrom(undefined, 'triples' as const, 'all' as const),
  })
  .map(({ seed, widths, gates, prepared }) => {
    const pick = picker(seed);
    const bits = (party: Party) => widths[party].map((width) => randomBits(width, pick));
    const statement = (party: Party) =>
      randomCircuit(pick, { inputs: widths[party], gates, outputs: 1 + pick(30) });
    return {
      seed,
      entered: { a: bits('a'), b: bits('b') },
      circuit: { a: statement('a'), b: statement('b') },
      prepared,
    };
  });

describe.each(['clear', 'authenticated'])('proofs in the %s engine', (name) => {
  const open = async (seed: number): Promise<Pair> =>
    name === 'clear' ? clearEngines() : authenticatedPair(seed);

  test('show what circuits give for what the other party has entered', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ seed, ...rest }) => {
        const { entered, circuit } = rest;
        const seen = await run(await open(seed), rest);
        expect(seen).toEqual([evaluatePlain(circuit.b, entered.b), evaluatePlain(circuit.a, entered.a)]);
      }),
      { numRuns: name === 'clear' ? 20 : 12 },
    );
  });
});

const pick = picker(1);
const eight = randomCircuit(pick, { inputs: [8], gates: 40, outputs: 8 });
const entered = { a: [randomBits(8, pick)], b: [randomBits(8, pick)] };
const usual: Scene = { entered, circuit: { a: eight, b: eight } };

describe('a proof', () => {
  test.each(parties)(
    'of something else than %s has entered is refused, by the check of its gates',
    async (cheater) => {
      for (let bit = 0; bit < 8; bit += 1) {
        const claimed = { [cheater]: entered[cheater][0]!.map((own, i) => own ^ +(i === bit)) };
        const [a, b] = await run(await authenticatedPair(3), { ...usual, claimed });
        const honest = cheater === 'a' ? b : a;
        // A bit that no gate reads is in the outputs, or in nothing that is proved.
        if (honest instanceof Error) expect(honest).toMatchObject({ code: 'ERR_PEER_CHEATED' });
        else expect(honest).toEqual(evaluatePlain(eight, entered[cheater]));
      }
    },
  );

  test('of one circuit is none of another', async () => {
    const other = randomCircuit(picker(2), { inputs: [8], gates: 40, outputs: 8 });
    const pair = await authenticatedPair(4);
    const lying = pair.a;
    const send = lying.sendProof.bind(lying);
    lying.sendProof = (_circuit, inputs, bits) => send(other, inputs, bits);
    const [, b] = await run(pair, { ...usual, circuit: { a: eight, b: eight } });
    expect(b).toMatchObject({ code: 'ERR_PEER_CHEATED' });
  });

  test.each(['in order', 'swapped'])(
    'may follow another: two statements, the second of XORs alone, %s',
    async (order) => {
      const xors = randomCircuit(picker(6), { inputs: [8], gates: 0, outputs: 30 });
      const pair = await authenticatedPair(6);
      const seen = await Promise.all(
        [pair.a, pair.b].map(async (engine) => {
          for (const { ands } of [eight, xors]) engine.expectProof(ands);
          const wires = { a: give(engine, 'a', entered.a[0]!), b: give(engine, 'b', entered.b[0]!) };
          const { party } = engine;
          const peer: Party = party === 'a' ? 'b' : 'a';
          const swapped = order === 'swapped' && party === 'a';
          const send = async (circuit: typeof eight) =>
            engine.sendProof(circuit, [wires[party]], entered[party][0]!);
          await engine.reveal(engine.slice(wires.a, 0, 1), 'both', undefined, noFixing);
          try {
            for (const circuit of swapped ? [xors, xors] : [eight, xors]) await send(circuit);
            const first = await engine.receiveProof(eight, [wires[peer]]);
            return [first, await engine.receiveProof(xors, [wires[peer]])];
          } catch (error) {
            engine.close();
            pair.links[party].destroy();
            return error;
          }
        }),
      );
      const expected = (party: Party) =>
        [eight, xors].map((circuit) => evaluatePlain(circuit, entered[party]));
      if (order === 'in order') expect(seen).toEqual([expected('b'), expected('a')]);
      else expect(seen[1]).toMatchObject({ code: 'ERR_PEER_CHEATED' });
    },
  );

  test('is expected before anything is prepared, since its bits must be there before the coins', async () => {
    const pair = await authenticatedPair(8);
    await Promise.all(
      [pair.a, pair.b].map(async (engine) => {
        await engine.prepare(5);
        expect(() => engine.expectProof(1)).toThrow(/before anything is prepared/);
      }),
    );
  });

  test('is masked in a later reveal too, when what was taken from the pools has been zeroed', async () => {
    const many = randomCircuit(picker(7), { inputs: [8], gates: 60, outputs: 8 });
    const runs: number[][] = [];
    const honestly = GateValues.prototype.multiply;
    vi.spyOn(GateValues.prototype, 'multiply').mockImplementation(function (
      this: GateValues,
      random,
      correct,
    ) {
      const bits: number[] = [];
      honestly.call(this, random, (and, product, bit) => {
        bits.push(bit);
        return correct(and, product, bit);
      });
      runs.push(bits);
    });
    const pair = await authenticatedPair(6);
    await Promise.all(
      [pair.a, pair.b].map(async (engine) => {
        const prove = async (prover: Party, wires: Wires) => {
          if (engine.party === prover) await engine.sendProof(many, [wires], entered[prover][0]!);
          else expect(await engine.receiveProof(many, [wires])).toEqual(evaluatePlain(many, entered[prover]));
        };
        engine.expectProof(many.ands);
        const x = give(engine, 'a', entered.a[0]!);
        const y = give(engine, 'b', entered.b[0]!);
        await engine.reveal(engine.slice(x, 0, 1), 'both', undefined, noFixing);
        await prove('a', x);
        const one = Uint8Array.of(1);
        const and = engine.apply(andCircuit, [give(engine, 'a', one), give(engine, 'b', one)]);
        await engine.reveal(and, 'both');
        await prove('b', y);
      }),
    );
    vi.restoreAllMocks();
    // Keys have bit 0 zero, so the two provers' random bits are the ones that are not all zero.
    expect(runs.filter((bits) => bits.includes(1))).toHaveLength(2);
  });

  test('is made once, of what a Fixing has followed, with no more gates than were expected', async () => {
    const usage = { code: 'ERR_USAGE' };
    const pair = await authenticatedPair(5);
    await Promise.all(
      [pair.a, pair.b].map(async (engine) => {
        const bits = entered[engine.party][0]!;
        const early = give(engine, 'a', entered.a[0]!);
        await expect(engine.sendProof(eight, [early], bits)).rejects.toMatchObject(usage); // not expected
        engine.expectProof(eight.ands);
        const x = give(engine, 'a', entered.a[0]!);
        const y = give(engine, 'b', entered.b[0]!);
        const [mine, theirs] = engine.party === 'a' ? [x, y] : [y, x];
        await engine.reveal(engine.slice(x, 0, 1), 'both', undefined, noFixing);
        const late = give(engine, 'a', entered.a[0]!);
        await engine.reveal(engine.slice(late, 0, 1), 'both');
        const large = randomCircuit(picker(3), { inputs: [8], gates: 99, outputs: 1 });
        await expect(engine.sendProof(large, [mine], bits)).rejects.toMatchObject(usage);
        await expect(engine.sendProof(eight, [late], bits)).rejects.toMatchObject(usage);
        await expect(engine.sendProof(eight, [theirs], bits)).rejects.toMatchObject(usage);
        await expect(engine.receiveProof(eight, [mine])).rejects.toMatchObject(usage);
        await engine.sendProof(eight, [mine], bits);
        await expect(engine.sendProof(eight, [mine], bits)).rejects.toMatchObject(usage);
        expect(() => engine.expectProof(1)).toThrow(/before anything is prepared/);
        const peer = engine.party === 'a' ? entered.b : entered.a;
        expect(await engine.receiveProof(eight, [theirs])).toEqual(evaluatePlain(eight, peer));
      }),
    );
  });
});

describe('products of blocks', () => {
  let kernel: Kernel;
  beforeAll(() => {
    kernel = new Kernel();
  });
  afterAll(() => kernel.destroy());

  test('are those of GF(2^128), in place too', () => {
    const block = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(block, block), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (pairs, inPlace) => {
          const place = (which: 0 | 1) => {
            const pointer = kernel.allocate(16 * pairs.length);
            kernel.write(pointer, joined(pairs.map((pair) => pair[which])));
            return pointer;
          };
          const [left, right] = [place(0), place(1)];
          const target = inPlace ? left : kernel.allocate(16 * pairs.length);
          kernel.call.multiplyBlocks(target, left, right, pairs.length);
          const products = kernel.read(target, 16 * pairs.length);
          for (const pointer of new Set([left, right, target])) kernel.free(pointer);
          for (const [i, [x, y]] of pairs.entries()) {
            expect(element(products.subarray(16 * i, 16 * i + 16))).toBe(multiply(element(x), element(y)));
          }
        },
      ),
    );
  });
});
