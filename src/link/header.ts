import { PeerCheatedError } from '../errors.ts';

/**
 * Bytes before a message on the stream: its type (1 byte), the total length of its fields (4 bytes, big-endian), its flight (2 bytes,
 * big-endian; for statistics only).
 */
export const MESSAGE_HEADER = 7;
/** The highest flight that fits. */
export const MAX_FLIGHT = 0xffff;

export function messageHeader(id: number, length: number, flight: number): Uint8Array {
  const header = new Uint8Array(MESSAGE_HEADER);
  const view = new DataView(header.buffer);
  header[0] = id;
  view.setUint32(1, length);
  view.setUint16(5, flight);
  return header;
}

/** Reads the header of a message that must have this type and length, and returns its flight. Throws PeerCheatedError for any other header. */
export function readHeader(
  header: Uint8Array,
  type: { readonly id: number; readonly name: string },
  length: number,
): number {
  const view = new DataView(header.buffer, header.byteOffset);
  if (header[0] !== type.id) throw new PeerCheatedError(`${type.name} expected`);
  if (view.getUint32(1) !== length) throw new PeerCheatedError(`length of ${type.name}`);
  return view.getUint16(5);
}
