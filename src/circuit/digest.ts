import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import type { Circuit } from './circuit.ts';

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * SHA-256 that identifies a circuit (32 bytes): over its group widths, gate kinds, gate operands, output wires and AND
 * count, numbers as 32-bit little-endian.
 */
export function circuitDigest(circuit: Omit<Circuit, 'digest'>): Uint8Array {
  return hash(
    tags.circuitDigest,
    int32Bytes(Int32Array.from(circuit.inputs)),
    int32Bytes(Int32Array.from(circuit.outputs)),
    circuit.kinds,
    int32Bytes(circuit.left),
    int32Bytes(circuit.right),
    int32Bytes(circuit.outputWires),
    circuit.ands,
  );
}

function int32Bytes(values: Int32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (LITTLE_ENDIAN) return bytes;
  const swapped = new DataView(new ArrayBuffer(bytes.length));
  for (const [index, value] of values.entries()) swapped.setInt32(4 * index, value, true);
  return new Uint8Array(swapped.buffer);
}
