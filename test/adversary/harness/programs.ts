import { type CircuitBuilder as Builder, CircuitBuilder } from '../../../src/circuit/builder.ts';
import type { Circuit } from '../../../src/circuit/circuit.ts';
import { type Combinations, combine } from '../../../src/circuit/combinations.ts';
import { evaluateCircuit } from '../../../src/circuit/evaluate.ts';
import { addModulo } from '../../../src/circuit/gadgets/arithmetic.ts';
import { lessOrEqual } from '../../../src/circuit/gadgets/compare.ts';
import { mask, shiftLeft } from '../../../src/circuit/gadgets/word.ts';
import type { AuthenticatedEngine } from '../../../src/engine/authenticated/engine.ts';
import type {
  Bits,
  Engine,
  Fixing,
  Party,
  ProvingEngine,
  Queue,
  Release,
  Wires,
} from '../../../src/engine/engine.ts';
import { enterMasks } from '../../../src/engine/fingerprint-masks.ts';
import type { Link } from '../../../src/link/link.ts';
import { combinationsOf } from '../../support/combinations.ts';
import type { Inside } from './hooks.ts';

/** What both parties run, and what it should give. */
export interface Program {
  readonly name: string;
  /** Width of each party's input. */
  readonly widths: { readonly a: number; readonly b: number };
  /** What stands between a party's engine and its link; nothing by default. */
  through?(party: 'a' | 'b', link: Link, seed: number): Link;
  /** Runs at one party with its own input, over what `through` gave; gives what each reveal gave it. */
  run(engine: Engine, own: Bits, link?: Link): Promise<(Bits | undefined)[]>;
  /** What an honest run gives the party. */
  plain(party: 'a' | 'b', a: Bits, b: Bits): (Bits | undefined)[];
}

/** Both inputs, queued. */
export function inputsOf(program: Pick<Program, 'widths'>, engine: Engine, own: Bits): [Wires, Wires] {
  const { widths } = program;
  return [
    engine.input('a', widths.a, engine.party === 'a' ? own : undefined),
    engine.input('b', widths.b, engine.party === 'b' ? own : undefined),
  ];
}

export function circuitFrom(build: (c: Builder) => void): Circuit {
  const c = new CircuitBuilder();
  build(c);
  return c.build();
}

/** A price rule in small: whether a ≤ b, and then a + b modulo 2ⁿ, else zero. Input groups a and b of n bits; 3n − 1 ANDs. */
export function meetCircuit(width: number): Circuit {
  return circuitFrom((c) => {
    const [a, b] = [c.input(width), c.input(width)];
    const deal = lessOrEqual(c, a, b);
    c.output([deal]);
    c.output(mask(c, addModulo(c, a, b), deal));
  });
}

/** One circuit, revealed to both. */
export function once(name: string, circuit: Circuit): Program {
  const [a, b] = circuit.inputs as [number, number];
  return {
    name,
    widths: { a, b },
    async run(engine, own) {
      return [await engine.reveal(engine.apply(circuit, inputsOf(this, engine, own)), 'both')];
    },
    plain: (_party, x, y) => [evaluateCircuit(circuit, [x, y])],
  };
}

/** The same, prepared with all its gates, so that tables go out before inputs exist. */
export function prepared(name: string, circuit: Circuit): Program {
  const program = once(name, circuit);
  return {
    ...program,
    async run(engine, own) {
      const [a, b] = circuit.inputs as [number, number];
      await engine.prepare(0, (queue) => {
        queue.apply(circuit, [queue.input('a', a), queue.input('b', b)]);
      });
      return program.run(engine, own);
    },
  };
}

/** The same, with both inputs fingerprinted under random masks; the fingerprints travel with the release, as in a session. */
export function fingerprinted(name: string, circuit: Circuit): Program {
  return {
    ...once(name, circuit),
    async run(given, own) {
      const engine = given as AuthenticatedEngine;
      const mask: Uint8Array = (engine as Inside).context.random(16);
      engine.maskFingerprints(mask);
      mask.fill(0);
      const inputs = inputsOf(this, engine, own);
      engine.fingerprint(...inputs);
      return [await engine.reveal(engine.apply(circuit, inputs), 'both', fingerprintsOf(engine))];
    },
  };
}

/** Both parties' fingerprints, with the release of an outcome. */
export function fingerprintsOf(engine: AuthenticatedEngine): Release {
  return {
    send: async () => void (await engine.sendFingerprint()),
    receive: async () => void (await engine.receiveFingerprint()),
  };
}

const NO_FIXING: Fixing = { send: async () => undefined, receive: async () => undefined };

/** What each party shows the other of its own input, with the release of an outcome. */
interface Showing {
  /** To be called before anything is entered. */
  expect(engine: ProvingEngine): void;
  /** What goes with the inputs. */
  fixing?(engine: ProvingEngine, own: Bits): Fixing;
  send(engine: ProvingEngine, mine: Wires, own: Bits): Promise<unknown>;
  receive(engine: ProvingEngine, theirs: Wires): Promise<Bits>;
  plain(other: Bits): Bits;
}

/** The same as `once`, and with the release each party shows something about its own input, which is part of the outcome at the other. */
function showing(name: string, circuit: Circuit, shown: Showing): Program {
  return {
    ...once(name, circuit),
    async run(given, own) {
      const engine = given as ProvingEngine;
      shown.expect(engine);
      const [a, b] = inputsOf(this, engine, own);
      const [mine, theirs] = engine.party === 'a' ? [a, b] : [b, a];
      let seen: Bits | undefined;
      const release: Release = {
        send: async () => void (await shown.send(engine, mine, own)),
        receive: async () => {
          seen = await shown.receive(engine, theirs);
        },
      };
      const fixing = shown.fixing?.(engine, own) ?? NO_FIXING;
      return [await engine.reveal(engine.apply(circuit, [a, b]), 'both', release, fixing), seen];
    },
    plain: (party, x, y) => [evaluateCircuit(circuit, [x, y]), shown.plain(party === 'a' ? y : x)],
  };
}

/** Each party proves what `statement` gives for its own input. */
export function proved(name: string, circuit: Circuit, statement: Circuit): Program {
  return showing(name, circuit, {
    expect: (engine) => engine.expectProof(statement.ands + 3),
    send: (engine, mine, own) => engine.sendProof(statement, [mine], own),
    receive: (engine, theirs) => engine.receiveProof(statement, [theirs]),
    plain: (other) => evaluateCircuit(statement, [other]),
  });
}

/** Fixes bits of both parties without entering them: the evaluator's go out right after its inputs. */
export function fixingBits(engine: ProvingEngine, own: Bits): Fixing {
  if (engine.party === 'b') {
    return { ...NO_FIXING, withInputs: () => engine.sendFixed(own), receive: () => engine.receiveFixed() };
  }
  return {
    ...NO_FIXING,
    async send() {
      await engine.receiveFixed();
      await engine.sendFixed(own);
    },
  };
}

/** Each party fixes the bits of its own input once more, without entering them, and opens these combinations of both. */
export function combined(name: string, circuit: Circuit, combinations: Combinations): Program {
  const twice = (bits: Bits): Bits => Uint8Array.from([...bits, ...bits]);
  return showing(name, circuit, {
    expect: (engine) => engine.expectFixed(circuit.inputs[0]!),
    fixing: fixingBits,
    send: (engine, mine, own) => engine.sendCombinations(combinations, mine, twice(own)),
    receive: (engine, theirs) => engine.receiveCombinations(combinations, theirs),
    plain: (other) => combine(combinations, twice(other)),
  });
}

/** A comparison and a sum of two 7-bit numbers, revealed to both. */
export const meet = once('meet', meetCircuit(7));

/** The same, prepared. */
export const meetPrepared = prepared('meet, prepared', meetCircuit(7));

/** The same, with fingerprints. */
export const meetFingerprinted = fingerprinted('meet, fingerprinted', meetCircuit(7));

/** The square of a 7-bit number modulo 2⁷, bit by bit: each output comes from ANDs of ANDs. */
export const squareCircuit = circuitFrom((c) => {
  const x = c.input(7);
  let sum = mask(c, x, x[0]!);
  for (let i = 1; i < 7; i += 1) {
    sum = addModulo(c, sum, mask(c, shiftLeft(x, i).slice(0, 7), x[i]!));
  }
  c.output(sum);
});

/** The same as `meet`, and each party proves the square of its number. */
export const meetProved = proved('meet, proved', meetCircuit(7), squareCircuit);

/** The same as `meet`, and each party opens sums of bits of its number, which it has fixed twice: all neighbouring two, all bits, and none. */
export const meetCombined = combined(
  'meet, with combinations',
  meetCircuit(7),
  combinationsOf([...[1, 2, 3, 4, 5, 6].map((i) => [i - 1, i + 7]), [0, 1, 2, 3, 4, 5, 6, 7], [8, 9], []]),
);

const WIDTH = 9;
const first = meetCircuit(WIDTH);
const second = circuitFrom((c) => {
  const [x, y] = [c.input(WIDTH), c.input(WIDTH)];
  c.output(addModulo(c, x, y));
  c.output([lessOrEqual(c, y, x)]);
});

/**
 * Everything the engine can do in one run: prepared ahead in part, three copies of a circuit, an intermediate value revealed to a alone,
 * then more gates on what was carried over and on a later input, a reveal to b alone, and one to both.
 */
export const course: Program = {
  name: 'course',
  widths: { a: 2 * WIDTH, b: WIDTH },
  async run(engine, own) {
    const { party } = engine;
    await engine.prepare(50);
    const early = party === 'a' ? own.subarray(0, WIDTH) : own;
    const [x, y] = inputsOf({ widths: { a: WIDTH, b: WIDTH } }, engine, early);
    const sums = engine.apply(first, [engine.concat(x, x, x), y], 3);
    const shown = await engine.reveal(engine.slice(sums, 0, 4), 'a');
    const late = engine.input('a', WIDTH, party === 'a' ? own.subarray(WIDTH) : undefined);
    const last = engine.apply(second, [engine.slice(sums, 1, 1 + WIDTH), late]);
    engine.release(x, y);
    return [
      shown,
      await engine.reveal(engine.slice(last, 0, 3), 'b'),
      await engine.reveal(engine.slice(last, 3), 'both'),
    ];
  },
  plain(party, a, b) {
    const sums = evaluateCircuit(first, [a.slice(0, WIDTH), b]);
    const last = evaluateCircuit(second, [sums.slice(1, 1 + WIDTH), a.slice(WIDTH)]);
    return [
      party === 'a' ? sums.slice(0, 4) : undefined,
      party === 'b' ? last.slice(0, 3) : undefined,
      last.slice(3),
    ];
  },
};

const STAGE = 16;
/** s + carry and whether s ≤ carry, for s = a + b, all modulo 2¹⁶. Input groups a, b and carry; 46 ANDs. */
export const stageCircuit = circuitFrom((c) => {
  const [a, b, carry] = [c.input(STAGE), c.input(STAGE), c.input(STAGE)];
  const sum = addModulo(c, a, b);
  c.output(addModulo(c, sum, carry));
  c.output([lessOrEqual(c, sum, carry)]);
});

/** Three stages, each with inputs of its own and what the one before has given. */
function queueStages(queue: Queue, enter: (owner: Party, stage: number) => Wires): Wires {
  let carry: Wires | undefined;
  for (const stage of [0, 1, 2]) {
    const [a, b] = [enter('a', stage), enter('b', stage)];
    const last = queue.apply(stageCircuit, [a, b, carry === undefined ? a : queue.slice(carry, 0, STAGE)]);
    if (carry !== undefined) queue.release(carry);
    carry = last;
  }
  return carry!;
}

/**
 * A program of three stages, which is prepared: three batches where `AHEAD_BATCH` is 32. With `fingerprints` everything that is entered is
 * fingerprinted, as in a session under terms with seals; the masks of that fill batches before.
 */
export const stages = (fingerprints: boolean): Program => ({
  name: fingerprints ? 'stages, prepared and fingerprinted' : 'stages, prepared',
  widths: { a: 3 * STAGE, b: 3 * STAGE },
  async run(given, own) {
    const engine = given as AuthenticatedEngine;
    await engine.prepare(0, (queue) => {
      if (fingerprints) queue.release(...enterMasks(queue, () => undefined));
      queueStages(queue, (owner) => queue.input(owner, STAGE));
    });
    if (fingerprints) engine.maskFingerprints((engine as Inside).context.random(16));
    let first: Wires | undefined;
    const outcome = queueStages(engine, (owner, stage) => {
      const bits = owner === engine.party ? own.subarray(STAGE * stage, STAGE * (stage + 1)) : undefined;
      const wires = engine.input(owner, STAGE, bits);
      if (fingerprints && owner === 'b') engine.fingerprint(first!, wires);
      first = wires;
      return wires;
    });
    return [await engine.reveal(outcome, 'both', fingerprints ? fingerprintsOf(engine) : undefined)];
  },
  plain(_party, a, b) {
    let carry: Bits | undefined;
    for (const stage of [0, 1, 2]) {
      const [x, y] = [a, b].map((bits) => bits.slice(STAGE * stage, STAGE * (stage + 1))) as [Bits, Bits];
      carry = evaluateCircuit(stageCircuit, [x, y, (carry ?? x).slice(0, STAGE)]);
    }
    return [carry];
  },
});

/** `count` ANDs side by side, gate i of bit i of each party. */
export function andsCircuit(count: number): Circuit {
  return circuitFrom((c) => {
    const [a, b] = [c.input(count), c.input(count)];
    c.output(a.map((bit, i) => c.and(bit, b[i]!)));
  });
}

/** The same, revealed to both: all that goes wrong with a gate shows. */
export const ands = (count: number): Program => once(`${count} ANDs`, andsCircuit(count));
