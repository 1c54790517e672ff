import { describe, expect, it } from 'vitest';
import { bigintToBits, bitsToBigint } from '../../src/circuit/bits.ts';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { add } from '../../src/circuit/gadgets/arithmetic.ts';
import type { Party } from '../../src/circuit/party.ts';
import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { AuthenticatedEvaluator } from '../../src/engine/authenticated/evaluator.ts';
import { AuthenticatedGarbler } from '../../src/engine/authenticated/garbler.ts';
import type { Release } from '../../src/engine/engine.ts';
import {
  EvaluatorCorrelations,
  GarblerCorrelations,
} from '../../src/garbling/authenticated/ot-correlations.ts';
import type { Link } from '../../src/link/link.ts';
import { memoryLinkPair } from '../../src/link/memory-link.ts';
import { baseOtPoints } from '../../src/ot/base/messages.ts';
import { BaseOtReceiver, BaseOtSender } from '../../src/ot/index.ts';
import { maskWidth, type Seal, SealExchange, SealLink, sealValue } from '../../src/seals/index.ts';
import { engagementSignature } from '../../src/session/messages.ts';
import { bothKnown, identities, other, parties, sealKeys } from './run.ts';

const values = { a: 41n, b: 2n ** 64n - 1n };

function sumOf(width: number): Circuit {
  const builder = new CircuitBuilder();
  builder.output(add(builder, builder.input(width), builder.input(width)));
  return builder.build();
}

interface Outcome {
  readonly sums: readonly bigint[];
  readonly flights: number;
  readonly order: readonly string[];
  readonly admitted: readonly Seal[];
}

/** A sum in the malicious engine, everything over one pair of links; party a garbles and is first. */
async function deal(options: {
  sealed: boolean;
  prepared?: boolean;
  refuse?: Party;
  width?: number;
}): Promise<Outcome> {
  const { width = 64 } = options;
  const circuit = sumOf(width);
  const order: string[] = [];
  const [a, b] = memoryLinkPair({
    intercept: (side, type, fields) => {
      order.push(`${side} ${type.name}`);
      return fields;
    },
  });
  const links = { a, b };
  const sid = new Uint8Array(16).fill(1);
  const sender = new BaseOtSender(seededRandom(sid), sid);
  const admitted: Seal[] = [];
  const side = async (party: Party): Promise<bigint> => {
    const random = seededRandom(new Uint8Array(16).fill(party === 'a' ? 2 : 3));
    const kernel = new Kernel();
    const exchange = new SealExchange(links[party], [baseOtPoints]);
    const common = { link: exchange, random, party, sessionId: new Uint8Array(32) };
    const setup = { kernel, random, sid };
    let engine: AuthenticatedGarbler | AuthenticatedEvaluator;
    if (party === 'a') {
      engine = new AuthenticatedGarbler({ ...common, correlated: new GarblerCorrelations(setup, sender) });
    } else {
      const correlated = new EvaluatorCorrelations(
        setup,
        (delta) => new BaseOtReceiver(random, sid, delta, sender.point),
      );
      await correlated.begin(links[party]);
      engine = new AuthenticatedEvaluator({ ...common, correlated });
    }
    try {
      const key = sealKeys[party];
      const begin = async () => {
        const keys = await exchange.begin({
          session: new Uint8Array(32),
          party,
          first: party === 'a',
          key,
          form: { width, committed: false },
          peerIdentity: identities[other(party)],
          knownKeys: bothKnown[party],
          random,
        });
        return new SealLink(keys, engine);
      };
      const link = options.sealed ? await begin() : undefined;
      if (options.prepared) {
        await engine.prepare(circuit.ands, (queue) => {
          if (options.sealed) for (const owner of parties) queue.input(owner, maskWidth(width));
          const [x, y] = [queue.input('a', width), queue.input('b', width)];
          queue.apply(circuit, [x, y]);
        });
      }
      const seal =
        link &&
        (await exchange.enter(sealValue(key.key, values[party], width, random), (peer) => {
          if (options.refuse === party) throw new Error('not admitted');
          admitted.push(peer);
        }));
      const own = bigintToBits(values[party], width);
      const enter = (owner: Party) => engine.input(owner, width, owner === party ? own : undefined);
      const wires = { a: enter('a'), b: enter('b') };
      const sum = engine.apply(circuit, [wires.a, wires.b]);
      const around = seal && link?.around(seal, { wires, own }, engagement(links[party]));
      return bitsToBigint((await engine.reveal(sum, 'both', around?.release, around?.fixing))!);
    } catch (error) {
      links[party].destroy();
      throw error;
    } finally {
      engine.close();
    }
  };
  const sums = await Promise.all([side('a'), side('b')]).catch((error: unknown) => {
    throw Object.assign(error as Error, { order });
  });
  return { sums, flights: Math.max(a.stats.flights, b.stats.flights), order, admitted };
}

/** Stands for the session's engagements. */
function engagement(link: Link): Release {
  return {
    send: () => link.send(engagementSignature, undefined, { signature: new Uint8Array(64) }),
    receive: async () => void (await link.receive(engagementSignature, undefined)),
  };
}

describe('seals within the flights of the malicious engine', () => {
  it.each([64, 101])('add none to a computation, prepared or not: %i bits', async (width) => {
    for (const prepared of [false, true]) {
      const plain = await deal({ sealed: false, prepared, width });
      const sealed = await deal({ sealed: true, prepared, width });
      expect(sealed.sums).toEqual(plain.sums);
      expect(sealed.sums).toEqual([values.a + values.b, values.a + values.b]);
      expect(sealed.admitted).toHaveLength(2);
      expect(sealed.flights).toBe(plain.flights);
    }
  });

  it('send nothing that shows an input, and no engagement, before the other seal is admitted', async () => {
    for (const refuse of ['a', 'b'] as const) {
      for (const prepared of [false, true]) {
        const error: unknown = await deal({ sealed: true, refuse, prepared }).catch(
          (reason: unknown) => reason,
        );
        expect(error).toMatchObject({ message: 'not admitted' });
        const { order } = error as { order: readonly string[] };
        for (const name of ['seal.challenge', 'authenticated.proof', 'seal.answer', 'engagement']) {
          expect(order).not.toContain(`${refuse} ${name}`);
        }
        // First has second's seal before it sends anything of its own.
        if (refuse === 'a') expect(order).not.toContain('a authenticated.maskedInputs');
      }
    }
  });
});
