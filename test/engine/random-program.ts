import type { Bits, Party, Queue, Wires } from '../../src/engine/engine.ts';
import { circuitOf, picker, randomBits, randomCircuit } from './random-circuit.ts';

/** Gives an input's bits where they are known. */
export type BitsOf = (owner: Party, width: number) => Bits | undefined;

/** Bits of a program's inputs from a seed, the same at both parties, and given at their owner only. */
export function bitsFrom(seed: number, party: Party): BitsOf {
  const pick = picker(seed);
  return (owner, width) => {
    const bits = randomBits(width, pick);
    return owner === party ? bits : undefined;
  };
}

export const noBits: BitsOf = () => undefined;

/**
 * Queues a random program: inputs of both parties, circuits with and without ANDs, some applied many times, some of it released on the way. Gives
 * what is to be revealed. The same seed makes the same program.
 */
export function queueRandom(queue: Queue, seed: number, bitsOf: BitsOf): Wires {
  const pick = picker(seed);
  const enter = (width: number): Wires => {
    const owner = pick(2) === 0 ? 'a' : 'b';
    return queue.input(owner, width, bitsOf(owner, width));
  };
  let held: Wires = queue.concat(queue.input('a', 5, bitsOf('a', 5)), queue.input('b', 6, bitsOf('b', 6)));
  for (let step = 0; step < 7; step += 1) {
    const copies = 1 + pick(4);
    const [own, shared] = [1 + pick(6), 1 + pick(8)];
    const gates = step === 2 ? 8 : 5 + pick(40);
    const made = randomCircuit(pick, { inputs: [own, shared], gates, outputs: 1 + pick(9) });
    const circuit = step === 2 ? withoutAnds(made) : made;
    const fresh = enter(own * copies);
    const at = pick(Math.max(1, held.width - shared));
    const taken = Math.min(shared, held.width - at);
    const padding = taken < shared ? [enter(shared - taken)] : [];
    const group = queue.concat(queue.slice(held, at, at + taken), ...padding);
    const outputs = queue.apply(circuit, [fresh, group], copies);
    queue.release(fresh, ...padding);
    if (pick(2) === 0) {
      held = queue.concat(held, outputs);
    } else {
      queue.release(held);
      held = outputs;
    }
  }
  return held;
}

function withoutAnds(circuit: ReturnType<typeof randomCircuit>): ReturnType<typeof randomCircuit> {
  return circuitOf({ ...circuit, kinds: circuit.kinds.map(() => 0) });
}
