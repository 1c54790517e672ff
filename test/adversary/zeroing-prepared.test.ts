import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import { AuthenticatedEvaluator } from '../../src/engine/authenticated/evaluator.ts';
import { AuthenticatedGarbler } from '../../src/engine/authenticated/garbler.ts';
import type { Engine, Queue, Wires } from '../../src/engine/engine.ts';
import { enterMasks } from '../../src/engine/fingerprint-masks.ts';
import { GateBatch } from '../../src/garbling/authenticated/gates.ts';
import { changeField, drop, flip, type Target } from './harness/changes.ts';
import { codeOf, duel, other } from './harness/duel.ts';
import { hook, type Inside, undoHooks } from './harness/hooks.ts';
import {
  circuit,
  endSession,
  inputs,
  leftIn,
  type Planted,
  plant,
  runPlanted,
  type Seated,
  WIDTH,
} from './harness/planted.ts';
import { fingerprintsOf, inputsOf, type Program } from './harness/programs.ts';
import { contains } from './harness/reachable.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
// Three batches: the masks of fingerprints; both inputs and two circuits; another circuit.
vi.mock('../../src/engine/ahead-limits.ts', () => ({ AHEAD_BATCH: 256, AHEAD_LIMIT: 1 << 21 }));

const widths = { a: WIDTH, b: WIDTH };

/** The circuit three times, on what it has given before. */
function queueThree(queue: Queue, x: Wires, y: Wires): Wires {
  let wires = x;
  for (let i = 0; i < 3; i += 1) wires = queue.apply(circuit, [wires, y]);
  return wires;
}

function prepareThree(engine: Engine): Promise<void> {
  return engine.prepare(0, (queue) => {
    queue.release(...enterMasks(queue, () => undefined));
    queueThree(queue, queue.input('a', WIDTH), queue.input('b', WIDTH));
  });
}

const program: Program = {
  name: '3 · 128 ANDs, prepared and fingerprinted',
  widths,
  async run(given, own) {
    const engine = given as AuthenticatedEngine;
    await prepareThree(engine);
    const mask: Uint8Array = (engine as Inside).context.random(16);
    engine.maskFingerprints(mask);
    mask.fill(0);
    const [x, y] = inputsOf(this, engine, own);
    engine.fingerprint(x, y);
    return [await engine.reveal(queueThree(engine, x, y), 'both', fingerprintsOf(engine))];
  },
  plain: (_party, a, b) => [a.map((bit, i) => bit & b[i]!)],
};

/** A program that is prepared, and closed without having run. */
const unused: Program = {
  ...program,
  name: 'prepared and left',
  async run(engine) {
    await prepareThree(engine);
    return [];
  },
  plain: () => [],
};

const engineOf = (party: 'a' | 'b') => (party === 'a' ? AuthenticatedGarbler : AuthenticatedEvaluator);

/** Copies what a party keeps of every batch until there are inputs, too. */
function plantKept(party: 'a' | 'b', planted: Planted): void {
  let [batch, tables] = [0, 0];
  hook(GateBatch, 'keep', party, (self, honestly) => {
    honestly();
    batch += 1;
    const { kernel } = self.context;
    const copy = (name: string, pointer: number) =>
      planted.set(`${name}, kept of batch ${batch}`, kernel.read(pointer + 32, 16).slice());
    if (party === 'a') {
      copy('a MAC of σ', self.sigma.macs);
      copy('a MAC of γ', self.gamma.macs);
      copy('a label of zero', self.fresh);
    } else {
      copy('MACs of σ and γ', self.sigma.macs);
      copy('a row with a MAC', self.tables.tables);
      copy('a key of σ', self.sigma.keys);
      copy('a key of γ', self.gamma.keys);
    }
  });
  hook(engineOf(party), 'prepareTables', party, (self, honestly, prepared, ...more) => {
    tables += 1;
    const { node } = prepared.inputs[0] ?? {};
    const done = honestly(prepared, ...more);
    if (node === undefined) return done;
    return done.then(() => {
      const plane = party === 'a' ? node.storage.zeros : node.storage.keys;
      planted.set(`of an input, kept with tables ${tables}`, self.kernel.read(plane + 32, 16).slice());
    });
  });
}

afterEach(undoHooks);

/** What outlives an engine on a connection that goes on: the setup. */
const setup = ['Δ'];

/** Where the cheater changes one bit: while the last batch is prepared, and once there are inputs. */
const failures: Record<
  'a' | 'b',
  readonly (readonly [message: string, occurrence: number, field: string])[]
> = {
  a: [
    ['equalityAnswer', 1, 'digest'],
    ['openedFits', 1, 'macs'],
    ['garbledGates', 1, 'permutes'],
    ['inputLabels', 2, 'labels'],
    ['gateCheck', 1, 'macs'],
    ['fingerprint', 0, 'value'],
  ],
  b: [
    ['equalityOpening', 1, 'coins'],
    ['openedFits', 1, 'macs'],
    ['maskedGates', 1, 'labels'],
    ['fingerprint', 0, 'value'],
    ['openedOutputs', 0, 'macs'],
  ],
};

describe.each(['a', 'b'] as const)('nothing of what %s has prepared outlives', (party) => {
  const also = (planted: Planted) => plantKept(party, planted);
  const cheater = other(party);

  test('an engine, but for Δ; nor a connection', async () => {
    const { run, planted, seated, left } = await runPlanted(party, { program, also });
    expect(codeOf(run[party])).toBeUndefined();
    expect([...planted.keys()].filter((name) => name.includes(', kept '))).toHaveLength(
      party === 'a' ? 8 : 10,
    );
    expect(left()).toEqual(setup);
    endSession(seated);
    expect(left()).toEqual([]);
  });

  test('an engine that is closed before there are inputs', async () => {
    const { run, seated, left } = await runPlanted(party, { program: unused, also });
    expect(codeOf(run[party])).toBeUndefined();
    expect(left()).toEqual(setup);
    endSession(seated);
    expect(left()).toEqual([]);
  });

  test.each(failures[cheater])('a failure at %s %i', async (name, occurrence, field) => {
    const target: Target = { from: cheater, message: `authenticated.${name}`, occurrence };
    const rule = changeField(target, field, flip(0));
    const { run, seated, left } = await runPlanted(party, { program, also, cheater, rule });
    expect(codeOf(run[party])).toBe('ERR_PEER_CHEATED');
    endSession(seated);
    expect(left()).toEqual([]);
  });

  test.each([
    ['while they prepare', 'openedFits'],
    ['before it enters its inputs', 'maskedInputs'],
  ])('a peer that leaves %s', async (_, name) => {
    const rule = drop({ from: cheater, message: `authenticated.${name}`, occurrence: 1 });
    const { run, seated, left } = await runPlanted(party, { program, also, cheater, rule, timeout: 100 });
    expect(codeOf(run[party])).toMatch(/^ERR_(TIMEOUT|PEER_)/);
    endSession(seated);
    expect(left()).toEqual([]);
  });

  test('as a scan shows that finds all of it before there are inputs', async () => {
    const planted = plant(party);
    also(planted);
    let seated: Seated | undefined;
    let missed: string[] | undefined;
    hook(engineOf(party), 'runOnline', party, (_self, honestly, ...args) => {
      const found = leftIn(seated!, planted);
      missed = [...planted.keys()].filter((name) => name.includes(', kept ') && !found.includes(name));
      return honestly(...args);
    });
    await duel({
      program,
      seed: 5,
      inputs,
      seated: (each) => {
        if (each.engine.party === party) seated = each;
      },
    });
    expect(missed).toEqual([]);
  });

  test('in what it has drawn: all is zeroed, but for what it sends', async () => {
    const drawn: Uint8Array[] = [];
    let seated: Seated | undefined;
    const { sent } = await duel({
      program,
      seed: 5,
      inputs,
      random: (who, usual) => (length) => {
        const bytes = usual(length);
        if (who === party) drawn.push(bytes);
        return bytes;
      },
      seated: (each) => {
        if (each.engine.party === party) seated = each;
      },
    });
    endSession(seated!);
    const messages = sent.flatMap(({ fields }) => Object.values(fields));
    expect(drawn.length).toBeGreaterThan(3);
    for (const bytes of drawn.filter((one) => one.some((byte) => byte !== 0))) {
      expect(
        messages.some((message) => contains(message, bytes)),
        `${bytes.length} bytes`,
      ).toBe(true);
    }
  });
});
