const TAKEN = new Uint8Array(0);

/** Received bytes, in pieces, not yet taken. Taking a length that lies in one piece copies nothing. */
export class Inbox {
  private pieces: Uint8Array[] = [];
  /** Index of the first piece that still holds bytes; earlier ones are dropped now and then. */
  private first = 0;
  /** Bytes in it. */
  length = 0;

  push(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      this.pieces.push(piece);
      this.length += piece.length;
    }
  }

  /** Takes up to `most` bytes that lie together; there must be some. */
  takeSome(most: number): Uint8Array {
    const piece = this.pieces[this.first]!;
    if (piece.length <= most) {
      this.pieces[this.first] = TAKEN; // what was taken is its taker's alone
      this.first += 1;
      if (this.first === 64) {
        this.pieces = this.pieces.slice(this.first);
        this.first = 0;
      }
      this.length -= piece.length;
      return piece;
    }
    this.pieces[this.first] = piece.subarray(most);
    this.length -= most;
    return piece.subarray(0, most);
  }

  /** Zeroes and drops what is left. */
  clear(): void {
    for (const piece of this.pieces) piece.fill(0);
    this.pieces = [];
    this.first = 0;
    this.length = 0;
  }
}
