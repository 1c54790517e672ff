import { type MemoryLink, type MemoryLinkOptions, memoryLinkPair } from '../../src/channel/memory-link.ts';
import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { Party } from '../../src/engine/engine.ts';
import { YaoEvaluator } from '../../src/engine/yao-evaluator.ts';
import { YaoGarbler } from '../../src/engine/yao-garbler.ts';
import { dealtLabels } from './dealt-labels.ts';

export interface YaoPair {
  readonly a: YaoGarbler | YaoEvaluator;
  readonly b: YaoGarbler | YaoEvaluator;
  readonly garbler: YaoGarbler;
  readonly evaluator: YaoEvaluator;
  readonly kernels: { readonly garbler: Kernel; readonly evaluator: Kernel };
  readonly links: { readonly garbler: MemoryLink; readonly evaluator: MemoryLink };
  /** Δ, 16 bytes. */
  readonly delta: Uint8Array;
}

/** Both sides of the semi-honest engine in one process, with dealt labels; the garbler is side `a` of the link. */
export function yaoPair(seed: number, garbles: Party = 'a', options: MemoryLinkOptions = {}): YaoPair {
  const [left, right] = memoryLinkPair(options);
  const kernels = { garbler: new Kernel(), evaluator: new Kernel() };
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, seed);
  const random = seededRandom(bytes);
  const { sender, receiver } = dealtLabels(random, kernels.garbler, kernels.evaluator);
  const sessionId = random(32);
  const garbler = new YaoGarbler({
    link: left,
    kernel: kernels.garbler,
    random: seededRandom(random(16)),
    party: garbles,
    sessionId,
    ot: sender,
  });
  const evaluator = new YaoEvaluator({
    link: right,
    kernel: kernels.evaluator,
    random: seededRandom(random(16)),
    party: garbles === 'a' ? 'b' : 'a',
    sessionId,
    ot: receiver,
  });
  return {
    a: garbles === 'a' ? garbler : evaluator,
    b: garbles === 'a' ? evaluator : garbler,
    garbler,
    evaluator,
    kernels,
    links: { garbler: left, evaluator: right },
    delta: kernels.garbler.read(sender.delta, 16),
  };
}
