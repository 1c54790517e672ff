import type { Handshaken } from './handshake.ts';
import { MAX_FLIGHT } from './header.ts';
import { RECORD_OVERHEAD } from './records.ts';

/** What a link has cost so far. */
export interface LinkStats {
  /** Bytes given to the channel and, below, taken from it, handshake included. */
  readonly sent: number;
  readonly received: number;
  /**
   * Length of the longest chain of messages, each sent after taking the one before, handshake included (unless restarted).
   * It is right if the peer counts honestly.
   */
  readonly flights: number;
}

/** So many records are counted one by one while their data waits to be taken; what arrives beyond that is counted as part of the last. */
const MOST_PENDING = 1_024;

/** A record whose data has not all been taken: the bytes of data that are left, and its bytes on the channel. */
interface Pending {
  left: number;
  bytes: number;
}

/**
 * Counts what the messages of a link have cost: their flights, and the bytes of received records. A record counts once its data has been taken, so that what the
 * peer has sent ahead counts when its turn comes. Heartbeats do not count.
 */
export class Tally {
  /** Bytes of the handshake and of records whose data has been taken. */
  received: number;
  private pending: Pending[] = [];
  /** The flight of the last message taken and, below, of the last one sent. The handshake has three flights, two of them the initiator's. */
  private takenFlight: number;
  private sentFlight: number;

  constructor(initiator: boolean, { received, rest }: Handshaken) {
    this.received = received - rest.length;
    this.takenFlight = initiator ? 2 : 3;
    this.sentFlight = initiator ? 3 : 2;
  }

  get flights(): number {
    return Math.max(this.takenFlight, this.sentFlight);
  }

  /** Counts flights from zero again. */
  restartFlights(): void {
    this.takenFlight = 0;
    this.sentFlight = 0;
  }

  /** A message of that flight has been taken. */
  took(flight: number): void {
    this.takenFlight = Math.max(this.takenFlight, flight);
  }

  /** The flight of a message that is sent now. */
  nextFlight(): number {
    this.sentFlight = Math.min(this.takenFlight + 1, MAX_FLIGHT);
    return this.sentFlight;
  }

  /** A record with so much data has arrived. */
  arrived(data: number): void {
    const last = this.pending[this.pending.length - 1];
    if (last !== undefined && this.pending.length === MOST_PENDING) {
      last.left += data;
      last.bytes += data + RECORD_OVERHEAD;
    } else {
      this.pending.push({ left: data, bytes: data + RECORD_OVERHEAD });
    }
  }

  /** So much data has been taken. */
  takeData(data: number): void {
    let due = data;
    for (let first = this.pending[0]; first !== undefined && due > 0; first = this.pending[0]) {
      const some = Math.min(due, first.left);
      first.left -= some;
      due -= some;
      if (first.left > 0) return;
      this.received += first.bytes;
      this.pending.shift();
    }
  }
}
