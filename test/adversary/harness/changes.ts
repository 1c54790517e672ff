import { seededRandom } from '../../../src/crypto/random.ts';
import type { Delivery } from '../../../src/link/memory-link.ts';
import { requireDeclared } from './declared.ts';
import type { Rule, Sent } from './duel.ts';
import { seedOf } from './engines.ts';

/** Changes the bytes of one field; undefined where that would change nothing. */
export type Change = (bytes: Uint8Array) => Uint8Array | undefined;

/** Which message of which party a rule is about. */
export interface Target {
  readonly from: 'a' | 'b';
  /** The name of the message type. */
  readonly message: string;
  /** Which one of that type, from 0; default the first. */
  readonly occurrence?: number;
}

export function isTarget({ side, type, occurrence }: Sent, target: Target): boolean {
  return side === target.from && type.name === target.message && occurrence === (target.occurrence ?? 0);
}

/** Gives what to deliver in place of one message. Throws if no message is called that. */
export function inPlaceOf(target: Target, deliver: Rule): Rule {
  requireDeclared(target.message);
  return (sent, run) => (isTarget(sent, target) ? deliver(sent, run) : undefined);
}

/** Changes one field of one message. Throws if no such message, or no such field of it, is declared. */
export function changeField(target: Target, field: string, change: Change): Rule {
  requireDeclared(target.message, field);
  return inPlaceOf(target, ({ type, fields }) => {
    const changed = change(fields[field]!.slice());
    return changed === undefined ? undefined : [{ type, fields: { ...fields, [field]: changed } }];
  });
}

/** Sets fields of one message, and throws as `changeField` does. */
export function setFields(target: Target, values: Readonly<Record<string, Uint8Array>>): Rule {
  requireDeclared(target.message, ...Object.keys(values));
  return inPlaceOf(target, ({ type, fields }) => [{ type, fields: { ...fields, ...values } }]);
}

/** Drops one message. Throws if no message is called that. */
export function drop(target: Target): Rule {
  return inPlaceOf(target, () => []);
}

/** Applies the first of several rules that has something to say. */
export function firstOf(...rules: readonly Rule[]): Rule {
  return (sent, run) => {
    for (const rule of rules) {
      const deliveries = rule(sent, run);
      if (deliveries !== undefined) return deliveries;
    }
    return undefined;
  };
}

/** Flips bit `index` (bit i is bit i mod 8 of byte i div 8). */
export const flip =
  (index: number): Change =>
  (bytes) => {
    bytes[index >> 3]! ^= 1 << (index & 7);
    return bytes;
  };

/** What is done to every field. */
export const fieldChanges: Readonly<Record<string, Change>> = {
  'first bit': flip(0),
  'second bit': flip(1),
  'middle bit': (bytes) => flip(4 * bytes.length + 3)(bytes),
  'last bit': (bytes) => flip(8 * bytes.length - 1)(bytes),
  random: (bytes) => seededRandom(seedOf(bytes.length, 99))(bytes.length),
  zero: (bytes) => (bytes.some((byte) => byte !== 0) ? bytes.fill(0) : undefined),
  complement: (bytes) => bytes.map((byte) => ~byte),
};

const delivery = ({ type, fields }: Sent): Delivery => ({ type, fields });

function resized(sent: Sent, resize: (bytes: Uint8Array) => Uint8Array): Delivery {
  const names = Object.keys(sent.fields);
  const last = names.findLast((name) => sent.fields[name]!.length > 0)!;
  return { type: sent.type, fields: { ...sent.fields, [last]: resize(sent.fields[last]!) } };
}

/**
 * What is done to every message as a whole; `other` is the same run from another seed. Each throws if no message is called what the
 * target says.
 */
export const messageChanges: Readonly<Record<string, (target: Target, other: readonly Sent[]) => Rule>> = {
  truncated: (target) => inPlaceOf(target, (sent) => [resized(sent, (bytes) => bytes.subarray(0, -1))]),
  extended: (target) => inPlaceOf(target, (sent) => [resized(sent, (bytes) => Uint8Array.of(...bytes, 0))]),
  empty: (target) => inPlaceOf(target, ({ type }) => [{ type, fields: {} }]),
  dropped: drop,
  repeated: (target) => inPlaceOf(target, (sent) => [delivery(sent), delivery(sent)]),
  'swapped with the next': (target) => {
    let held: Sent | undefined;
    const hold = inPlaceOf(target, (sent) => {
      held = sent;
      return [];
    });
    return (sent, run) => {
      const holding = hold(sent, run);
      if (holding !== undefined) return holding;
      if (held === undefined || sent.side !== target.from) return undefined;
      const swapped = [delivery(sent), delivery(held)];
      held = undefined;
      return swapped;
    };
  },
  'of another type': (target) =>
    inPlaceOf(target, (sent, run) => {
      const stranger = run.find(({ type }) => type !== sent.type);
      return stranger === undefined ? undefined : [{ type: stranger.type, fields: sent.fields }];
    }),
  reflected: (target) =>
    inPlaceOf(target, (sent, run) => {
      const own = run.findLast((candidate) => candidate.side !== target.from && sameShape(candidate, sent));
      return own === undefined || same(own, sent) ? undefined : [delivery(own)];
    }),
  'replayed from another session': (target, other) =>
    inPlaceOf(target, (sent) => {
      const old = other.find((candidate) => isTarget(candidate, target));
      return old === undefined || same(old, sent) ? undefined : [delivery(old)];
    }),
  'replayed from before': (target) =>
    inPlaceOf(target, (sent, run) => {
      const old = run.find(
        (candidate) => candidate !== sent && candidate.side === sent.side && sameShape(candidate, sent),
      );
      return old === undefined || same(old, sent) ? undefined : [delivery(old)];
    }),
};

function sameShape(left: Sent, right: Sent): boolean {
  return (
    left.type === right.type &&
    Object.entries(left.fields).every(([name, bytes]) => bytes.length === right.fields[name]!.length)
  );
}

function same(left: Sent, right: Sent): boolean {
  return Object.entries(left.fields).every(([name, bytes]) => Buffer.from(bytes).equals(right.fields[name]!));
}
