import { type Bits, packBits, unpackBits } from '../../src/circuit/bits.ts';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import type { Combinations } from '../../src/circuit/combinations.ts';
import { add } from '../../src/circuit/gadgets/arithmetic.ts';
import { productWithConstant } from '../../src/circuit/gadgets/constant.ts';
import { minimum } from '../../src/circuit/gadgets/select.ts';
import { Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import type { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import { AuthenticatedEvaluator } from '../../src/engine/authenticated/evaluator.ts';
import { AuthenticatedGarbler } from '../../src/engine/authenticated/garbler.ts';
import type { Engine, Fixing, Party, Queue, Release, Wires } from '../../src/engine/engine.ts';
import { YaoEvaluator } from '../../src/engine/yao-evaluator.ts';
import { YaoGarbler } from '../../src/engine/yao-garbler.ts';
import type { Role } from '../../src/garbling/authenticated/correlated-bits.ts';
import type { Pools } from '../../src/garbling/authenticated/preparation.ts';
import { memoryLinkPair } from '../../src/link/memory-link.ts';
import { described } from './computation-circuits.ts';
import {
  DealtBits,
  type DealtSecrets,
  dealtLabels,
  dealtMembers,
  dealtSecrets,
  labelsOfZero,
  recordedLink,
  recordingRandom,
} from './computation-dealt.ts';
import { hex, type Maker, seeded } from './shape.ts';

const WIDTH = 8;

function circuitOf(
  inputs: readonly number[],
  make: (c: CircuitBuilder, words: ReturnType<CircuitBuilder['input']>[]) => void,
): Circuit {
  const c = new CircuitBuilder();
  make(
    c,
    inputs.map((width) => c.input(width)),
  );
  return c.build();
}

/** x + y, and of two numbers the smaller. */
const circuits = [
  circuitOf([WIDTH, WIDTH], (c, [x, y]) => c.output(add(c, x!, y!))),
  circuitOf([WIDTH, WIDTH], (c, [x, y]) => c.output(minimum(c, x!, y!))),
] as const;

/** What is entered: a's, b's, and two more numbers of a's. */
const inputs = [
  { owner: 'a', bits: unpackBits(Uint8Array.of(0xb7)) },
  { owner: 'b', bits: unpackBits(Uint8Array.of(0x5c)) },
  { owner: 'a', bits: unpackBits(Uint8Array.of(0x31, 0xee)) },
] as const;

/** The program of both engines: a + b, and the smaller of b and each of the other two, in two copies. */
const program = {
  circuits: circuits.map(described),
  inputs: inputs.map(({ owner, bits }) => ({ owner, width: bits.length, bits: hex(packBits(bits)) })),
  applications: [
    { circuit: 0, copies: 1, groups: ['input 0', 'input 1'] },
    { circuit: 1, copies: 2, groups: ['input 1', 'input 2'] },
  ],
};

function enter(engine: Engine): Wires[] {
  return inputs.map(({ owner, bits }) =>
    engine.input(owner, bits.length, owner === engine.party ? bits : undefined),
  );
}

function compute(queue: Queue, [x, y, others]: Wires[]): Wires {
  const sum = queue.apply(circuits[0], [x!, y!]);
  return queue.concat(sum, queue.apply(circuits[1], [y!, others!], 2));
}

const opened = (bits: Bits | undefined) => hex(packBits(bits!));

/** The semi-honest engine, party a garbling, with dealt labels. */
async function halfGates() {
  const { sent, intercept } = recordedLink();
  const links = memoryLinkPair({ intercept });
  const kernels = { garbler: new Kernel(), evaluator: new Kernel() };
  const [sessionId, delta, zeros] = [seeded(41)(32), seeded(42)(16).slice(), seeded(43)(16)];
  delta[0]! |= 1;
  const { sender, receiver } = dealtLabels(kernels, delta, zeros);
  const a = new YaoGarbler({
    link: links[0],
    kernel: kernels.garbler,
    random: seeded(44),
    party: 'a',
    sessionId,
    ot: sender,
  });
  const b = new YaoEvaluator({
    link: links[1],
    kernel: kernels.evaluator,
    random: seeded(45),
    party: 'b',
    sessionId,
    ot: receiver,
  });
  const [bits] = await Promise.all(
    [a, b].map((engine) => engine.reveal(compute(engine, enter(engine)), 'both')),
  );
  return {
    session: hex(sessionId),
    delta: hex(delta),
    zeros: hex(zeros),
    messages: { garbler: sent.a, evaluator: sent.b },
    opened: opened(bits),
  };
}

/** Both ends of the malicious engine, party a garbling, with dealt bits. */
function authenticatedPair(secrets: DealtSecrets, session: Uint8Array, seed: number) {
  const { sent, intercept } = recordedLink();
  const links = memoryLinkPair({ intercept });
  const randoms = { garbler: recordingRandom(seed), evaluator: recordingRandom(seed + 1) };
  const options = (role: Role) => ({
    link: links[role === 'garbler' ? 0 : 1],
    random: randoms[role].random,
    party: (role === 'garbler' ? 'a' : 'b') as Party,
    correlated: new DealtBits(role, secrets),
    sessionId: session,
  });
  const engines = [
    new AuthenticatedGarbler(options('garbler')),
    new AuthenticatedEvaluator(options('evaluator')),
  ] as const;
  return { engines, messages: () => ({ garbler: sent.a, evaluator: sent.b }), randoms };
}

/** The triples that a party has prepared. */
function triplesOf(engine: AuthenticatedEngine, count: number) {
  const { pools, kernel } = engine as unknown as { readonly pools: Pools; readonly kernel: Kernel };
  const columns = pools.triples.take(count).map((at: Pointer) => hex(kernel.read(at, 16 * count)));
  const [xKeys, xMacs, yKeys, yMacs, zKeys, zMacs] = columns;
  return {
    x: { keys: xKeys, macs: xMacs },
    y: { keys: yKeys, macs: yMacs },
    z: { keys: zKeys, macs: zMacs },
  };
}

export const triples: Maker = {
  about: 'A preparation of 34 triples, and of 320 masks of each party, over dealt bits.',
  async make() {
    const [session, secrets] = [seeded(51)(32), dealtSecrets(52)];
    const { engines, messages, randoms } = authenticatedPair(secrets, session, 53);
    const count = 34;
    await Promise.all(engines.map((engine) => engine.prepare(count)));
    const [coinsOfGarbler] = randoms.garbler.drawn;
    const [coinsOfEvaluator, nonce] = randoms.evaluator.drawn;
    return {
      session: hex(session),
      dealt: dealtMembers(secrets),
      coins: { garbler: hex(coinsOfGarbler!), evaluator: hex(coinsOfEvaluator!) },
      nonce: hex(nonce!),
      ands: count,
      messages: messages(),
      triples: { garbler: triplesOf(engines[0], count), evaluator: triplesOf(engines[1], count) },
    };
  },
};

/** What each party proves of its first input, and opens of it and of bits that it fixes besides. */
const statement = {
  circuit: circuitOf([WIDTH], (c, [x]) => c.output(productWithConstant(c, x!, 11n))),
  room: 30,
};
const fixed = { a: unpackBits(Uint8Array.of(0xd2, 0x05), 12), b: unpackBits(Uint8Array.of(0x6b, 0x0e), 12) };
const sums = [[0, 8], [1, 2, 9, 10], [19]] as const;
const combinations: Combinations = {
  positions: Uint32Array.from(sums.flat()),
  ends: Uint32Array.of(2, 6, 7),
};
const masks = { a: seeded(61)(16), b: seeded(62)(16) };

/** All that the malicious engine can do in one reveal, at one party. */
async function everything(engine: AuthenticatedEngine): Promise<Bits> {
  const { party } = engine;
  const peer = party === 'a' ? 'b' : 'a';
  const at = { a: 0, b: 1 };
  engine.expectProof(statement.room);
  engine.expectFixed(fixed.a.length);
  engine.maskFingerprints(masks[party]);
  const wires = enter(engine);
  engine.fingerprint(wires[0]!, wires[1]!);
  engine.fingerprint(wires[2]!);
  const own = inputs[at[party]].bits;
  const show = async () => {
    await engine.sendProof(statement.circuit, [wires[at[party]]!], own);
    await engine.sendCombinations(
      combinations,
      wires[at[party]]!,
      Uint8Array.from([...own, ...fixed[party]]),
    );
  };
  const take = async () => {
    await engine.receiveProof(statement.circuit, [wires[at[peer]]!]);
    await engine.receiveCombinations(combinations, wires[at[peer]]!);
    await engine.receiveFingerprint();
  };
  const none = async () => undefined;
  const garbles = party === 'a';
  const fixing: Fixing = garbles
    ? {
        send: async () => {
          await engine.receiveFixed();
          await engine.sendFixed(fixed[party]);
        },
        receive: none,
      }
    : { withInputs: () => engine.sendFixed(fixed[party]), receive: () => engine.receiveFixed(), send: none };
  const state = async () => {
    await engine.sendFingerprint();
  };
  const release: Release = garbles
    ? {
        receive: async () => {
          await show();
          await take();
        },
        send: state,
      }
    : {
        send: async () => {
          await show();
          await state();
        },
        receive: take,
      };
  return (await engine.reveal(compute(engine, wires), 'both', release, fixing))!;
}

async function authenticated() {
  const [session, secrets] = [seeded(63)(32), dealtSecrets(64)];
  const { engines, messages, randoms } = authenticatedPair(secrets, session, 65);
  const [bits] = await Promise.all(engines.map(everything));
  const [coinsOfGarbler] = randoms.garbler.drawn;
  const [coinsOfEvaluator, nonce] = randoms.evaluator.drawn;
  return {
    session: hex(session),
    dealt: dealtMembers(secrets),
    coins: { garbler: hex(coinsOfGarbler!), evaluator: hex(coinsOfEvaluator!) },
    nonce: hex(nonce!),
    proof: { circuit: described(statement.circuit), room: statement.room },
    fixed: { a: hex(packBits(fixed.a)), b: hex(packBits(fixed.b)) },
    combinations: sums,
    masks: { a: hex(masks.a), b: hex(masks.b) },
    messages: messages(),
    opened: opened(bits),
  };
}

/** The same program prepared ahead, with ten gates for other work, and then run. */
async function prepared() {
  const [session, secrets] = [seeded(67)(32), dealtSecrets(68)];
  const { engines, messages, randoms } = authenticatedPair(secrets, session, 69);
  const ands = 50;
  const queued = (queue: Queue) => {
    compute(
      queue,
      inputs.map(({ owner, bits }) => queue.input(owner, bits.length)),
    );
  };
  const [bits] = await Promise.all(
    engines.map(async (engine) => {
      await engine.prepare(ands, queued);
      return engine.reveal(compute(engine, enter(engine)), 'both');
    }),
  );
  const [coinsOfGarbler, zeros] = randoms.garbler.drawn;
  const [coinsOfEvaluator, nonce] = randoms.evaluator.drawn;
  return {
    session: hex(session),
    dealt: dealtMembers(secrets),
    coins: { garbler: hex(coinsOfGarbler!), evaluator: hex(coinsOfEvaluator!) },
    nonce: hex(nonce!),
    ands,
    zeros: hex(labelsOfZero(zeros!)),
    messages: messages(),
    opened: opened(bits),
  };
}

export const garbling: Maker = {
  about:
    'One program in both engines, party a garbling: half gates over dealt labels, authenticated garbling over dealt bits.',
  make: async () => ({
    program,
    halfGates: await halfGates(),
    authenticated: await authenticated(),
    prepared: await prepared(),
  }),
};
