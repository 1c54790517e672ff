import type { Bits } from '../../src/engine/engine.ts';
import type { Entry } from '../rule.ts';
import { fromEntry, gainsOf, type MenuEntry } from './entry.ts';
import { fieldsOf, inputsOf, type MenuInput, optionWidth, type Part, partWidth } from './inputs.ts';
import { encodedLogs, LOW_BITS } from './log-table.ts';
import type { Method } from './options.ts';

/**
 * A part of options `start` to `end` as a party enters them: of each option its gain, its encoded logarithm and its acceptance, those of
 * the three that the part has, lowest bits first.
 */
export function optionBits(
  method: Method,
  entry: MenuEntry,
  start: number,
  end: number,
  part: Part = 'options',
): Bits {
  const { gains, accepted } = gainsOf(entry, start, end);
  const { gain, log, accepted: accepts } = fieldsOf(method, part);
  const logs = log > 0 ? encodedLogs() : undefined;
  const bits = new Uint8Array((end - start) * partWidth(method, part));
  let at = 0;
  for (let i = 0; i < gains.length; i++) {
    at = writeBits(bits, at, gains[i]!, gain);
    if (logs !== undefined) {
      at = writeBits(bits, at, logs.low[gains[i]!]!, LOW_BITS);
      at = writeBits(bits, at, logs.high[gains[i]!]!, log - LOW_BITS);
    }
    at = writeBits(bits, at, accepted[i]!, accepts);
  }
  return bits;
}

/** The inputs that a party makes of an entry over `count` options. Throws if the entry is of another form. */
export function entryBits(method: Method, count: number, entry: Entry): (input: MenuInput) => Bits {
  const entered = fromEntry(entry, count);
  if (entered === undefined) throw new Error('this is no entry over the menu of the terms');
  return ({ part, start, end }) => optionBits(method, entered, start, end, part);
}

/** All inputs that a party makes of an entry, one after another. */
export function allBits(method: Method, count: number, entry: Entry): Bits {
  const bitsOf = entryBits(method, count, entry);
  const all = new Uint8Array(count * optionWidth(method));
  let at = 0;
  for (const input of inputsOf(method, count)) {
    const bits = bitsOf(input);
    all.set(bits, at);
    at += bits.length;
  }
  return all;
}

/** Options as they were entered, whatever the bits are. */
export interface EnteredOptions {
  /** Zeros where the method enters none. */
  readonly gains: Uint16Array;
  /** Likewise. */
  readonly logs: Float64Array;
  readonly accepted: Uint8Array;
}

/** The reverse of `allBits`, for any bits. */
export function readOptions(method: Method, bits: Bits): EnteredOptions {
  const count = bits.length / optionWidth(method);
  const [gains, logs] = [new Uint16Array(count), new Float64Array(count)];
  const accepted = new Uint8Array(count);
  let at = 0;
  const next = (width: number) => {
    at += width;
    return readBits(bits, at - width, at);
  };
  for (const { part, start, end } of inputsOf(method, count)) {
    const fields = fieldsOf(method, part);
    for (let i = start; i < end; i++) {
      if (fields.gain > 0) gains[i] = next(fields.gain);
      if (fields.log > 0) logs[i] = next(fields.log);
      if (fields.accepted > 0) accepted[i] = next(fields.accepted);
    }
  }
  return { gains, logs, accepted };
}

function readBits(bits: Bits, start: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= start; at--) value = value * 2 + bits[at]!;
  return value;
}

function writeBits(bits: Bits, at: number, value: number, width: number): number {
  for (let j = 0; j < width; j++) bits[at + j] = (value >>> j) & 1;
  return at + width;
}
