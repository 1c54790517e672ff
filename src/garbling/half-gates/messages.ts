import { message } from '../../link/message.ts';
import { TABLE_BYTES } from './tables.ts';

/** Step 2: the seed of the active labels of the garbler's inputs of one batch. */
export const labelSeed = message(0x40, 'yao label seed', () => ({ seed: 16 }));

/** Step 3: the tables of the next `gates` AND gates, in order. */
export const garbledTables = message(0x41, 'yao tables', (gates: number) => ({
  tables: gates * TABLE_BYTES,
}));

/** Step 5: the colours of the zero labels of `bits` opened wires, packed least significant first. */
export const decoding = message(0x42, 'yao decoding', (bits: number) => ({ colours: Math.ceil(bits / 8) }));

/** Step 6: the colours of the active labels of `bits` opened wires, and a hash of those labels. */
export const outputLabels = message(0x43, 'yao outputs', (bits: number) => ({
  colours: Math.ceil(bits / 8),
  proof: 32,
}));
