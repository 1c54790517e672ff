import { giveBack, giveBackFields } from '../../crypto/give-back.ts';
import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import type { Random } from '../../crypto/random.ts';
import type { Link } from '../../link/link.ts';
import {
  BASE_OTS,
  type BaseOtReceiver,
  type BaseOtSender,
  type BatchFields,
  baseOtPoints,
  CotReceiver,
  CotSender,
  chosenSeedsFromMacs,
  cotBatch,
  cotSetup,
  matrixRows,
  seedPairsFromKeys,
} from '../../ot/index.ts';
import { type CorrelatedBits, type Role, type Shares, sharesAt } from './correlated-bits.ts';
import { SilentBits } from './silent-bits.ts';
import { type Plan, planFor } from './silent-plan.ts';

const DIRECTION = { garbler: 'bits of the garbler', evaluator: 'bits of the evaluator' } as const;

export interface OtCorrelationsOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  /** Names the connection; the same at both parties. */
  readonly sid: Uint8Array;
}

/** A uniform Δ with the bits that the role fixes. 16 bytes. */
export function drawDelta(random: Random, role: Role): Uint8Array {
  const delta = random(16);
  delta[0] = (delta[0]! & ~3) | (role === 'garbler' ? 3 : 1);
  return delta;
}

/** What both ends share: one COT instance for each direction, and silent extensions of what they give. */
abstract class OtCorrelations implements CorrelatedBits {
  readonly kernel: Kernel;
  readonly role: Role;
  readonly delta: Pointer;
  protected readonly random: Random;
  protected readonly sid: Uint8Array;
  protected readonly silent: SilentBits;
  protected receiver: CotReceiver | undefined;
  protected sender: CotSender | undefined;
  /** What `accept` owes after `offer`. */
  private offered: { readonly count: number; readonly keys: Pointer; finish(): Promise<void> } | undefined;

  constructor({ kernel, random, sid }: OtCorrelationsOptions, role: Role, delta: Uint8Array) {
    this.kernel = kernel;
    this.role = role;
    this.random = random;
    this.sid = sid.slice();
    this.delta = kernel.allocate(16);
    kernel.write(this.delta, delta);
    this.silent = new SilentBits({
      kernel,
      random,
      sid: this.sid,
      directions: { own: DIRECTION[role], peer: DIRECTION[peerOf(role)] },
      delta: this.delta,
      speak: (link, count) => this.speak(link, count),
    });
  }

  /** Sends what must precede this party's first bits. */
  protected abstract beginOffer(link: Link): Promise<void>;
  /** Receives what precedes the peer's first bits. */
  protected abstract beginAccept(link: Link): Promise<void>;
  /** Makes bits by SoftSpoken OT in both directions, the garbler's first. */
  protected abstract speak(link: Link, count: number): Promise<Shares>;

  async offer(link: Link, count: number): Promise<Pointer> {
    await this.beginOffer(link);
    const plan = planFor(count, this.silent.available);
    if (plan.rounds.length > 0) {
      const { shares, finish } = await this.silent.begin(link, plan, count);
      this.offered = { count, keys: shares.keys, finish };
      return shares.macs;
    }
    const { shares, spoken } = this.makeRoom(plan);
    if (plan.spoken > 0) await this.sendBits(link, plan.spoken, this.ownBits(plan.spoken, spoken.macs));
    this.offered = {
      count,
      keys: shares.keys,
      finish: async () => {
        if (plan.spoken > 0) await this.acceptBits(link, plan.spoken, spoken.keys);
      },
    };
    return shares.macs;
  }

  async accept(link: Link, count: number): Promise<Pointer> {
    const { offered } = this;
    if (offered?.count !== count) throw new Error('as many bits are accepted as have been offered');
    this.offered = undefined;
    await this.beginAccept(link);
    await offered.finish();
    return offered.keys;
  }

  async exchange(link: Link, count: number, verified: () => Promise<void>): Promise<Shares> {
    await this.beginAccept(link);
    const plan = planFor(count, this.silent.available);
    if (plan.rounds.length > 0) {
      const { shares, finish } = await this.silent.begin(link, plan, count);
      await finish();
      await verified();
      return shares;
    }
    const { shares, spoken } = this.makeRoom(plan);
    if (plan.spoken > 0) await this.exchangeBits(link, plan.spoken, spoken, verified);
    else await verified();
    return shares;
  }

  /** Own bits are worked out while the peer works on its own, and leave once the peer's are verified. */
  protected async exchangeBits(
    link: Link,
    count: number,
    { macs, keys }: Shares,
    verified: () => Promise<void>,
  ): Promise<void> {
    const message = this.ownBits(count, macs);
    await this.acceptBits(link, count, keys);
    await verified();
    await this.beginOffer(link);
    await this.sendBits(link, count, message);
  }

  protected ownBits(count: number, into: Pointer): BatchFields {
    return this.receiver!.extend(count, undefined, into).message;
  }

  protected async sendBits(link: Link, count: number, message: BatchFields): Promise<void> {
    await link.send(cotBatch, { count }, message);
    giveBack(message.correction);
  }

  protected async acceptBits(link: Link, count: number, into: Pointer): Promise<void> {
    const message = await link.receive(cotBatch, { count });
    this.sender!.extend(count, message, into);
    giveBackFields(message);
  }

  /** Room for `count` bits by SoftSpoken OT, with the rows that only hide their check. */
  protected allocate(count: number): Shares {
    const room = () => this.kernel.allocate(16 * matrixRows(count));
    return { macs: room(), keys: room() };
  }

  /** Room for the bits of a plan without extensions; those that are left over are in it. Gives where the others go, too. */
  private makeRoom({ stocked, spoken }: Plan): { shares: Shares; spoken: Shares } {
    const room = () => this.kernel.allocate(16 * (stocked + (spoken > 0 ? matrixRows(spoken) : 0)));
    const shares = { macs: room(), keys: room() };
    this.silent.takeStocked(shares, stocked);
    return { shares, spoken: sharesAt(shares, stocked) };
  }

  /** Forgets every secret that is not in the kernel's memory. */
  close(): void {
    this.receiver?.close();
    this.sender?.close();
  }

  protected newReceiver(seeds: ConstructorParameters<typeof CotReceiver>[0]['seeds']): CotReceiver {
    const { kernel, random, sid, role } = this;
    return new CotReceiver({ kernel, random, sid, direction: DIRECTION[role], seeds, choiceInBit0: true });
  }

  protected newSender(seeds: Uint8Array): CotSender {
    const { kernel, sid } = this;
    const delta = kernel.read(this.delta, 16);
    const sender = new CotSender({
      kernel,
      sid,
      direction: DIRECTION[peerOf(this.role)],
      delta,
      seeds,
      choiceInBit0: true,
    });
    delta.fill(0);
    return sender;
  }
}

function peerOf(role: Role): Role {
  return role === 'garbler' ? 'evaluator' : 'garbler';
}

/**
 * The garbler's end. It is the base-OT sender, whose point went out in the handshake; its first extension carries 128
 * more bits with Δ as choices, which serve as the base OTs of the other direction.
 */
export class GarblerCorrelations extends OtCorrelations {
  private readonly base: Pick<BaseOtSender, 'keys'>;

  constructor(options: OtCorrelationsOptions, base: Pick<BaseOtSender, 'keys'>) {
    const delta = drawDelta(options.random, 'garbler');
    super(options, 'garbler', delta);
    delta.fill(0);
    this.base = base;
  }

  protected override async beginAccept(link: Link): Promise<void> {
    if (this.setupAccepted) return;
    this.setupAccepted = true;
    this.sender!.acceptSetup(await link.receive(cotSetup, {}));
  }

  private setupAccepted = false;

  protected override async beginOffer(link: Link): Promise<void> {
    if (this.receiver === undefined) await this.begin(link);
  }

  protected override async speak(link: Link, count: number): Promise<Shares> {
    const shares = this.allocate(count);
    await this.sendBits(link, count, this.ownBits(count, shares.macs));
    await this.beginAccept(link);
    await this.acceptBits(link, count, shares.keys);
    return shares;
  }

  private async begin(link: Link): Promise<void> {
    const { kernel } = this;
    const { points } = await link.receive(baseOtPoints, undefined);
    this.receiver = this.newReceiver(this.base.keys(points));
    await link.send(cotSetup, {}, this.receiver.setup);
    const delta = kernel.read(this.delta, 16);
    const { message, macs } = this.receiver.extend(BASE_OTS, delta);
    delta.fill(0);
    await link.send(cotBatch, { count: BASE_OTS }, message);
    this.sender = this.newSender(chosenSeedsFromMacs(kernel, macs, this.sid, DIRECTION.garbler));
    kernel.free(macs);
  }
}

/** What the evaluator's end needs of a base-OT receiver. */
export type BaseChoices = Pick<BaseOtReceiver, 'message' | 'keys' | 'clear'>;

/** The evaluator's end: the base-OT receiver, whose choices are its Δ. */
export class EvaluatorCorrelations extends OtCorrelations {
  private readonly base: BaseChoices;

  /** `choose` starts the base OTs with the given choices (Δ, 16 bytes, not to be kept) at the receiving end. */
  constructor(options: OtCorrelationsOptions, choose: (delta: Uint8Array) => BaseChoices) {
    const delta = drawDelta(options.random, 'evaluator');
    super(options, 'evaluator', delta);
    this.base = choose(delta);
    delta.fill(0);
  }

  /** Sends the base-OT message: the first thing on the connection, with nothing to wait for. */
  async begin(link: Link): Promise<void> {
    await link.send(baseOtPoints, undefined, { points: this.base.message });
  }

  override close(): void {
    this.base.clear();
    super.close();
  }

  protected override async speak(link: Link, count: number): Promise<Shares> {
    const shares = this.allocate(count);
    await this.exchangeBits(link, count, shares, async () => undefined);
    return shares;
  }

  private setupSent = false;

  protected override async beginOffer(link: Link): Promise<void> {
    if (this.setupSent) return;
    this.setupSent = true;
    await link.send(cotSetup, {}, this.receiver!.setup);
  }

  protected override async beginAccept(link: Link): Promise<void> {
    if (this.sender !== undefined) return;
    const { kernel } = this;
    this.sender = this.newSender(this.base.keys());
    this.sender.acceptSetup(await link.receive(cotSetup, {}));
    const keys = this.sender.extend(BASE_OTS, await link.receive(cotBatch, { count: BASE_OTS }));
    const delta = kernel.read(this.delta, 16);
    this.receiver = this.newReceiver(seedPairsFromKeys(kernel, keys, delta, this.sid, DIRECTION.garbler));
    delta.fill(0);
    kernel.free(keys);
  }
}
