import type { IncomingMessage } from 'node:http';

/** Bytes of a piece of a body. */
const PIECE = 16_384;

/** Bytes in pieces of one size, so that a caller who sends byte by byte costs no object for each. */
class Body {
  private readonly pieces: Buffer[] = [];
  /** Free bytes in the last piece. */
  private room = 0;
  length = 0;

  push(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      if (this.room === 0) {
        this.pieces.push(Buffer.alloc(PIECE));
        this.room = PIECE;
      }
      const copied = chunk.copy(this.pieces.at(-1)!, PIECE - this.room, from);
      this.room -= copied;
      from += copied;
    }
    this.length += chunk.length;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.pieces, this.length);
  }
}

/** Reads bodies of requests, all together within a limit. */
export class Uploads {
  private readonly most: number;
  private held = 0;
  /** Requests that are not complete, the oldest first. */
  private readonly reading = new Set<IncomingMessage>();

  /** @param most bytes of all bodies that are not complete; beyond, the oldest request is dropped */
  constructor(most: number) {
    this.most = most;
  }

  /** The body of a request; undefined if the request ended before its body, or was dropped. */
  async read(request: IncomingMessage, limit: number): Promise<Uint8Array | 'too long' | undefined> {
    if (Number(request.headers['content-length'] ?? 0) > limit) return 'too long';
    const body = new Body();
    this.reading.add(request);
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        if (body.length + chunk.length > limit) return 'too long';
        body.push(chunk);
        this.held += chunk.length;
        if (this.held > this.most) this.dropOldest();
      }
      return request.complete ? body.bytes() : undefined;
    } catch {
      return undefined;
    } finally {
      this.reading.delete(request);
      this.held -= body.length;
    }
  }

  private dropOldest(): void {
    const [oldest] = this.reading;
    oldest?.destroy();
  }
}
