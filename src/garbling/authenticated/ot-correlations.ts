import { platform } from '#platform';
import { giveBack, giveBackFields } from '../../crypto/give-back.ts';
import { blockAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
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
import type { CorrelatedBits, Role, Shares } from './correlated-bits.ts';

const DIRECTION = { garbler: 'bits of the garbler', evaluator: 'bits of the evaluator' } as const;

/** COTs extended, sent and verified at a time. */
const CHUNK = 1 << 20;

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

/** What both ends share: extension in chunks, with one instance for each direction. */
abstract class OtCorrelations implements CorrelatedBits {
  readonly kernel: Kernel;
  abstract readonly role: Role;
  readonly delta: Pointer;
  protected readonly random: Random;
  protected readonly sid: Uint8Array;
  protected receiver: CotReceiver | undefined;
  protected sender: CotSender | undefined;

  constructor({ kernel, random, sid }: OtCorrelationsOptions, delta: Uint8Array) {
    this.kernel = kernel;
    this.random = random;
    this.sid = sid.slice();
    this.delta = kernel.allocate(16);
    kernel.write(this.delta, delta);
  }

  /** Sends what must precede this party's first bits. */
  protected abstract beginOffer(link: Link): Promise<void>;
  /** Receives what precedes the peer's first bits. */
  protected abstract beginAccept(link: Link): Promise<void>;

  async offer(link: Link, count: number): Promise<Pointer> {
    await this.beginOffer(link);
    if (count > CHUNK) await platform.nextTurn(); // what is queued leaves before the work begins
    const macs = this.region(count);
    for (const { part, first } of chunks(count)) {
      await this.sendPart(link, part, this.receiver!.extend(part, undefined, blockAt(macs, first)).message);
    }
    return macs;
  }

  async accept(link: Link, count: number): Promise<Pointer> {
    await this.beginAccept(link);
    const keys = this.region(count);
    for (const { part, first } of chunks(count)) await this.acceptPart(link, part, blockAt(keys, first));
    return keys;
  }

  async exchange(link: Link, count: number, verified: () => Promise<void>): Promise<Shares> {
    await this.beginAccept(link);
    const macs = this.region(count);
    const keys = this.region(count);
    if (count <= CHUNK) {
      const { message } = this.receiver!.extend(count, undefined, macs);
      await this.acceptPart(link, count, keys);
      await verified();
      await this.beginOffer(link);
      await this.sendPart(link, count, message);
      return { keys, macs };
    }
    await this.beginOffer(link);
    // The peer may take none of them before it has sent all of its own: to wait for one to leave could be to wait forever.
    const sent: Promise<void>[] = [];
    for (const { part, first } of chunks(count)) {
      const sending = this.sendPart(
        link,
        part,
        this.receiver!.extend(part, undefined, blockAt(macs, first)).message,
      );
      sending.catch(() => undefined);
      sent.push(sending);
      await this.acceptPart(link, part, blockAt(keys, first));
    }
    await verified();
    await Promise.all(sent);
    return { keys, macs };
  }

  private async sendPart(link: Link, part: number, message: BatchFields): Promise<void> {
    await link.send(cotBatch, { count: part }, message);
    giveBack(message.correction);
  }

  private async acceptPart(link: Link, part: number, into: Pointer): Promise<void> {
    const message = await link.receive(cotBatch, { count: part });
    this.sender!.extend(part, message, into);
    giveBackFields(message);
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
    const peer = this.role === 'garbler' ? 'evaluator' : 'garbler';
    const delta = kernel.read(this.delta, 16);
    const sender = new CotSender({
      kernel,
      sid,
      direction: DIRECTION[peer],
      delta,
      seeds,
      choiceInBit0: true,
    });
    delta.fill(0);
    return sender;
  }

  /** Room for `count` blocks and the last chunk's rows that only hide its check. */
  private region(count: number): Pointer {
    const last = count % CHUNK || CHUNK;
    return this.kernel.allocate(16 * (count - last + matrixRows(last)));
  }
}

/** Runs `count` COTs in chunks, with the number of the first COT of each. The next chunk overwrites the rows of a chunk that only hide its check. */
function* chunks(count: number) {
  for (let start = 0; start < count; start += CHUNK) {
    yield { part: Math.min(CHUNK, count - start), first: start };
  }
}

/**
 * The garbler's end. It is the base-OT sender, whose point went out in the handshake; its first extension carries 128
 * more bits with Δ as choices, which serve as the base OTs of the other direction.
 */
export class GarblerCorrelations extends OtCorrelations {
  readonly role = 'garbler';
  private readonly base: Pick<BaseOtSender, 'keys'>;

  constructor(options: OtCorrelationsOptions, base: Pick<BaseOtSender, 'keys'>) {
    const delta = drawDelta(options.random, 'garbler');
    super(options, delta);
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
  readonly role = 'evaluator';
  private readonly base: BaseChoices;

  /** `choose` starts the base OTs with the given choices (Δ, 16 bytes, not to be kept) at the receiving end. */
  constructor(options: OtCorrelationsOptions, choose: (delta: Uint8Array) => BaseChoices) {
    const delta = drawDelta(options.random, 'evaluator');
    super(options, delta);
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
