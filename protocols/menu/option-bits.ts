import type { Bits } from '../../src/engine/engine.ts';
import type { Entry } from '../rule.ts';
import { GAIN_WIDTH, LOG_WIDTH, optionWidth, usesLogs } from './circuits.ts';
import { fromEntry, gainsOf, type MenuEntry } from './entry.ts';
import { encodedLogs, LOW_BITS } from './log-table.ts';
import type { Solution } from './options.ts';

/** Options `start` to `end` as a party enters them: gain, encoded logarithm where needed, accepted; lowest bits first. */
export function optionBits(solution: Solution, entry: MenuEntry, start: number, end: number): Bits {
  const { gains, accepted } = gainsOf(entry, start, end);
  const width = optionWidth(solution);
  const logs = usesLogs(solution) ? encodedLogs() : undefined;
  const bits = new Uint8Array((end - start) * width);
  for (let i = 0; i < gains.length; i++) {
    let at = i * width;
    at = writeBits(bits, at, gains[i]!, GAIN_WIDTH);
    if (logs !== undefined) {
      at = writeBits(bits, at, logs.low[gains[i]!]!, LOW_BITS);
      at = writeBits(bits, at, logs.high[gains[i]!]!, LOG_WIDTH - LOW_BITS);
    }
    bits[at] = accepted[i]!;
  }
  return bits;
}

/** The same for an entry over `count` options. Throws if it is of another form. */
export function entryBits(
  solution: Solution,
  count: number,
  entry: Entry,
): (start: number, end: number) => Bits {
  const entered = fromEntry(entry, count);
  if (entered === undefined) throw new Error('this is no entry over the menu of the terms');
  return (start, end) => optionBits(solution, entered, start, end);
}

/** Options as they were entered, whatever the bits are. */
export interface EnteredOptions {
  readonly gains: Uint16Array;
  /** Zeros where the solution needs none. */
  readonly logs: Float64Array;
  readonly accepted: Uint8Array;
}

/** The reverse of `optionBits`, for any bits. */
export function readOptions(solution: Solution, bits: Bits): EnteredOptions {
  const width = optionWidth(solution);
  const count = bits.length / width;
  const [gains, logs] = [new Uint16Array(count), new Float64Array(count)];
  const accepted = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const [start, end] = [i * width, (i + 1) * width - 1];
    gains[i] = readBits(bits, start, start + GAIN_WIDTH);
    logs[i] = readBits(bits, start + GAIN_WIDTH, end);
    accepted[i] = bits[end]!;
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
