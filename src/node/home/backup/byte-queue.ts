import { concatBytes } from '../../../crypto/bytes.ts';

const NEWLINE = 0x0a;

/** Reads lines and given numbers of bytes from pieces of any size. Holds one piece at a time. */
export class ByteQueue {
  private readonly source: AsyncIterator<Uint8Array>;
  private readonly short: () => Error;
  private rest: Uint8Array = new Uint8Array(0);

  /** @param short makes the error for missing bytes */
  constructor(source: AsyncIterable<Uint8Array>, short: () => Error) {
    this.source = source[Symbol.asyncIterator]();
    this.short = short;
  }

  /** The next line, without its newline: at most `limit` bytes. */
  async line(limit: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let length = 0; length <= limit; ) {
      if (await this.isEmpty()) throw this.short();
      const end = this.rest.indexOf(NEWLINE);
      const piece = this.take(end < 0 ? this.rest.length : end);
      pieces.push(piece);
      length += piece.length;
      if (end < 0) continue;
      this.take(1);
      return concatBytes(...pieces);
    }
    throw this.short();
  }

  /** The next `length` bytes, in pieces. */
  async *bytes(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (await this.isEmpty()) throw this.short();
      const piece = this.take(Math.min(left, this.rest.length));
      left -= piece.length;
      yield piece;
    }
  }

  /** Whether there are no more bytes. */
  async isEmpty(): Promise<boolean> {
    while (this.rest.length === 0) {
      const next = await this.source.next();
      if (next.done === true) return true;
      this.rest = next.value;
    }
    return false;
  }

  private take(length: number): Uint8Array {
    const taken = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return taken;
  }
}
