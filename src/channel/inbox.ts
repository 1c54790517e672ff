import { giveBack } from '../crypto/give-back.ts';

const TAKEN = new Uint8Array(0);
/** Lengths from which bytes that lie together are given by reference. */
const BY_REFERENCE = 1_024;

/** Received bytes, in pieces, not yet taken. Taking a length that lies in one piece copies nothing. */
export class Inbox {
  private pieces: Uint8Array[] = [];
  /** Index of the first piece that still holds bytes; earlier ones are dropped now and then. */
  private first = 0;
  /** Bytes of that piece that have been taken, and whether some of them were given by reference. */
  private offset = 0;
  private lent = false;
  /** Bytes in it. */
  length = 0;

  push(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      this.pieces.push(piece);
      this.length += piece.length;
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
    this.length = 0;
  }

  /** Moves past `length` bytes of the first piece; whether it is used up now. */
  private advance(length: number): boolean {
    this.length -= length;
    this.offset += length;
    if (this.offset < this.pieces[this.first]!.length) return false;
    this.pieces[this.first] = TAKEN; // what was taken is its taker's alone
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
