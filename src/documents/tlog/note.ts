import { SIGNATURE_LENGTH, verifySignature } from '../../crypto/ed25519.ts';
import { toHex, utf8 } from '../../crypto/encoding.ts';
import { LAST_SECOND } from '../time.ts';
import { decodeBase64 } from './base64.ts';
import type { VerifierKey } from './verifier-key.ts';

/** A text with signatures (C2SP signed-note). Nothing of it has been checked. */
export interface Note {
  /** What is signed, with its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** Four bytes, as hexadecimal digits. */
  readonly id: string;
  readonly signature: Uint8Array;
}

/** The most signatures that are looked at; the specification asks for at least 16. */
const MAX_SIGNATURES = 64;
const LINE = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u;
const TIMESTAMP = 8;
/** Reads a note; undefined for anything else. */
export function parseNote(note: string): Note | undefined {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n') || hasControls(note)) return undefined;
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return undefined;
  const signatures = lines.map(readLine);
  return signatures.every((one) => one !== undefined)
    ? { text: note.slice(0, end + 1), signatures }
    : undefined;
}

/** Whether a log's key has signed a note. If it signed more than once, every signature has to hold. */
export function isSignedBy(note: Note, key: VerifierKey): boolean {
  const own = signaturesOf(note, key);
  const message = utf8(note.text);
  return own.length > 0 && own.every((signature) => verifySignature(key.key, message, signature));
}

/**
 * The earliest time, in seconds since 1970, at which a witness says to have seen a checkpoint (C2SP tlog-cosignature, version 1 for Ed25519). Undefined if it says nothing; false if a signature
 * under its name and id does not hold.
 */
export function cosignedAt(checkpoint: Note, witness: VerifierKey): number | undefined | false {
  const times = signaturesOf(checkpoint, witness).map((bytes) => timeIn(bytes, checkpoint, witness));
  if (times.includes(undefined)) return false;
  return times.length === 0 ? undefined : Math.min(...(times as number[]));
}

/** The time in one cosignature: 8 bytes of time, then the signature. Undefined if it does not hold. */
function timeIn(bytes: Uint8Array, { text }: Note, { key }: VerifierKey): number | undefined {
  if (bytes.length !== TIMESTAMP + SIGNATURE_LENGTH) return undefined;
  const time = Number(new DataView(bytes.buffer, bytes.byteOffset, TIMESTAMP).getBigUint64(0));
  if (time > LAST_SECOND) return undefined;
  const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
  return verifySignature(key, message, bytes.subarray(TIMESTAMP)) ? time : undefined;
}

function signaturesOf({ signatures }: Note, { name, id }: VerifierKey): Uint8Array[] {
  return signatures.filter((one) => one.name === name && one.id === id).map(({ signature }) => signature);
}

function readLine(line: string): NoteSignature | undefined {
  const [, name, coded = ''] = LINE.exec(line) ?? [];
  const bytes = decodeBase64(coded);
  if (name === undefined || bytes === undefined || bytes.length <= 4) return undefined;
  return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/** Whether a text has control characters other than the newline. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20 && text[i] !== '\n') return true;
  return false;
}
