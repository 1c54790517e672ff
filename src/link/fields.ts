import { PeerCheatedError } from '../errors.ts';
import type { Fields, MessageType } from './message.ts';

/** The exact length in bytes of a message of this type and shape: the sum of its fields' lengths. */
export function messageLength<Shape, Field extends string>(
  type: MessageType<Shape, Field>,
  shape: Shape,
): number {
  let total = 0;
  for (const length of Object.values<number>(type.lengths(shape))) total += length;
  return total;
}

/** The fields in the order in which they are written. Throws if one does not have its exact length, which is our bug and not the peer's fault. */
export function orderedFields<Shape, Field extends string>(
  type: MessageType<Shape, Field>,
  shape: Shape,
  fields: Fields<Field>,
): Uint8Array[] {
  return Object.entries<number>(type.lengths(shape)).map(([name, length]) => {
    const field = fields[name as Field];
    if (field?.length !== length) {
      throw new Error(`${type.name}.${name} has ${field?.length} bytes where ${length} belong`);
    }
    return field;
  });
}

/** Cuts a payload into its fields, by reference. Throws PeerCheatedError unless the payload has the exact length. */
export function splitFields<Shape, Field extends string>(
  type: MessageType<Shape, Field>,
  shape: Shape,
  payload: Uint8Array,
): Fields<Field> {
  const fields: Record<string, Uint8Array> = {};
  let offset = 0;
  for (const [name, length] of Object.entries<number>(type.lengths(shape))) {
    fields[name] = payload.subarray(offset, offset + length);
    offset += length;
  }
  if (offset !== payload.length) throw new PeerCheatedError(`length of ${type.name}`);
  return fields as Fields<Field>;
}
