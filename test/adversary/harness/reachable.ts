/** Every byte array reachable from an object by its properties and the entries of its collections, once each. */
export function reachableBytes(root: unknown): Uint8Array[] {
  const seen = new Set<object>();
  const found: Uint8Array[] = [];
  const queue: unknown[] = [root];
  const visit = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      return;
    seen.add(value);
    queue.push(value);
  };
  while (queue.length > 0) {
    const value = queue.pop() as object;
    if (ArrayBuffer.isView(value)) {
      found.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      continue;
    }
    if (value instanceof ArrayBuffer) {
      found.push(new Uint8Array(value));
      continue;
    }
    if (value instanceof Map || value instanceof Set) {
      for (const entry of value) {
        if (Array.isArray(entry)) for (const part of entry) visit(part);
        else visit(entry);
      }
    }
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key)!;
      if ('value' in property) visit(property.value);
    }
  }
  return found;
}

/** Whether `pattern` stands anywhere in `bytes`. */
export function contains(bytes: Uint8Array, pattern: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(Buffer.from(pattern));
}
