const { port1: closedPort, port2 } = new MessageChannel();
closedPort.close();
port2.close();

/** Below this many bytes the call costs more than it saves. */
const WORTHWHILE = 8_192;

/**
 * Returns the memory of bytes that nobody will read again to the system at once. The garbage collector does not see what lies
 * outside its heap until tens of MiB have piled up, and then stops everything: with it alone, bulk encryption runs at a third of
 * the speed. For large outputs of node:crypto and sockets, which cannot be told where to write.
 *
 * Afterwards the array is empty, as is every other view of its buffer; so arrays that are not the whole of their buffer are left
 * alone, as are small ones. Zero secrets first. (Transferring a buffer to a closed port detaches and drops it.)
 */
export function giveBack(bytes: Uint8Array): void {
  if (bytes.length >= WORTHWHILE && bytes.length === bytes.buffer.byteLength) {
    closedPort.postMessage(null, [bytes.buffer as ArrayBuffer]);
  }
}

/** The same for a message's fields, once all of them have been read, where together they are the whole of their buffer. */
export function giveBackFields(fields: Readonly<Record<string, Uint8Array>>): void {
  const [first, ...others] = Object.values(fields);
  if (first === undefined || others.some(({ buffer }) => buffer !== first.buffer)) return;
  const length = others.reduce((sum, field) => sum + field.length, first.length);
  if (length === first.buffer.byteLength) giveBack(new Uint8Array(first.buffer));
}
