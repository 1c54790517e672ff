import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { Party } from '../../src/engine/engine.ts';
import { YaoEvaluator } from '../../src/engine/yao-evaluator.ts';
import { YaoGarbler } from '../../src/engine/yao-garbler.ts';
import { CotLabelReceiver, CotLabelSender } from '../../src/garbling/half-gates/inputs.ts';
import { type MemoryLink, type MemoryLinkOptions, memoryLinkPair } from '../../src/link/memory-link.ts';
import { CotReceiver, CotSender, dealtBaseOts } from '../../src/ot/index.ts';

export interface YaoPair {
  readonly a: YaoGarbler | YaoEvaluator;
  readonly b: YaoGarbler | YaoEvaluator;
  readonly garbler: YaoGarbler;
  readonly evaluator: YaoEvaluator;
  readonly kernels: { readonly garbler: Kernel; readonly evaluator: Kernel };
  readonly links: { readonly garbler: MemoryLink; readonly evaluator: MemoryLink };
  readonly transfers: { readonly sender: CotLabelSender; readonly receiver: CotLabelReceiver };
  /** Δ, 16 bytes. */
  readonly delta: Uint8Array;
}

/**
 * Both sides of the semi-honest engine in one process, all from a seed, with dealt base OTs. The garbler, party `garbles`, is
 * side `a` of the link.
 */
export function yaoPair(seed: number, garbles: Party = 'a', options: MemoryLinkOptions = {}): YaoPair {
  const [left, right] = memoryLinkPair(options);
  const kernels = { garbler: new Kernel(), evaluator: new Kernel() };
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, seed);
  const random = seededRandom(bytes);
  const sid = random(32);
  const delta = random(16);
  delta[0]! |= 1;
  const { pairs, chosen } = dealtBaseOts(random, delta);
  const direction = 'test';
  const pointer = kernels.garbler.allocate(16);
  kernels.garbler.write(pointer, delta);
  const sender = new CotLabelSender(
    kernels.garbler,
    new CotSender({ kernel: kernels.garbler, sid, direction, delta, seeds: chosen }),
    pointer,
  );
  const receiver = new CotLabelReceiver(
    new CotReceiver({
      kernel: kernels.evaluator,
      random: seededRandom(random(16)),
      sid,
      direction,
      seeds: pairs,
    }),
  );
  const garbler = new YaoGarbler({
    link: left,
    kernel: kernels.garbler,
    random: seededRandom(random(16)),
    party: garbles,
    sessionId: sid,
    ot: sender,
  });
  const evaluator = new YaoEvaluator({
    link: right,
    kernel: kernels.evaluator,
    random: seededRandom(random(16)),
    party: garbles === 'a' ? 'b' : 'a',
    sessionId: sid,
    ot: receiver,
  });
  return {
    a: garbles === 'a' ? garbler : evaluator,
    b: garbles === 'a' ? evaluator : garbler,
    garbler,
    evaluator,
    kernels,
    links: { garbler: left, evaluator: right },
    transfers: { sender, receiver },
    delta,
  };
}
