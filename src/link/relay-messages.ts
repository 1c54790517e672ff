import { concatBytes } from '../crypto/bytes.ts';

/** Bytes of a room's name. */
export const ROOM_LENGTH = 32;

/** The side of a room that a connection takes. The host waits, and the joiner comes to it. */
export type RelaySide = 'host' | 'joiner';

const MAGIC = new TextEncoder().encode('PARLEYR');
const VERSION = 1;
const SIDES: readonly RelaySide[] = ['host', 'joiner'];

/** Step 1: the first bytes of a connection: "PARLEYR", the version (1), its side (1), the room (32). */
export const ENTRY_LENGTH = MAGIC.length + 2 + ROOM_LENGTH;

/** The relay's messages, one byte each. It repeats `waiting` to show that it is alive. After `paired` all bytes are the other side's. */
export const relayStatus = { waiting: 1, paired: 2, full: 3 } as const;

export interface RelayEntry {
  readonly side: RelaySide;
  /** 32 bytes. */
  readonly room: Uint8Array;
}

export function encodeEntry({ side, room }: RelayEntry): Uint8Array {
  if (room.length !== ROOM_LENGTH) throw new Error('a room is named by 32 bytes');
  return concatBytes(MAGIC, Uint8Array.of(VERSION, SIDES.indexOf(side)), room);
}

/** Undefined for anything that is not an entry of this version. */
export function decodeEntry(bytes: Uint8Array): RelayEntry | undefined {
  if (bytes.length !== ENTRY_LENGTH || MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  const [version, side] = bytes.subarray(MAGIC.length);
  if (version !== VERSION || side! >= SIDES.length) return undefined;
  return { side: SIDES[side!]!, room: bytes.slice(MAGIC.length + 2) };
}
