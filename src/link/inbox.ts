import { giveBack } from '../crypto/give-back.ts';

const TAKEN = new Uint8Array(0);
/** From this length on, bytes that lie together are given by reference, and a received piece is kept as it came. */
const BY_REFERENCE = 1_024;
/** Bytes of the buffer in which shorter pieces are joined. */
const SHELF = 16_384;

/** Received bytes, in pieces, not yet taken. Taking many bytes that lie in one piece copies nothing. */
export class Inbox {
  private pieces: Uint8Array[] = [];
  /** Index of the first piece that still holds bytes; earlier ones are dropped now and then. */
  private first = 0;
  /** Bytes of that piece that have been taken, and whether some of them were given by reference. */
  private offset = 0;
  private lent = false;
  /** Where short pieces are joined, so that a peer that sends tiny records does not cost one object per byte; and how much of it is in use. */
  private shelf = TAKEN;
  private shelved = 0;
  /** Bytes in it. */
  length = 0;

  push(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.length += piece.length;
      if (piece.length >= BY_REFERENCE) this.pieces.push(piece);
      else if (piece.length > 0) this.join(piece);
    }
  }

  /** The next `length` bytes by reference, if they are many and lie together. They are the caller's alone. */
  lend(length: number): Uint8Array | undefined {
    const piece = this.pieces[this.first];
    if (length < BY_REFERENCE || piece === undefined || piece.length - this.offset < length) return undefined;
    const bytes = piece.subarray(this.offset, this.offset + length);
    this.lent = true;
    this.advance(length);
    return bytes;
  }

  /** Fills as much of `target` as it can with the next bytes, and gives how much that was. */
  copyInto(target: Uint8Array): number {
    let filled = 0;
    while (filled < target.length && this.length > 0) {
      const piece = this.pieces[this.first]!;
      const { lent } = this;
      const some = piece.subarray(this.offset, this.offset + target.length - filled);
      target.set(some, filled);
      filled += some.length;
      if (this.advance(some.length) && !lent) giveBack(piece);
    }
    return filled;
  }

  /** Zeroes and drops what is left. */
  clear(): void {
    this.pieces[this.first]?.fill(0, this.offset);
    for (const piece of this.pieces.slice(this.first + 1)) piece.fill(0);
    this.pieces = [];
    this.first = 0;
    this.offset = 0;
    this.lent = false;
    this.shelf = TAKEN;
    this.shelved = 0;
    this.length = 0;
  }

  /** Puts a short piece behind the last one, if that is on the shelf too and has not been used up; otherwise at a place of its own there. */
  private join(piece: Uint8Array): void {
    if (this.shelved + piece.length > this.shelf.length) {
      this.shelf = new Uint8Array(SHELF);
      this.shelved = 0;
    }
    this.shelf.set(piece, this.shelved);
    piece.fill(0);
    const last = this.pieces[this.pieces.length - 1];
    const joined = last !== undefined && last.buffer === this.shelf.buffer;
    const start = joined ? last.byteOffset : this.shelved;
    this.shelved += piece.length;
    const bytes = this.shelf.subarray(start, this.shelved);
    if (joined) this.pieces[this.pieces.length - 1] = bytes;
    else this.pieces.push(bytes);
  }

  /** Moves past `length` bytes of the first piece; whether it is used up now. */
  private advance(length: number): boolean {
    this.length -= length;
    this.offset += length;
    if (this.offset < this.pieces[this.first]!.length) return false;
    this.pieces[this.first] = TAKEN; // what was taken belongs to whoever took it
    this.first += 1;
    this.offset = 0;
    this.lent = false;
    if (this.first === 64) {
      this.pieces = this.pieces.slice(this.first);
      this.first = 0;
    }
    return true;
  }
}
