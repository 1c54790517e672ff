import type { Socket } from 'node:net';

/** The connections of a server, each for one request. Where there are too many, the oldest that has not sent its request gives way: others cannot be kept out by connections that do nothing. */
export class Connections {
  private readonly most: number;
  private open = 0;
  /** Those whose request is not complete, the oldest first. */
  private readonly waiting = new Set<Socket>();
  private readonly asked = new WeakSet<Socket>();

  constructor(most: number) {
    this.most = most;
  }

  add(socket: Socket): void {
    this.open += 1;
    this.waiting.add(socket);
    socket.once('close', () => {
      this.open -= 1;
      this.waiting.delete(socket);
    });
    if (this.open <= this.most) return;
    const [oldest] = this.waiting; // the new one, if all others wait for their answers
    this.waiting.delete(oldest!);
    oldest!.destroy();
  }

  /** A request has begun. False if it is not the connection's first. */
  ask(socket: Socket): boolean {
    if (this.asked.has(socket)) return false;
    this.asked.add(socket);
    return true;
  }

  /** The request is there. */
  complete(socket: Socket): void {
    this.waiting.delete(socket);
  }
}
