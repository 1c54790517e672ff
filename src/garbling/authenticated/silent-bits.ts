import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import type { Random } from '../../crypto/random.ts';
import { inTurns } from '../../crypto/slices.ts';
import type { Link } from '../../link/link.ts';
import {
  baseOf,
  levelsOf,
  SilentReceiver,
  SilentSender,
  type SilentShape,
  silentAnswer,
  silentChallenge,
  silentTrees,
} from '../../ot/index.ts';
import { type Shares, sharesAt } from './correlated-bits.ts';
import { Pool } from './pool.ts';
import { gainOf, type Plan, roomOf } from './silent-plan.ts';

export interface SilentBitsOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  /** Names the connection. */
  readonly sid: Uint8Array;
  /** Names the direction of this party's bits, and that of its peer's. */
  readonly directions: { readonly own: string; readonly peer: string };
  /** This party's Δ. */
  readonly delta: Pointer;
  /** Makes bits by SoftSpoken OT in both directions. */
  speak(link: Link, count: number): Promise<Shares>;
}

/**
 * Step 1 for large batches: silent extensions (src/ot/silent) in both directions at once, in the same steps at both parties. Keeps what an extension needs of the
 * one before, and bits that nobody has asked for yet.
 */
export class SilentBits {
  private readonly options: SilentBitsOptions;
  private readonly kernel: Kernel;
  /** Columns of both pools: MACs, keys. COTs that go into extensions. */
  private readonly reserve: Pool;
  private readonly left: Pool;
  private extensions = 0;

  constructor(options: SilentBitsOptions) {
    this.options = options;
    this.kernel = options.kernel;
    this.reserve = new Pool(options.kernel, 2);
    this.left = new Pool(options.kernel, 2);
  }

  /** Bits left over by earlier extensions. */
  get available(): number {
    return this.left.available;
  }

  /** Moves the first `count` of the bits left over to another place. */
  takeStocked(into: Shares, count: number): void {
    if (count === 0) return;
    const [macs, keys] = this.left.take(count);
    this.copy(into.macs, macs!, count);
    this.copy(into.keys, keys!, count);
    this.left.sweep();
  }

  /**
   * The bits of a plan that has extensions. Sends all messages of it but what `finish` waits for: only when that has resolved all of the peer's are
   * verified, and what `shares` points to may be used.
   */
  async begin(link: Link, plan: Plan, count: number): Promise<{ shares: Shares; finish(): Promise<void> }> {
    const made = plan.rounds.reduce((sum, shape) => sum + gainOf(shape), plan.stocked);
    // What outlasts these bits lies below them: above, it would cut up the room of later ones, and the memory would grow.
    await this.fillReserve(link, baseOf(plan.rounds[0]!.size));
    const left = made > count ? this.room(made - count) : undefined;
    const shares = this.room(roomOf(plan));
    this.takeStocked(shares, plan.stocked);
    let place = plan.stocked;
    let finish = async () => {};
    for (const shape of plan.rounds) {
      await finish();
      const here = sharesAt(shares, place);
      const complete = await this.extend(link, shape, here);
      finish = async () => {
        await complete();
        const base = baseOf(shape.size);
        this.keep(this.reserve, sharesAt(here, gainOf(shape)), base, this.room(base));
      };
      place += gainOf(shape);
    }
    return {
      shares,
      finish: async () => {
        await finish();
        if (left !== undefined) this.keep(this.left, sharesAt(shares, count), made - count, left);
      },
    };
  }

  /** One extension in each direction. Gives what completes it: the verification of the peer's trees comes there. */
  private async extend(link: Link, shape: SilentShape, { macs, keys }: Shares): Promise<() => Promise<void>> {
    const { kernel, random, sid, directions, delta } = this.options;
    const [baseMacs, baseKeys] = this.reserve.take(baseOf(shape.size));
    const number = this.extensions++;
    const common = { kernel, random, shape };
    const sender = new SilentSender({
      ...common,
      name: { sid, direction: directions.peer, number },
      arrays: { base: baseKeys!, leaves: keys },
      delta,
    });
    const receiver = new SilentReceiver({
      ...common,
      name: { sid, direction: directions.own, number },
      arrays: { base: baseMacs!, leaves: macs },
    });
    // Both parties send at the same time: to wait for this to leave could be to wait forever.
    const levels = levelsOf(shape);
    const sending = link.send(silentTrees, levels, { corrections: await inTurns(sender.grow()) });
    sending.catch(() => undefined);
    const { corrections } = await link.receive(silentTrees, levels);
    await sending;
    await link.send(silentChallenge, undefined, await inTurns(receiver.challenge(corrections)));
    const digest = await inTurns(sender.answer(await link.receive(silentChallenge, undefined)));
    await link.send(silentAnswer, undefined, { digest });
    await inTurns(sender.encode());
    return async () => {
      receiver.verify((await link.receive(silentAnswer, undefined)).digest);
      await inTurns(receiver.encode());
      this.reserve.sweep();
    };
  }

  /** Makes what earlier extensions have not left of the COTs that go into the next, by SoftSpoken OT. */
  private async fillReserve(link: Link, count: number): Promise<void> {
    const missing = count - this.reserve.available;
    if (missing <= 0) return;
    const { macs, keys } = await this.options.speak(link, missing);
    this.reserve.add([macs, keys], missing);
  }

  /** Keys below MACs: buckets are done with MACs first, and what they become takes that room. */
  private room(count: number): Shares {
    const { kernel } = this;
    return { keys: kernel.allocate(16 * count), macs: kernel.allocate(16 * count) };
  }

  /** Moves `count` bits to a pool, in arrays that it takes over. */
  private keep(pool: Pool, from: Shares, count: number, into: Shares): void {
    for (const kind of ['keys', 'macs'] as const) {
      this.copy(into[kind], from[kind], count);
      this.kernel.view(from[kind], 16 * count).fill(0);
    }
    pool.add([into.macs, into.keys], count);
  }

  private copy(to: Pointer, from: Pointer, count: number): void {
    this.kernel.write(to, this.kernel.view(from, 16 * count));
  }
}
