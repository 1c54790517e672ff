/**
 * A message type: its one-byte number on the wire, its name, and, for a shape that both sides know, the exact
 * length in bytes of each of its fields, in order. Only the total length is on the wire, so a decoder gives either
 * every field at its exact length or an error.
 */
export interface MessageType<Shape, Field extends string> {
  readonly id: number;
  readonly name: string;
  readonly lengths: (shape: Shape) => Readonly<Record<Field, number>>;
}

export type Fields<Field extends string> = Readonly<Record<Field, Uint8Array>>;

const registry = new Map<number, MessageType<never, string>>();

/** Declares a message type. Ids and names are unique over the whole program. Shape `void` means fixed lengths. */
export function message<Shape, Field extends string>(
  id: number,
  name: string,
  lengths: (shape: Shape) => Readonly<Record<Field, number>>,
): MessageType<Shape, Field> {
  const type = { id, name, lengths };
  for (const other of registry.values()) {
    if (other.id === id || other.name === name) throw new Error(`message ${id} (${name}) is declared twice`);
  }
  registry.set(id, type as unknown as MessageType<never, string>);
  return type;
}

/** Every message type declared so far, by id. */
export function messageTypes(): readonly MessageType<never, string>[] {
  return [...registry.values()].sort((left, right) => left.id - right.id);
}
