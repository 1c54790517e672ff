import { subscriberOf } from '../../link/ip-address.ts';

/** Milliseconds after which what an address was given counts no more. */
const PERIOD = 3_600_000;
/** The most addresses that are remembered. One more, and the oldest is forgotten. */
const REMEMBERED = 4_096;

/** How much each address (each /64, for IPv6) may be given in an hour. An unknown address has no limit. */
export class Quota {
  private readonly most: number;
  private readonly given = new Map<string, { readonly since: number; count: number }>();

  constructor(most: number) {
    this.most = most;
  }

  isUsedUp(remote: string | undefined): boolean {
    const used = remote === undefined ? undefined : this.given.get(subscriberOf(remote));
    return used !== undefined && performance.now() - used.since < PERIOD && used.count >= this.most;
  }

  count(remote: string | undefined): void {
    if (remote === undefined) return;
    const key = subscriberOf(remote);
    const now = performance.now();
    const used = this.given.get(key);
    if (used !== undefined && now - used.since < PERIOD) {
      used.count += 1;
      return;
    }
    this.given.delete(key);
    this.given.set(key, { since: now, count: 1 });
    const [oldest] = this.given.keys();
    if (this.given.size > REMEMBERED) this.given.delete(oldest!);
  }
}
