import type { IncomingMessage } from 'node:http';

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
    const chunks: Buffer[] = [];
    let length = 0;
    this.reading.add(request);
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        this.held += chunk.length;
        if (length > limit) return 'too long';
        chunks.push(chunk);
        if (this.held > this.most) this.dropOldest();
      }
      return request.complete ? Buffer.concat(chunks) : undefined;
    } catch {
      return undefined;
    } finally {
      this.reading.delete(request);
      this.held -= length;
    }
  }

  private dropOldest(): void {
    const [oldest] = this.reading;
    oldest?.destroy();
  }
}
