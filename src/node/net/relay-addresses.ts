import { subscriberOf } from '../../link/ip-address.ts';

/** How often the time for which an address is refused again doubles, at most. */
const DOUBLINGS = 5;
/** Milliseconds after which a refusal is forgotten. */
const MEMORY = 120_000;
/** Refused addresses that are remembered; past it the oldest is forgotten. */
const REMEMBERED = 4_096;

interface Refusal {
  readonly count: number;
  readonly at: number;
}

/** How many connections of each kind each address has, an IPv6 /64 being one address, and which have been refused lately. */
export class Addresses<Kind extends string> {
  private readonly limits: Readonly<Record<Kind, number>>;
  private readonly penalty: number;
  private readonly held = new Map<string, number>();
  private readonly refusals = new Map<string, Refusal>();

  /** @param penalty milliseconds for which an address that was refused once is refused again; twice as long each further time */
  constructor(limits: Readonly<Record<Kind, number>>, penalty: number) {
    this.limits = limits;
    this.penalty = penalty;
  }

  /** Takes one place for `remote`, if it has any left. Gives what frees it again, once. Who is not known has no limit. */
  take(kind: Kind, remote: string | undefined): (() => void) | undefined {
    if (remote === undefined) return () => undefined;
    const key = `${kind} ${subscriberOf(remote)}`;
    const held = this.held.get(key) ?? 0;
    if (held >= this.limits[kind]) return undefined;
    this.held.set(key, held + 1);
    let free = false;
    return () => {
      if (free) return;
      free = true;
      const left = this.held.get(key)! - 1;
      if (left > 0) this.held.set(key, left);
      else this.held.delete(key);
    };
  }

  /** Whether an address has been refused so lately that it is refused again, whatever it asks for. */
  isRefused(remote: string | undefined): boolean {
    const refusal = remote === undefined ? undefined : this.refusals.get(subscriberOf(remote));
    if (refusal === undefined) return false;
    const penalty = this.penalty * 2 ** Math.min(refusal.count - 1, DOUBLINGS);
    return performance.now() - refusal.at < penalty;
  }

  /** Puts on record that an address has been refused. */
  refuse(remote: string | undefined): void {
    if (remote === undefined) return;
    const key = subscriberOf(remote);
    const before = this.refusals.get(key);
    const now = performance.now();
    const lately = before !== undefined && now - before.at < MEMORY;
    this.refusals.delete(key);
    this.refusals.set(key, { count: lately ? before.count + 1 : 1, at: now });
    if (this.refusals.size > REMEMBERED) {
      const [oldest] = this.refusals.keys();
      this.refusals.delete(oldest!);
    }
  }
}
