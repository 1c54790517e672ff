import { messageLength } from './fields.ts';
import { codeFor, type Tell } from './log.ts';
import type { Fields, MessageType } from './message.ts';
import { SecureLink, type SecureLinkOptions } from './secure-link.ts';

/** What a link is doing. Kept apart from the link, which can fail in its constructor. */
interface Now {
  link?: LoggedLink;
  /** The message that is being waited for. */
  awaited?: string;
}

/** A secure link that logs every message, and its end. */
export class LoggedLink extends SecureLink {
  private readonly tell: Tell;
  private readonly now: Now;

  constructor(options: SecureLinkOptions, tell: Tell) {
    const { sent, received } = options.handshaken;
    const now: Now = {};
    super({
      ...options,
      onFailure(error) {
        const { awaited, link } = now;
        const cost = link?.stats ?? { sent, received, flights: 0 };
        // A peer that has closed in order may be gone before this side closes.
        if (link?.closedByBoth() !== true)
          tell({ event: 'aborted', ...(awaited !== undefined && { awaited }), ...codeFor(error), ...cost });
        options.onFailure?.(error);
      },
    });
    this.tell = tell;
    this.now = now;
    now.link = this;
  }

  override send<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void> {
    const sent = super.send(type, shape, fields);
    if (this.ended === undefined) this.told('sent', type, shape);
    return sent;
  }

  override async receive<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
  ): Promise<Fields<Field>> {
    this.now.awaited = type.name;
    try {
      const fields = await super.receive(type, shape);
      this.told('received', type, shape);
      return fields;
    } finally {
      delete this.now.awaited;
    }
  }

  override async close(): Promise<void> {
    this.tell({ event: 'closing' });
    await super.close();
    this.tell({ event: 'closed', ...this.stats });
  }

  private told<Shape, Field extends string>(
    event: 'sent' | 'received',
    type: MessageType<Shape, Field>,
    shape: Shape,
  ): void {
    const { flights } = this.stats;
    this.tell({ event, message: type.name, bytes: messageLength(type, shape), flights });
  }
}
