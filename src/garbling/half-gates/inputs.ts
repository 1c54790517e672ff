import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import type { Random } from '../../crypto/random.ts';
import type { Link } from '../../link/link.ts';
import {
  BaseOtReceiver,
  type BaseOtSender,
  baseOtPoints,
  CotReceiver,
  CotSender,
  cotBatch,
  cotSetup,
} from '../../ot/index.ts';

/**
 * The garbler's end of the correlated OTs that give the evaluator its labels: keys K and MACs M with M = K ⊕ x·Δ, so that
 * K is a wire's zero label and M the active one for the evaluator's bit x.
 */
export interface LabelSender {
  /** Δ, 16 bytes in the engine's kernel; bit 0 is 1. */
  readonly delta: Pointer;
  /** Receives the evaluator's message for `count` wires and gives their zero labels (16 bytes each), which the caller frees. */
  zeroLabels(link: Link, count: number): Promise<Pointer>;
}

/** The evaluator's end of the same. */
export interface LabelReceiver {
  /**
   * Sends the message for `count` choices (packed least significant first) and gives the active labels (16 bytes each), which the
   * caller frees. The message is queued before this returns, so that calls keep their order.
   */
  activeLabels(link: Link, choices: Uint8Array, count: number): Promise<Pointer>;
}

/** Names the transfer from evaluator to garbler within a session. */
const DIRECTION = 'yao inputs';

export interface TransferOptions {
  readonly link: Link;
  readonly kernel: Kernel;
  readonly random: Random;
  /** Names the session, the same on both sides. */
  readonly sid: Uint8Array;
}

/**
 * Step 0 at the garbler: draws Δ and answers the evaluator's base-OT point with 128 choices, the bits of Δ. `baseSid` is what the
 * evaluator gave its BaseOtSender, which it makes before there is a session.
 */
export async function openLabelSender(
  options: TransferOptions & { readonly point: Uint8Array; readonly baseSid: Uint8Array },
): Promise<CotLabelSender> {
  const { link, kernel, random, sid, point, baseSid } = options;
  const delta = random(16);
  delta[0]! |= 1;
  const baseOt = new BaseOtReceiver(random, baseSid, delta, point);
  const sent = link.send(baseOtPoints, undefined, { points: baseOt.message });
  const cot = new CotSender({ kernel, sid, direction: DIRECTION, delta, seeds: baseOt.keys() });
  const pointer = kernel.allocate(16);
  kernel.write(pointer, delta);
  delta.fill(0);
  const labels = new CotLabelSender(kernel, cot, pointer);
  try {
    await sent;
  } catch (error) {
    labels.close();
    throw error;
  }
  return labels;
}

/** Step 0 at the evaluator, whose base-OT point the garbler already has. */
export async function openLabelReceiver(
  options: TransferOptions & { readonly baseOt: BaseOtSender },
): Promise<CotLabelReceiver> {
  const { link, kernel, random, sid, baseOt } = options;
  const { points } = await link.receive(baseOtPoints, undefined);
  return new CotLabelReceiver(
    new CotReceiver({ kernel, random, sid, direction: DIRECTION, seeds: baseOt.keys(points) }),
  );
}

/** Labels from OT extension; serves every engine of a session, one after another. */
export class CotLabelSender implements LabelSender {
  readonly delta: Pointer;
  private readonly kernel: Kernel;
  private readonly cot: CotSender;
  private ready = false;
  private closed = false;

  constructor(kernel: Kernel, cot: CotSender, delta: Pointer) {
    this.kernel = kernel;
    this.cot = cot;
    this.delta = delta;
  }

  /** Step 1. The consistency check is passed before any label of the batch is used. */
  async zeroLabels(link: Link, count: number): Promise<Pointer> {
    if (!this.ready) this.cot.acceptSetup(await link.receive(cotSetup, {}));
    this.ready = true;
    return this.cot.extend(count, await link.receive(cotBatch, { count }));
  }

  /** Zeroes Δ and the seeds. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.cot.close();
    this.kernel.free(this.delta);
  }
}

/** Labels from OT extension; serves every engine of a session, one after another. */
export class CotLabelReceiver implements LabelReceiver {
  private readonly cot: CotReceiver;
  private ready = false;

  constructor(cot: CotReceiver) {
    this.cot = cot;
  }

  /** Step 1. */
  async activeLabels(link: Link, choices: Uint8Array, count: number): Promise<Pointer> {
    const { message, macs } = this.cot.extend(count, choices);
    const setup = this.ready ? undefined : link.send(cotSetup, {}, this.cot.setup);
    this.ready = true;
    await Promise.all([setup, link.send(cotBatch, { count }, message)]);
    return macs;
  }

  /** Zeroes the seeds. */
  close(): void {
    this.cot.close();
  }
}
