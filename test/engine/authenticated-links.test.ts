import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import { Kernel } from '../../src/crypto/kernel.ts';
import { AuthenticatedEvaluator } from '../../src/engine/authenticated/evaluator.ts';
import { AuthenticatedGarbler } from '../../src/engine/authenticated/garbler.ts';
import { leakyCiphertexts } from '../../src/garbling/authenticated/messages.ts';
import {
  EvaluatorCorrelations,
  GarblerCorrelations,
} from '../../src/garbling/authenticated/ot-correlations.ts';
import { bucketSize, LEAKY_CHUNK } from '../../src/garbling/authenticated/parameters.ts';
import type { Link } from '../../src/link/link.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import type { SecureLink } from '../../src/link/secure-link.ts';
import { type DealtBaseOts, dealtBaseOts } from '../../src/ot/index.ts';
import { secureLinks, tcpChannelPair, testRandom } from '../support/channels.ts';
import { give } from './contract.ts';

/** More than 2²¹ random bits, so that these go in three parts, more than is read ahead, and many chunks of leaky ANDs. */
const PREPARED = 220_000;
const COPIES = 2_500;

const open: { readonly links: SecureLink[]; readonly kernels: Kernel[] } = { links: [], kernels: [] };

afterEach(() => {
  for (const link of open.links.splice(0)) link.destroy();
  for (const kernel of open.kernels.splice(0)) kernel.destroy();
});

/** Both engines over encrypted links, which lend what they receive, encrypt from memory that is reused, and make their callers wait. */
async function engines(
  channels: Parameters<typeof secureLinks>[0],
  ofGarbler: (link: Link) => Link = (link) => link,
) {
  const [left, right] = await secureLinks({ ...channels, timeout: 20_000, wait: 20_000 });
  const kernels = [new Kernel(), new Kernel()] as const;
  open.links.push(left, right);
  open.kernels.push(...kernels);
  const [sid, sessionId] = [new Uint8Array(16), new Uint8Array(32)];
  const random = [testRandom(1), testRandom(2)] as const;
  let dealt: DealtBaseOts | undefined;
  const evaluator = new EvaluatorCorrelations({ kernel: kernels[1], random: random[1], sid }, (delta) => {
    const bases = dealtBaseOts(testRandom(3), delta);
    dealt = bases;
    return { message: new Uint8Array(128 * 64), keys: () => bases.chosen, clear() {} };
  });
  const garbler = new GarblerCorrelations(
    { kernel: kernels[0], random: random[0], sid },
    { keys: () => dealt!.pairs },
  );
  await evaluator.begin(right);
  return [
    new AuthenticatedGarbler({
      sessionId,
      link: ofGarbler(left),
      random: random[0],
      party: 'a',
      correlated: garbler,
    }),
    new AuthenticatedEvaluator({
      sessionId,
      link: right,
      random: random[1],
      party: 'b',
      correlated: evaluator,
    }),
  ] as const;
}

type Engines = Awaited<ReturnType<typeof engines>>;

/** ANDs of random bits, whose outcome is right only if the triples are. */
async function expectRightAnds(pair: Engines): Promise<void> {
  const c = new CircuitBuilder();
  const [left, right] = [c.input(8), c.input(8)];
  c.output(left.map((bit, i) => c.and(bit, right[i]!)));
  const circuit = c.build();
  const random = testRandom(4);
  const [a, b] = [0, 1].map(() => random(8 * COPIES).map((byte) => byte & 1)) as [Uint8Array, Uint8Array];
  const outcomes = await Promise.all(
    pair.map((engine) =>
      engine.reveal(engine.apply(circuit, [give(engine, 'a', a), give(engine, 'b', b)], COPIES), 'both'),
    ),
  );
  const expected = a.map((bit, i) => bit & b[i]!);
  for (const outcome of outcomes) expect(Buffer.compare(outcome!, expected)).toBe(0);
}

describe.each([
  ['memory', async () => memoryChannelPair()],
  ['TCP', tcpChannelPair],
])('large batches of the malicious engine over encrypted links over %s', (_name, makeChannels) => {
  test('neither side waits for the other for ever, and the outcome is right', async () => {
    const pair = await engines({ channels: await makeChannels() });
    await Promise.all(pair.map((engine) => engine.prepare(PREPARED)));
    await expectRightAnds(pair);
  });
});

test('leaky ANDs that the evaluator has sent before the garbler comes to them are kept until then', async () => {
  const chunks = Math.ceil((8 * COPIES * bucketSize(8 * COPIES)) / LEAKY_CHUNK);
  expect(chunks).toBeGreaterThan(2);
  let sent = 0;
  let received = 0;
  const slow = (link: Link): Link => ({
    async send(type, shape, fields) {
      await link.send(type, shape, fields);
      if (type.name !== leakyCiphertexts.name) return;
      sent += 1;
      while (received < chunks) await sleep(5);
    },
    async receive(type, shape) {
      const fields = await link.receive(type, shape);
      if (type.name === leakyCiphertexts.name) received += 1;
      return fields;
    },
  });
  await expectRightAnds(await engines({}, slow));
  expect([sent, received]).toEqual([chunks, chunks]);
});
