import { expect } from 'vitest';
import { unpackBits } from '../../../src/circuit/bits.ts';
import type { Bits } from '../../../src/engine/engine.ts';
import { changeField, fieldChanges, isTarget, messageChanges, type Target } from './changes.ts';
import { type Coverage, judge, type Verdict } from './coverage.ts';
import { type Duel, duel, other, type Rule, type Sent } from './duel.ts';
import type { Program } from './programs.ts';

const SEED = 7;
/** Milliseconds of silence in attacks that may cause it. */
const SHORT = 150;

/** Fields whose change an honest party need not notice, by message, field and sender, with the only outcome it may then have. */
export const unnoticed = new Map<string, { allowed: Verdict; reason: string }>([
  [
    'authenticated.maskedInputs.values b',
    { allowed: 'another input', reason: 'is the evaluator’s own input under a mask: another input' },
  ],
  [
    'authenticated.leakyCiphertexts.ciphertexts a',
    { allowed: 'right', reason: 'used only where x = 1: the leak that buckets remove' },
  ],
  [
    'authenticated.leakyCiphertexts.ciphertexts b',
    { allowed: 'right', reason: 'used only where x = 1: the leak that buckets remove' },
  ],
  [
    'authenticated.inputLabels.labels a',
    {
      allowed: 'right',
      reason: 'masked values of the gates it feeds, right by chance: independent of inputs',
    },
  ],
  [
    'authenticated.inputLabelSeed.seed a',
    {
      allowed: 'right',
      reason: 'masked values of all gates, right by chance: independent of inputs',
    },
  ],
  [
    'authenticated.garbledGates.tables a',
    { allowed: 'right', reason: 'a row is used only where a masked value is 1: independent of inputs' },
  ],
  ...(['a', 'b'] as const).map((from): [string, { allowed: Verdict; reason: string }] => [
    `silent OT challenge.noiseHash ${from}`,
    { allowed: 'right', reason: 'the answer to it is then a hash of something that contains Δ: of no use' },
  ]),
  ...(['a', 'b'] as const).map((from): [string, { allowed: Verdict; reason: string }] => [
    `seal.commitment.commitment ${from}`,
    {
      allowed: 'right',
      reason: 'a commitment of its own choice, which it cannot open: both engagements name the one it sent',
    },
  ]),
]);

/** The last message of a run, sent twice: nothing reads what comes after the end. */
const trailing = (change: string, target: Target, last: Sent) =>
  change === 'repeated' && isTarget(last, target);

const mayFallSilent = new Set(['dropped', 'swapped with the next']);

export interface Attack {
  readonly target: Target;
  readonly field: string | undefined;
  readonly change: string;
  readonly rule: Rule;
}

/** Attacks on one program. */
export interface Campaign {
  readonly program: Program;
  readonly baseOts: 'public' | 'dealt';
  readonly coverage: Coverage;
  /** The last message that the cheater sends in an honest run. */
  readonly last: Sent;
}

/** A run's inputs: a deal, so that every output bit depends on both. */
export function inputsFor(program: Program): { a: Bits; b: Bits } {
  const { a, b } = program.widths;
  return {
    a: Uint8Array.from({ length: a }, (_, i) => (0b0010110 >> (i % 7)) & 1),
    b: Uint8Array.from({ length: b }, (_, i) => (0b1011011 >> (i % 7)) & 1),
  };
}

/** Every change of every message that `from` sends in a run; `strange` is the same run from another seed. */
export function attacksOn(sent: readonly Sent[], strange: readonly Sent[], from: 'a' | 'b'): Attack[] {
  return sent
    .filter(({ side }) => side === from)
    .flatMap(({ type, occurrence, fields }) => {
      const target = { from, message: type.name, occurrence };
      const onFields = Object.keys(fields).flatMap((field) =>
        Object.entries(fieldChanges).map(([change, mutate]) => ({
          target,
          field,
          change,
          rule: changeField(target, field, mutate),
        })),
      );
      const onMessages = Object.entries(messageChanges).map(([change, rule]) => ({
        target,
        field: undefined,
        change,
        rule: rule(target, strange),
      }));
      return [...onFields, ...onMessages];
    });
}

const MASKED = 'authenticated.maskedInputs';

/**
 * What the cheater's input would have been, had it sent what was delivered in place of its masked inputs. Where there are several, all of them have the
 * same width.
 */
function impliedInput(own: Bits, sent: readonly Uint8Array[], delivered: readonly Uint8Array[]): Bits {
  if (sent.length === 0 || delivered.length !== sent.length) return own;
  const width = own.length / sent.length;
  return Uint8Array.from(
    sent.flatMap((was, piece) => {
      const bits = own.subarray(piece * width, (piece + 1) * width);
      const is = delivered[piece]!;
      if (is.length !== was.length) return [...bits];
      const change = unpackBits(was.map((byte, i) => byte ^ is[i]!));
      return [...bits.map((bit, i) => bit ^ change[i]!)];
    }),
  );
}

async function run(campaign: Campaign, attack: Attack, silence = SHORT): Promise<void> {
  const { program, baseOts, coverage, last } = campaign;
  const { target, field, change } = attack;
  const inputs = inputsFor(program);
  const cheater = target.from;
  const honest = other(cheater);
  let met = false;
  let replaced: Sent | undefined;
  const masked = { sent: [] as Uint8Array[], delivered: [] as Uint8Array[] };
  const result: Duel = await duel({
    program,
    seed: SEED,
    inputs,
    cheater,
    baseOts,
    timeout: mayFallSilent.has(change) ? silence : 10_000,
    mayChangeNothing: true,
    rule: (sent, all) => {
      met ||= isTarget(sent, target);
      const deliveries = attack.rule(sent, all);
      if (deliveries !== undefined) replaced ??= sent;
      if (sent.side === cheater) {
        if (sent.type.name === MASKED) masked.sent.push(sent.fields.values!);
        for (const { type, fields } of deliveries ?? [sent]) {
          if (type.name === MASKED && fields.values !== undefined) masked.delivered.push(fields.values);
        }
      }
      return deliveries;
    },
  });
  // On a busy machine the peer was taken for silent before it sent what is attacked.
  if (!met && silence === SHORT) return run(campaign, attack, 20 * SHORT);
  const where = `${target.message} ${target.occurrence} from ${cheater}: ${field ?? 'whole'} ${change}`;
  expect(met, `${where}: never sent`).toBe(true);
  if (replaced === undefined) return; // this change changes nothing here
  coverage.changes.add(change);
  const right = program.plain(honest, inputs.a, inputs.b);
  const implied = { ...inputs, [cheater]: impliedInput(inputs[cheater], masked.sent, masked.delivered) };
  const verdict = judge(result[honest], right, [program.plain(honest, implied.a, implied.b)]);
  const names = field === undefined ? Object.keys(replaced.fields) : [field];
  const allowed = new Set<Verdict>(['caught']);
  if (mayFallSilent.has(change)) allowed.add('silence');
  if (trailing(change, target, last)) allowed.add('right');
  for (const name of names) {
    const free = unnoticed.get(`${target.message}.${name} ${cheater}`);
    if (free !== undefined && change !== 'repeated') allowed.add(free.allowed);
    coverage.record(cheater, target.message, name, verdict);
  }
  expect(allowed, `${where}: ${verdict}, ${JSON.stringify(result[honest])}`).toContain(verdict);
}

/** Base-OT messages mean something only in runs without a dealer. */
export const unlessBase = ({ target }: Attack) => !target.message.startsWith('base OT');

/** Runs attacks, at least one, one after another; those that may wait for a deadline side by side. */
export async function runAll(campaign: Campaign, attacks: readonly Attack[]): Promise<void> {
  expect(attacks).not.toEqual([]);
  const waiting = attacks.filter(({ change }) => mayFallSilent.has(change));
  for (const attack of attacks) {
    if (!mayFallSilent.has(attack.change)) await run(campaign, attack);
  }
  for (let i = 0; i < waiting.length; i += 8) {
    await Promise.all(waiting.slice(i, i + 8).map((attack) => run(campaign, attack)));
  }
}

/** The messages of an honest run, and of one from another seed. */
export async function honestRuns(
  program: Program,
  baseOts: 'public' | 'dealt',
): Promise<[readonly Sent[], readonly Sent[]]> {
  const inputs = inputsFor(program);
  const { sent } = await duel({ program, seed: SEED, inputs, baseOts });
  const { sent: strange } = await duel({ program, seed: SEED + 1, inputs, baseOts });
  return [sent, strange];
}
