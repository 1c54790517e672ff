import { encodeBase64url, fromHex, toHex, utf8 } from '../crypto/encoding.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { canonicalText } from '../documents/json.ts';
import { corrupt, type Position, START } from './store.ts';

const DIGITS = 64;
const SPACE = 0x20;
const NEWLINE = 0x0a;
/** A run of NULs this long marks a block of a line that never reached the disk. */
const HOLE = 8;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The chain value before the first line. */
export const CHAIN_START = '0'.repeat(DIGITS);

/** A line of a log: its bytes from `start` to `end`, without the newline, and the chain values before and after it. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

/** Stands before the first line. */
export const NO_LINE: Line = { start: 0, end: 0, before: CHAIN_START, after: CHAIN_START };

export interface Entry {
  readonly text: string;
  readonly line: Line;
}

/** The text of a log's first line. It holds the log's name, so that one log's bytes are not taken for another's. No record has such a text. */
export function headerOf(log: string): string {
  return canonicalText({ parley: 1, peer: encodeBase64url(fromHex(log)), type: 'ledger' });
}

/** The position of the record in a line. */
export function positionOf({ start, end, before, after }: Line): Position {
  return `${start}-${end}-${before}-${after}`;
}

const POSITION = /^(\d{1,15})-(\d{1,15})-([0-9a-f]{64})-([0-9a-f]{64})$/;

/** The line that a position names; undefined for `START`, and for a text that `positionOf` never returns. */
export function lineAt(position: Position): Line | undefined {
  const [, start, end, before, after] = position === START ? [] : (POSITION.exec(position) ?? []);
  if (start === undefined) return undefined;
  return { start: Number(start), end: Number(end), before: before!, after: after! };
}

/** A record's line, newline included: 64 hexadecimal digits, a space, the text. The digits are the chain value after the line. */
export function encodeLine(text: string, chain: string): Uint8Array {
  const json = utf8(text);
  return utf8(`${chainAfter(chain, json)} ${text}\n`);
}

/** The text and the chain value of a line without its newline; undefined if the line does not continue `chain`. */
export function decodeLine(
  bytes: Uint8Array,
  chain: string,
): { readonly text: string; readonly after: string } | undefined {
  if (bytes.length <= DIGITS || bytes[DIGITS] !== SPACE) return undefined;
  const json = bytes.subarray(DIGITS + 1);
  const after = chainAfter(chain, json);
  for (let i = 0; i < DIGITS; i++) if (bytes[i] !== after.charCodeAt(i)) return undefined;
  try {
    return { text: decoder.decode(json), after };
  } catch {
    return undefined;
  }
}

function chainAfter(chain: string, json: Uint8Array): string {
  return toHex(hash(tags.ledgerRecord, chain, json));
}

/**
 * Reads a log's bytes, piece by piece, from the end of a line on. Accepts lines whose chain value is right, and leaves out a torn tail. Throws
 * LedgerError `ERR_LEDGER_CORRUPT` for anything else.
 */
export class LineReader {
  readonly entries: Entry[] = [];
  /** The last line that was accepted. */
  last: Line;
  /** Whether that line has its newline. */
  terminated: boolean;
  private rest: Uint8Array = new Uint8Array();
  /** A line with a newline but a wrong chain value: a torn tail if nothing follows, otherwise damage. */
  private doubtful: Uint8Array | undefined;

  /** `terminated` says whether the newline of `last` has been read. If not, the bytes to come begin with it. */
  constructor(last: Line = NO_LINE, terminated = true) {
    this.last = last;
    this.terminated = terminated;
  }

  /** Reads the next bytes, which must not change until `finish`. */
  push(piece: Uint8Array): void {
    let bytes = joined(this.rest, piece);
    if (!this.terminated && bytes.length > 0) {
      if (bytes[0] !== NEWLINE) throw corrupt();
      this.terminated = true;
      bytes = bytes.subarray(1);
    }
    let offset = 0;
    for (;;) {
      if (this.doubtful !== undefined && offset < bytes.length) throw corrupt();
      const newline = bytes.indexOf(NEWLINE, offset);
      if (newline < 0) break;
      const line = bytes.subarray(offset, newline);
      if (!this.take(line)) this.doubtful = line;
      offset = newline + 1;
    }
    this.rest = bytes.subarray(offset);
  }

  /** To be called when there are no more bytes. */
  finish(): void {
    const { doubtful, rest, last } = this;
    if (doubtful !== undefined && !hasHole(doubtful)) throw corrupt();
    if (rest.length === 0) return;
    if (this.take(rest)) {
      this.terminated = false;
      return;
    }
    // A whole line and one more byte: its newline was damaged.
    if (decodeLine(rest.subarray(0, -1), last.after) !== undefined) throw corrupt();
  }

  private take(bytes: Uint8Array): boolean {
    const { last } = this;
    const decoded = decodeLine(bytes, last.after);
    if (decoded === undefined) return false;
    const { text, after } = decoded;
    const start = last === NO_LINE ? 0 : last.end + 1;
    this.last = { start, end: start + bytes.length, before: last.after, after };
    this.entries.push({ text, line: this.last });
    return true;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function hasHole(bytes: Uint8Array): boolean {
  let run = 0;
  for (const byte of bytes) {
    run = byte === 0 ? run + 1 : 0;
    if (run === HOLE) return true;
  }
  return false;
}
