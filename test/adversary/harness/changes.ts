import { seededRandom } from '../../../src/crypto/random.ts';
import type { Delivery } from '../../../src/link/memory-link.ts';
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

/** Changes one field of one message. */
export function changeField(target: Target, field: string, change: Change): Rule {
  return (sent) => {
    if (!isTarget(sent, target)) return undefined;
    const changed = change(sent.fields[field]!.slice());
    return changed === undefined
      ? undefined
      : [{ type: sent.type, fields: { ...sent.fields, [field]: changed } }];
  };
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

/** What is done to every message as a whole; `other` is the same run from another seed. */
export const messageChanges: Readonly<Record<string, (target: Target, other: readonly Sent[]) => Rule>> = {
  truncated: (target) => (sent) =>
    isTarget(sent, target) ? [resized(sent, (bytes) => bytes.subarray(0, -1))] : undefined,
  extended: (target) => (sent) =>
    isTarget(sent, target) ? [resized(sent, (bytes) => Uint8Array.of(...bytes, 0))] : undefined,
  empty: (target) => (sent) => (isTarget(sent, target) ? [{ type: sent.type, fields: {} }] : undefined),
  dropped: (target) => (sent) => (isTarget(sent, target) ? [] : undefined),
  repeated: (target) => (sent) => (isTarget(sent, target) ? [delivery(sent), delivery(sent)] : undefined),
  'swapped with the next': (target) => {
    let held: Sent | undefined;
    return (sent) => {
      if (isTarget(sent, target)) {
        held = sent;
        return [];
      }
      if (held === undefined || sent.side !== target.from) return undefined;
      const swapped = [delivery(sent), delivery(held)];
      held = undefined;
      return swapped;
    };
  },
  'of another type': (target) => (sent, run) => {
    if (!isTarget(sent, target)) return undefined;
    const stranger = run.find(({ type }) => type !== sent.type);
    return stranger === undefined ? undefined : [{ type: stranger.type, fields: sent.fields }];
  },
  reflected: (target) => (sent, run) => {
    if (!isTarget(sent, target)) return undefined;
    const own = run.findLast(
      ({ side, type, fields }) =>
        side !== target.from &&
        type === sent.type &&
        Object.entries(fields).every(([name, bytes]) => bytes.length === sent.fields[name]!.length),
    );
    return own === undefined || same(own, sent) ? undefined : [delivery(own)];
  },
  'replayed from another session': (target, other) => (sent) => {
    if (!isTarget(sent, target)) return undefined;
    const old = other.find((candidate) => isTarget(candidate, target));
    return old === undefined || same(old, sent) ? undefined : [delivery(old)];
  },
  'replayed from before': (target) => (sent, run) => {
    if (!isTarget(sent, target)) return undefined;
    const old = run.find(
      (candidate) => candidate !== sent && candidate.side === sent.side && sameShape(candidate, sent),
    );
    return old === undefined || same(old, sent) ? undefined : [delivery(old)];
  },
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
