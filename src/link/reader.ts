import { PeerLeftError } from '../errors.ts';
import type { Channel } from './channel.ts';

/** Cuts a channel's chunks into exact lengths, for the part of a connection before its records. */
export class ChannelReader {
  private readonly channel: Channel;
  private left: Uint8Array = new Uint8Array(0);
  /** Bytes received from the channel so far. */
  received = 0;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /** The next `length` bytes. Throws PeerLeftError if the channel ends first. `length` must be bounded by the caller. */
  async exactly(length: number): Promise<Uint8Array> {
    const whole = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.left.length === 0) {
        const chunk = await this.channel.receive();
        if (chunk === undefined) throw new PeerLeftError('the other side hung up during the handshake');
        this.received += chunk.length;
        this.left = chunk;
      }
      const part = this.left.subarray(0, length - filled);
      whole.set(part, filled);
      filled += part.length;
      this.left = this.left.subarray(part.length);
    }
    return whole;
  }

  /** The bytes received after the last exact length. They are returned once only. */
  takeRest(): Uint8Array {
    const rest = this.left;
    this.left = new Uint8Array(0);
    return rest;
  }
}
