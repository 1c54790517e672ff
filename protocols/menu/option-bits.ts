import type { Bits } from '../../src/engine/engine.ts';
import { GAIN_WIDTH, LOG_WIDTH, optionWidth, usesLogs } from './circuits.ts';
import { gainsOf, type MenuEntry } from './entry.ts';
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

function writeBits(bits: Bits, at: number, value: number, width: number): number {
  for (let j = 0; j < width; j++) bits[at + j] = (value >>> j) & 1;
  return at + width;
}
