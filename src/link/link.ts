import type { Fields, MessageType } from './message.ts';

/**
 * Typed messages over a connection, in order, one after another. Protocols speak to this interface alone; the secure
 * channel, the in-memory pair and the adversaries in the tests implement it.
 */
export interface Link {
  /**
   * Queues a message. Fields are copied or written before the promise resolves. The promise is the back-pressure; a
   * party that must receive at the same time need not await it. Throws if a field does not have its exact length.
   */
  send<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void>;
  /**
   * The next message, which must be of this type and shape: anything else is `ERR_PEER_CHEATED`. Queued messages are
   * written first, so messages sent in a row share one flight.
   */
  receive<Shape, Field extends string>(type: MessageType<Shape, Field>, shape: Shape): Promise<Fields<Field>>;
}
