import { type MessageType, messageTypes } from '../../../src/link/message.ts';

/** Stand for any shape, only to learn a type's field names. */
const SAMPLES: readonly unknown[] = [8, Object.assign(8, { count: 8 })];

/** The names of a message type's fields, in order. */
export function fieldsOf(type: MessageType<never, string>): string[] {
  for (const sample of SAMPLES) {
    try {
      return Object.keys(type.lengths(sample as never));
    } catch {
      // not a shape of this type
    }
  }
  throw new Error(`${type.name} has fields of no sample's length`);
}

/** Throws unless a loaded module declares a message of this name, with all these fields: an attack on another would attack nothing. */
export function requireDeclared(message: string, ...fields: readonly string[]): void {
  const type = messageTypes().find(({ name }) => name === message);
  if (type === undefined) throw new Error(`no message is called ${message}`);
  const declared = fieldsOf(type);
  for (const field of fields) {
    if (!declared.includes(field)) throw new Error(`${message} has no field ${field}`);
  }
}
