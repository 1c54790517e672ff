import type { Link } from '../link/link.ts';
import type { Fields, MessageType } from '../link/message.ts';

/** What both parties send each other before an engine computes, in one message each way or a few. */
export interface Exchange {
  /** Whether this party's part goes out first, when the exchange begins. The other's follows as soon as it has that. */
  readonly first: boolean;
  /** Whether the peer's part has arrived, and this side's has been sent. */
  readonly done: boolean;
  /** Receives the peer's part; at second, sends its own in answer. */
  exchanged(): Promise<unknown>;
}

/**
 * The link between an engine and the peer, which takes an exchange along. It passes everything through until that has begun. From then on it takes nothing from
 * the peer before the peer's part, and second sends nothing before its own. So the exchange costs no flight.
 */
export class ExchangingLink implements Link {
  protected readonly link: Link;
  private readonly early: readonly { readonly id: number }[];
  private exchange: Exchange | undefined;

  /** `early`: messages that the peer sends before it begins, and that this side may read only after it has. */
  constructor(link: Link, early: readonly { readonly id: number }[] = []) {
    this.link = link;
    this.early = early;
  }

  /** To be called once, when first's part has been sent. */
  protected begun(exchange: Exchange): void {
    this.exchange = exchange;
  }

  async send<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void> {
    const { exchange } = this;
    if (exchange?.first === false && !exchange.done) await exchange.exchanged();
    return this.link.send(type, shape, fields);
  }

  async receive<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
  ): Promise<Fields<Field>> {
    const { exchange } = this;
    if (exchange !== undefined && !this.early.some(({ id }) => id === type.id)) {
      if (!exchange.done) await exchange.exchanged();
      await this.beforeReceiving();
    }
    return this.link.receive(type, shape);
  }

  /** What has to have arrived before anything else is taken. */
  protected async beforeReceiving(): Promise<void> {}
}
