import { expect, test } from 'vitest';
import { Kernel } from '../../src/crypto/kernel.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { BATCH_LIMIT } from '../../src/engine/batch-limit.ts';
import { YaoEvaluator } from '../../src/engine/yao-evaluator.ts';
import { YaoGarbler } from '../../src/engine/yao-garbler.ts';
import { openLabelReceiver, openLabelSender } from '../../src/garbling/half-gates/inputs.ts';
import { GATES_PER_MESSAGE } from '../../src/garbling/half-gates/stream.ts';
import type { Link } from '../../src/link/link.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import type { Fields, MessageType } from '../../src/link/message.ts';
import { BaseOtSender, baseOtPoints } from '../../src/ot/index.ts';
import { memoryOf } from '../support/kernel-memory.ts';
import { both, give } from './contract.ts';
import { evaluatePlain, picker, randomBits, randomCircuit } from './random-circuit.ts';

/** A link over a channel, without encryption; a send resolves only once all before it fits in the channel. */
class PlainLink implements Link {
  longest = 0;
  private readonly channel: ReturnType<typeof memoryChannelPair>[0];
  private held = new Uint8Array();
  private last: Promise<void> = Promise.resolve();

  constructor(channel: ReturnType<typeof memoryChannelPair>[0]) {
    this.channel = channel;
  }

  send<Shape, Field extends string>(
    { lengths }: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void> {
    const parts = Object.keys(lengths(shape)).map((field) => fields[field as Field]);
    this.longest = Math.max(this.longest, ...parts.map((part) => part.length));
    this.last = this.last.then(async () => {
      for (const part of parts) await this.channel.send(part);
    });
    return this.last;
  }

  async receive<Shape, Field extends string>(
    { lengths }: MessageType<Shape, Field>,
    shape: Shape,
  ): Promise<Fields<Field>> {
    const fields: Record<string, Uint8Array> = {};
    for (const [field, length] of Object.entries<number>(lengths(shape))) {
      while (this.held.length < length) {
        const chunk = (await this.channel.receive())!;
        const joined = new Uint8Array(this.held.length + chunk.length);
        joined.set(this.held);
        joined.set(chunk, this.held.length);
        this.held = joined;
      }
      fields[field] = this.held.slice(0, length);
      this.held = this.held.slice(length);
    }
    return fields as Fields<Field>;
  }
}

test('several batches of both parties inputs stream over a narrow channel, with real base OTs', async () => {
  const [left, right] = memoryChannelPair().map((channel) => new PlainLink(channel)) as [
    PlainLink,
    PlainLink,
  ];
  const kernels = [new Kernel(), new Kernel()] as const;
  const random = systemRandom;
  const sid = random(32);
  const baseOt = new BaseOtSender(random, sid);
  const [sender, receiver] = await Promise.all([
    openLabelSender({ link: left, kernel: kernels[0], random, sid, baseSid: sid, point: baseOt.point }),
    openLabelReceiver({ link: right, kernel: kernels[1], random, sid, baseOt }),
  ]);
  expect(left.longest).toBe(baseOtPoints.lengths(undefined).points);
  const a = new YaoGarbler({
    link: left,
    kernel: kernels[0],
    random,
    party: 'a',
    sessionId: sid,
    ot: sender,
  });
  const b = new YaoEvaluator({
    link: right,
    kernel: kernels[1],
    random,
    party: 'b',
    sessionId: sid,
    ot: receiver,
  });

  const pick = picker(4);
  const circuit = randomCircuit(pick, { inputs: [200, 300], gates: 900, outputs: 3 });
  const copies = 600;
  const rounds = 5;
  expect(copies * 500 * rounds).toBeGreaterThan(2 * BATCH_LIMIT);
  const x = randomBits(200, pick);
  const y = randomBits(300, pick);
  const many = (bits: Uint8Array) =>
    Uint8Array.from({ length: bits.length * copies }, (_, i) => bits[i % bits.length]!);
  const results = await both({ a, b }, (engine) => {
    const ends = Array.from({ length: rounds }, () => {
      const inputs = [give(engine, 'a', many(x)), give(engine, 'b', many(y))];
      const out = engine.apply(circuit, inputs, copies);
      engine.release(...inputs);
      const end = engine.slice(out, (copies - 1) * 3);
      engine.release(engine.slice(out, 0, (copies - 1) * 3));
      return end;
    });
    return engine.reveal(engine.concat(...ends), 'both');
  });
  const expected = Array.from({ length: rounds }, () => [...evaluatePlain(circuit, [x, y])]).flat();
  for (const result of results) expect([...result!]).toEqual(expected);
  expect(left.longest).toBe(GATES_PER_MESSAGE * 32);
  // Inputs and outputs of every round are freed as it ends: two batches' labels, not five rounds'.
  for (const kernel of kernels) expect(memoryOf(kernel)().length).toBeLessThan(40 << 20);
}, 20_000);
