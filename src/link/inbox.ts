import { giveBack } from '../crypto/give-back.ts';
import { type ParleyError, PeerAbortedError, PeerLeftError } from '../errors.ts';

const TAKEN = new Uint8Array(0);
/** From this length on, contiguous bytes are returned by reference, and a received piece is kept without copying. */
const BY_REFERENCE = 1_024;
/** Bytes of the buffer in which shorter pieces are joined. */
const SHELF = 16_384;

/** Received bytes, in pieces, that have not been taken yet. Taking many bytes from one piece copies nothing. */
export class Inbox {
  private pieces: Uint8Array[] = [];
  /** Index of the first piece that still holds bytes. Earlier pieces are dropped now and then. */
  private first = 0;
  /** Bytes of that piece that have been taken and, below, whether some of them were returned by reference. */
  private offset = 0;
  private lent = false;
  /** A buffer in which short pieces are joined, so that a peer with tiny records does not cost one object per byte. Below, the bytes of it in use. */
  private shelf = TAKEN;
  private shelved = 0;
  /** Bytes in this inbox. */
  length = 0;

  push(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.length += piece.length;
      if (piece.length >= BY_REFERENCE) this.pieces.push(piece);
      else if (piece.length > 0) this.join(piece);
    }
  }

  /** The next `length` bytes by reference, if they are many and contiguous. They then belong to the caller alone. */
  lend(length: number): Uint8Array | undefined {
    const piece = this.pieces[this.first];
    if (length < BY_REFERENCE || piece === undefined || piece.length - this.offset < length) return undefined;
    const bytes = piece.subarray(this.offset, this.offset + length);
    this.lent = true;
    this.advance(length);
    return bytes;
  }

  /** Fills as much of `target` as possible with the next bytes. Returns the number of bytes. */
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

  /** Zeroes and drops the remaining bytes. */
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

  /** Puts a short piece on the shelf: joined to the last piece if that is there too and not used up, otherwise as a piece of its own. */
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

  /** Moves past `length` bytes of the first piece. Returns whether the piece is now used up. */
  private advance(length: number): boolean {
    this.length -= length;
    this.offset += length;
    if (this.offset < this.pieces[this.first]!.length) return false;
    this.pieces[this.first] = TAKEN; // the bytes now belong to the caller
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

/** Whether an error means that nothing more will arrive, while earlier data may still be taken. */
export function endsInput(error: ParleyError): boolean {
  return error instanceof PeerLeftError || error instanceof PeerAbortedError;
}
