/** The same bytes without the methods of a Buffer, whose `slice` shares memory where that of a Uint8Array copies. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
