import { Kernel } from '../../../src/crypto/kernel.ts';
import { type Random, seededRandom } from '../../../src/crypto/random.ts';
import { AuthenticatedEvaluator } from '../../../src/engine/authenticated/evaluator.ts';
import { AuthenticatedGarbler } from '../../../src/engine/authenticated/garbler.ts';
import {
  EvaluatorCorrelations,
  GarblerCorrelations,
} from '../../../src/garbling/authenticated/ot-correlations.ts';
import type { Link } from '../../../src/link/link.ts';
import {
  BaseOtReceiver,
  BaseOtSender,
  baseOtPoint,
  type DealtBaseOts,
  dealtBaseOts,
} from '../../../src/ot/index.ts';

/** A seed of 16 bytes from a number and a label. */
export function seedOf(seed: number, label: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, seed);
  bytes[15] = label;
  return bytes;
}

/** The setup of a connection that both parties of one run share. */
export interface Setup {
  readonly seed: number;
  /** Base OTs by public keys over the link, or from a dealer (and then the message of their points is all zero, and unread). */
  readonly baseOts: 'public' | 'dealt';
  /** Gives what a party draws; from the seed unless a test plants something. */
  readonly random?: (party: 'a' | 'b', usual: Random) => Random;
}

/** What the dealer passes on behind the parties' backs. */
export class Dealer {
  private readonly seed: number;
  private bases: DealtBaseOts | undefined;

  constructor(seed: number) {
    this.seed = seed;
  }

  deal(delta: Uint8Array): Uint8Array {
    this.bases = dealtBaseOts(seededRandom(seedOf(this.seed, 4)), delta);
    return this.bases.chosen;
  }

  get pairs() {
    return this.bases!.pairs;
  }
}

export interface SeatedGarbler {
  readonly engine: AuthenticatedGarbler;
  readonly kernel: Kernel;
  readonly correlated: GarblerCorrelations;
}

export interface SeatedEvaluator {
  readonly engine: AuthenticatedEvaluator;
  readonly kernel: Kernel;
  readonly correlated: EvaluatorCorrelations;
}

function common(setup: Setup, party: 'a' | 'b') {
  const usual = seededRandom(seedOf(setup.seed, party === 'a' ? 1 : 2));
  return {
    kernel: new Kernel(),
    random: setup.random?.(party, usual) ?? usual,
    sid: seedOf(setup.seed, 3),
    sessionId: new Uint8Array(32).fill(setup.seed & 255),
  };
}

/** Party a: garbles. Sends the base-OT point first. */
export async function seatGarbler(
  link: Link,
  setup: Setup,
  dealer: Dealer,
  Garbler = AuthenticatedGarbler,
): Promise<SeatedGarbler> {
  const { kernel, random, sid, sessionId } = common(setup, 'a');
  const base = new BaseOtSender(random, sid);
  if (setup.baseOts === 'public') await link.send(baseOtPoint, undefined, { point: base.point });
  const correlated = new GarblerCorrelations(
    { kernel, random, sid },
    setup.baseOts === 'public' ? base : { keys: () => dealer.pairs },
  );
  return { engine: new Garbler({ link, random, party: 'a', correlated, sessionId }), kernel, correlated };
}

/** Party b: evaluates. */
export async function seatEvaluator(
  link: Link,
  setup: Setup,
  dealer: Dealer,
  Evaluator = AuthenticatedEvaluator,
): Promise<SeatedEvaluator> {
  const { kernel, random, sid, sessionId } = common(setup, 'b');
  let point: Uint8Array | undefined;
  if (setup.baseOts === 'public') point = (await link.receive(baseOtPoint, undefined)).point.slice();
  const correlated = new EvaluatorCorrelations({ kernel, random, sid }, (delta) => {
    if (point !== undefined) return new BaseOtReceiver(random, sid, delta, point);
    const chosen = dealer.deal(delta);
    return { message: new Uint8Array(128 * 64), keys: () => chosen, clear() {} };
  });
  await correlated.begin(link);
  return { engine: new Evaluator({ link, random, party: 'b', correlated, sessionId }), kernel, correlated };
}
