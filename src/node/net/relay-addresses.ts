import { subscriberOf } from '../../link/ip-address.ts';

/** The most times that the penalty of an address doubles. */
const DOUBLINGS = 5;
/** Milliseconds after which a refusal is forgotten. */
const MEMORY = 120_000;
/** The most refused addresses that are remembered. One more, and the oldest is forgotten. */
const REMEMBERED = 4_096;

interface Refusal {
  readonly count: number;
  readonly at: number;
}

/** Counts the connections of each kind that each address has, and remembers which addresses were refused lately. An IPv6 /64 counts as one address. */
export class Addresses<Kind extends string> {
  private readonly limits: Readonly<Record<Kind, number>>;
  private readonly penalty: number;
  private readonly held = new Map<string, number>();
  private readonly refusals = new Map<string, Refusal>();

  /** @param penalty milliseconds for which an address is refused again after a refusal; doubled with each further one */
  constructor(limits: Readonly<Record<Kind, number>>, penalty: number) {
    this.limits = limits;
    this.penalty = penalty;
  }

  /** Takes one place for `remote`, if it has any left, and returns a function that frees the place. An unknown address has no limit. */
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

  /** Whether the penalty of an address is still running, so that it is refused whatever it asks for. */
  isRefused(remote: string | undefined): boolean {
    const refusal = remote === undefined ? undefined : this.refusals.get(subscriberOf(remote));
    if (refusal === undefined) return false;
    const penalty = this.penalty * 2 ** Math.min(refusal.count - 1, DOUBLINGS);
    return performance.now() - refusal.at < penalty;
  }

  /** Records that an address has been refused. */
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
