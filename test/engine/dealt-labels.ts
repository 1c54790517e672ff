import type { Kernel } from '../../src/crypto/kernel.ts';
import type { Random } from '../../src/crypto/random.ts';
import type { LabelReceiver, LabelSender } from '../../src/garbling/half-gates/inputs.ts';
import { dealtCots } from '../../src/ot/ideal.ts';

/** The ideal twin of the evaluator's input transfer: both ends in one process, nothing on the wire. Δ is drawn first. */
export function dealtLabels(
  random: Random,
  garbler: Kernel,
  evaluator: Kernel,
): { sender: LabelSender; receiver: LabelReceiver } {
  const delta = random(16);
  delta[0]! |= 1;
  const pointer = garbler.allocate(16);
  garbler.write(pointer, delta);
  const keys: Uint8Array[] = [];
  let wake: (() => void) | undefined;
  return {
    sender: {
      delta: pointer,
      zeroLabels: async (_link, count) => {
        while (keys.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const zeros = keys.shift()!;
        if (zeros.length !== count * 16) throw new Error('another number of labels');
        const target = garbler.allocate(zeros.length);
        garbler.write(target, zeros);
        return target;
      },
    },
    receiver: {
      activeLabels: async (_link, choices, count) => {
        const dealt = dealtCots(random, delta, choices, count);
        keys.push(dealt.keys);
        wake?.();
        const target = evaluator.allocate(dealt.macs.length);
        evaluator.write(target, dealt.macs);
        return target;
      },
    },
  };
}
