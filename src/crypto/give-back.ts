const { port1: closedPort, port2 } = new MessageChannel();
closedPort.close();
port2.close();

/** Below this many bytes the call costs more than it saves. */
const WORTHWHILE = 8_192;

/**
 * Zeroes bytes and returns their memory to the system at once, where the garbage collector would let tens of MiB pile up: it does
 * not see what lies outside its heap until late, and then halts everything. For the large outputs of node:crypto, which
 * it cannot be told to write elsewhere. The array is empty afterwards, as is every other view of its buffer, so this touches
 * only arrays that are the whole of theirs; others are only zeroed. A transfer to a closed port detaches the buffer and drops it.
 */
export function giveBack(bytes: Uint8Array): void {
  bytes.fill(0);
  if (bytes.length >= WORTHWHILE && bytes.length === bytes.buffer.byteLength) {
    closedPort.postMessage(null, [bytes.buffer as ArrayBuffer]);
  }
}
