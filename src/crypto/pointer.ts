declare const pointer: unique symbol;

/** A byte offset into a kernel's memory: what `allocate` gave, or a place within that. */
export type Pointer = number & { readonly [pointer]: true };

/** The null pointer: no region begins at 0. For fields whose region is allocated later, and arrays of no entries. */
export const NOWHERE = 0 as Pointer;

/** The pointer `bytes` bytes after `start`. */
export function byteAt(start: Pointer, bytes: number): Pointer {
  return (start + bytes) as Pointer;
}

/** Block number `index` of the 16-byte blocks that begin at `start`. */
export function blockAt(start: Pointer, index: number): Pointer {
  return (start + 16 * index) as Pointer;
}
