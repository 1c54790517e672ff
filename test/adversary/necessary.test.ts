import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { packBits } from '../../src/circuit/bits.ts';
import { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import { InputFingerprints } from '../../src/garbling/authenticated/fingerprint.ts';
import { GateValues } from '../../src/garbling/authenticated/gate-values.ts';
import {
  EvaluatorCorrelations,
  GarblerCorrelations,
} from '../../src/garbling/authenticated/ot-correlations.ts';
import { TripleProtocol } from '../../src/garbling/authenticated/triples.ts';
import { digestSetup } from '../../src/ot/extension/receiver.ts';
import { matrixRows } from '../../src/ot/index.ts';
import { element } from '../crypto/polynomial-hash-reference.ts';
import { expectedFingerprint } from '../engine/fingerprinting.ts';
import { changeField, firstOf, flip } from './harness/changes.ts';
import { equalOutcomes } from './harness/coverage.ts';
import { codeOf, type Duel, type DuelOptions, duel, other, type Rule } from './harness/duel.ts';
import { dropHooks, hook, type Inside, undoHooks } from './harness/hooks.ts';
import {
  ands,
  andsCircuit,
  meet,
  meetCombined,
  meetFingerprinted,
  meetProved,
  type Program,
  prepared,
} from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const SEEDS = 12;
const GATES = 34; // no padding: gate i uses triple i
const LEAKY = 7 * GATES;
const gates = ands(GATES);

/** An attack that one check alone stops. */
interface Attack {
  readonly check: string;
  readonly cheater: 'a' | 'b';
  readonly title: string;
  readonly program?: Program;
  readonly rule?: Rule;
  /** Sets up hooks, and gives what tells whether the attack worked; by default it has if the outcome is wrong. */
  readonly prepare?: () => (run: Duel) => boolean;
  /** How many of the seeds the attack can work for; default all. */
  readonly chance?: 'always' | 'half';
}

const wrongOutcome =
  (program: Program, inputs: DuelOptions['inputs'], honest: 'a' | 'b') =>
  (run: Duel): boolean => {
    const ending = run[honest];
    return 'outcome' in ending && !equalOutcomes(ending.outcome, program.plain(honest, inputs.a, inputs.b));
  };

/** Both parties go by a forged opening: what the honest one gets is changed, and the cheater changes what it gets alike. */
const forgedSum = (message: string, bit: number): Rule =>
  firstOf(
    changeField({ from: 'a', message }, 'bits', flip(bit)),
    changeField({ from: 'b', message }, 'bits', flip(bit)),
  );

const attacks: readonly Attack[] = [
  ...(['a', 'b'] as const).flatMap((cheater): Attack[] => [
    {
      check: 'macs of differences',
      cheater,
      title: 'a forged d makes a wrong gate',
      rule: forgedSum('authenticated.openedDifferences', 0),
      chance: 'half',
    },
    {
      check: 'macs of fits',
      cheater,
      title: 'a forged ε makes a wrong gate',
      rule: forgedSum('authenticated.openedFits', 3),
      chance: 'half',
    },
    {
      check: 'macs of input masks',
      cheater,
      title: 'a forged mask changes the other party’s input',
      rule: changeField({ from: cheater, message: 'authenticated.openedMasks' }, 'bits', flip(5)),
    },
    {
      check: 'macs of outputs',
      cheater,
      title: 'a forged output share changes the outcome',
      rule: changeField({ from: cheater, message: 'authenticated.openedOutputs' }, 'bits', flip(0)),
    },
    {
      check: 'equality of leaky ands',
      cheater,
      title: 'a constant added to one G makes a wrong gate',
      rule: changeField({ from: cheater, message: 'authenticated.leakyCiphertexts' }, 'ciphertexts', flip(1)),
      chance: 'half',
    },
    {
      check: 'padding of packed bits',
      cheater,
      title: 'an outcome has two transcripts',
      program: meet,
      rule: changeField({ from: cheater, message: 'authenticated.leakyBits' }, 'bits', (bits) =>
        flip(8 * bits.length - 1)(bits),
      ),
      prepare: () => (run) => codeOf(run[other(cheater)]) === undefined,
    },
    {
      check: 'fingerprint',
      cheater,
      title: 'a party shows another input than it entered',
      program: meetFingerprinted,
      prepare: () => stateAnother(cheater),
    },
    {
      check: 'proof',
      cheater,
      title: 'a proof has a wrong gate',
      program: meetProved,
      prepare: () => proveAnother(cheater),
    },
    {
      check: 'macs of proof',
      cheater,
      title: 'something else is said than was proved',
      program: meetProved,
      rule: changeField({ from: cheater, message: 'authenticated.proof' }, 'bits', flip(4)),
    },
    {
      check: 'macs of combinations',
      cheater,
      title: 'sums of other bits are said than were entered',
      program: meetCombined,
      rule: changeField({ from: cheater, message: 'authenticated.openedCombinations' }, 'bits', flip(4)),
    },
  ]),
  {
    check: 'masked values in input labels',
    cheater: 'a',
    title: 'the garbler flips an input of the evaluator',
    program: prepared('ANDs, prepared', andsCircuit(GATES)),
    rule: changeField({ from: 'b', message: 'authenticated.maskedInputs' }, 'values', flip(2)),
  },
  {
    check: 'gate check',
    cheater: 'a',
    title: 'the garbler garbles another gate',
    rule: changeField({ from: 'a', message: 'authenticated.garbledGates' }, 'permutes', flip(4)),
  },
  {
    check: 'labels of masked gates',
    cheater: 'b',
    title: 'the evaluator claims another value',
    rule: changeField({ from: 'b', message: 'authenticated.maskedGates' }, 'values', flip(9)),
  },
  {
    check: 'opening of the equality digest',
    cheater: 'b',
    title: 'the evaluator reads operands of leaky ANDs off the garbler’s digest, and goes on unseen',
    prepare: readOperands,
  },
  {
    check: 'COT consistency',
    cheater: 'b',
    title: 'inconsistent OT choices read the garbler’s Δ off its digest',
    prepare: readDelta,
  },
];

/**
 * The cheater states the fingerprint of another input, with its own mask and the proof of what it has entered. It worked if whoever is shown that
 * input, the mask and the keys finds the fingerprint that the honest party has accepted.
 */
function stateAnother(cheater: 'a' | 'b'): (run: Duel) => boolean {
  const shown = inputsFor(meetFingerprinted)[cheater].map((bit, i) => bit ^ +(i === 2));
  let mask = new Uint8Array();
  let accepted: Uint8Array | undefined;
  let keys: Uint8Array[] = [];
  hook(AuthenticatedEngine, 'maskFingerprints', cheater, (_self, honestly, own) => {
    mask = own.slice();
    honestly(own);
  });
  hook(InputFingerprints, 'addOwn', cheater, (self, honestly, bits, wires, key) => {
    honestly(self.keys.length === 0 ? bits : packBits(shown), wires, key);
  });
  hook(InputFingerprints, 'verify', other(cheater), (self, honestly, stated) => {
    accepted = honestly(stated);
    keys = self.keys;
    return accepted;
  });
  return () => accepted !== undefined && element(accepted) === expectedFingerprint(mask, [shown], keys);
}

/** The cheater corrects the random bit of a gate to the wrong value, and goes on from there. */
function proveAnother(cheater: 'a' | 'b'): (run: Duel) => boolean {
  hook(GateValues, 'multiply', cheater, (_self, honestly, random, correct) =>
    honestly(random, (and: number, ...rest: unknown[]) => correct(and, ...rest) ^ +(and === 3)),
  );
  const honest = other(cheater);
  return wrongOutcome(meetProved, inputsFor(meetProved), honest);
}

const READ = 6;

/**
 * The evaluator adds a constant to its first G's. The garbler's L is then off wherever its x is 1; the digest says where, by trial, and
 * the evaluator opens what the garbler expects.
 */
function readOperands(): (run: Duel) => boolean {
  let operands: number[] = [];
  let read: number[] | undefined;
  hook(TripleProtocol, 'sendDigest', 'a', (self, honestly) => {
    operands = Array.from(
      { length: READ },
      (_, i) => self.context.kernel.read(self.bits.macs + 48 * i, 1)[0] & 1,
    );
    return honestly();
  });
  hook(TripleProtocol, 'sendCiphertexts', 'b', async (self, honestly) => {
    const { link } = self.context;
    const send = link.send;
    link.send = (type: Inside, shape: Inside, fields: Inside) => {
      for (let i = 0; i < READ; i += 1) fields.ciphertexts[16 * i + 3] ^= 1;
      return send.call(link, type, shape, fields);
    };
    await honestly();
    link.send = send;
  });
  hook(TripleProtocol, 'receiveDigest', 'b', async (self) => {
    const { context } = self;
    const { equalityAnswer } = await import('../../src/garbling/authenticated/messages.ts');
    const { digest, coins } = await context.link.receive(equalityAnswer, undefined);
    for (let guess = 0; guess < 1 << READ; guess += 1) {
      const bits = Array.from({ length: READ }, (_, i) => (guess >> i) & 1);
      const toggle = () => {
        for (const [i, bit] of bits.entries()) context.blocks(self.shares, LEAKY)[16 * i + 3] ^= bit;
        self.checks = undefined;
      };
      toggle();
      if (Buffer.from(digest).equals(self.equalityDigest('garbler'))) {
        read = bits;
        break;
      }
      toggle();
    }
    self.acceptCoins(coins);
  });
  return (run) => codeOf(run.a) === undefined && String(read) === String(operands);
}

/** Trees of the extension, each over four bits of Δ, whose part of the choice vector is inconsistent at one r each. */
const TREES = [3, 17];

/**
 * The evaluator's correction flips the choice of one r in one tree only: the garbler's key is off by four bits of Δ, and so is
 * its L, which the digest gives away by trial.
 */
function readDelta(): (run: Duel) => boolean {
  let delta: number[] = [];
  let read: number[] | undefined;
  hook(TripleProtocol, 'sendDigest', 'a', (self, honestly) => {
    const bytes = self.context.blocks(self.context.delta, 1);
    delta = TREES.map((tree) => (bytes[tree >> 1] >> (4 * (tree & 1))) & 15);
    return honestly();
  });
  hook(TripleProtocol, 'receiveDigest', 'b', async (self) => {
    const { context } = self;
    const { equalityAnswer } = await import('../../src/garbling/authenticated/messages.ts');
    const { digest } = await context.link.receive(equalityAnswer, undefined);
    for (let guess = 0; guess < 256; guess += 1) {
      const parts = TREES.map((_, i) => (guess >> (4 * i)) & 15);
      const toggle = () => {
        for (const [i, tree] of TREES.entries()) {
          context.blocks(self.shares, LEAKY)[16 * i + (tree >> 1)] ^= parts[i]! << (4 * (tree & 1));
        }
        self.checks = undefined;
      };
      toggle();
      if (Buffer.from(digest).equals(self.equalityDigest('garbler'))) read = parts;
      toggle();
    }
    throw new Error('the evaluator has what it wanted');
  });
  return () => read !== undefined && String(read) === String(delta);
}

const inconsistentChoices = changeField({ from: 'b', message: 'COT batch' }, 'correction', (bytes) => {
  const rows = matrixRows(3 * LEAKY + GATES + 2 * GATES);
  for (const [i, tree] of TREES.entries()) flip(tree * rows + 3 * i + 2)(bytes);
  return bytes;
});

function inputsFor(program: Program) {
  return {
    a: Uint8Array.from({ length: program.widths.a }, (_, i) => +(i % 3 !== 1)),
    b: Uint8Array.from({ length: program.widths.b }, (_, i) => +(i % 5 !== 2)),
  };
}

afterEach(undoHooks);

describe('each check stops an attack that works without it', () => {
  test.each(attacks)(
    '$check: $title ($cheater cheats)',
    async (attack) => {
      const { check, cheater, program = gates, chance = 'always' } = attack;
      const honest = other(cheater);
      const inputs = inputsFor(program);
      const rule = check === 'COT consistency' ? inconsistentChoices : attack.rule;
      let worked = 0;
      let caught = 0;
      for (let seed = 0; seed < SEEDS; seed += 1) {
        for (const off of [[check], []]) {
          const succeeded = attack.prepare?.() ?? wrongOutcome(program, inputs, honest);
          const run = await duel({
            program,
            seed,
            inputs,
            cheater,
            off,
            ...(rule === undefined ? {} : { rule }),
          });
          if (off.length > 0) {
            undoHooks();
            worked += Number(succeeded(run));
            continue;
          }
          dropHooks(); // what is caught comes to none of them
          if (codeOf(run[honest]) === 'ERR_PEER_CHEATED') {
            expect(run[honest].failed).toEqual([check]);
            caught += 1;
          } else {
            expect(wrongOutcome(program, inputs, honest)(run)).toBe(false);
          }
        }
      }
      const least = chance === 'always' ? SEEDS : 2;
      expect(worked).toBeGreaterThanOrEqual(least);
      expect(caught).toBeGreaterThanOrEqual(least);
    },
    60_000,
  );
});

/**
 * A COT receiver that changes a level's sum, and everything of its own that depends on it, guesses a bit of Δ: the change counts at one of
 * its values only. The check on the trees stops the wrong guess, and without it the check of the first batch does so.
 */
test.each(['a', 'b'] as const)(
  'COT setup: without it, COT consistency stops the same ($0 cheats)',
  async (cheater) => {
    const type = cheater === 'a' ? GarblerCorrelations : EvaluatorCorrelations;
    const seen = { stopped: 0, passed: 0 };
    for (let seed = 0; seed < SEEDS; seed += 1) {
      hook(type, 'newReceiver', cheater, (_self, honestly, seeds) => {
        const receiver = honestly(seeds);
        receiver.setup.sums[3 * 6 * 16] ^= 1;
        receiver.setupDigest = digestSetup(receiver.setup);
        return receiver;
      });
      const inputs = inputsFor(meet);
      const checked = (await duel({ program: meet, seed, inputs, cheater }))[other(cheater)];
      const unchecked = (await duel({ program: meet, seed, inputs, cheater, off: ['COT setup'] }))[
        other(cheater)
      ];
      undoHooks();
      if (codeOf(checked) === undefined) {
        expect(unchecked).toEqual(checked);
        seen.passed += 1;
      } else {
        expect(checked.failed).toEqual(['COT setup']);
        expect(unchecked.failed).toEqual(['COT setup', 'COT consistency']);
        seen.stopped += 1;
      }
    }
    expect(seen.passed).toBeGreaterThan(1);
    expect(seen.stopped).toBeGreaterThan(1);
  },
);

/** Checks whose attack stands in another file, or that no attack needs (README.md, "A check that no attack needs"). */
const elsewhere = ['opening of the coins', 'COT setup', 'silent OT leaves'];

test('every named check of OT and the malicious engine is in this list', () => {
  const names = new Set<string>();
  for (const folder of ['src/ot', 'src/garbling/authenticated', 'src/engine/authenticated']) {
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.ts')) continue;
      const source = readFileSync(`${folder}/${path}`, 'utf8');
      for (const [, name] of source.matchAll(/\bcheck\(\s*'([^']+)'/g)) names.add(name!);
      // `stepOf` in proof.ts names the steps of several statements, the first of which is 'proof'.
      for (const [, step = 'proof'] of source.matchAll(/verifyShares\([^,)]+,\s*(?:'([^']+)'|stepOf\()/g))
        names.add(`macs of ${step}`);
    }
  }
  const known = new Set([...attacks.map(({ check }) => check), ...elsewhere]);
  expect([...names].sort()).toEqual([...known].sort());
});
