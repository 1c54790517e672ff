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
import {
  EvaluatorCorrelations,
  GarblerCorrelations,
} from '../../src/garbling/authenticated/ot-correlations.ts';
import { memoryLinkPair } from '../../src/link/memory-link.ts';
import { baseOtPoints } from '../../src/ot/base/messages.ts';
import { BaseOtReceiver, BaseOtSender } from '../../src/ot/index.ts';
import { linkAnds, type Seal, SealExchange, SealLink, sealValue } from '../../src/seals/index.ts';
import { bothKnown, identities, other, sealKeys } from './run.ts';

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
      if (options.prepared) await engine.prepare(circuit.ands + (options.sealed ? 2 * linkAnds(width) : 0));
      let link: SealLink<ReturnType<typeof engine.input>> | undefined;
      if (options.sealed) {
        const key = sealKeys[party];
        const started = await exchange.start({
          session: new Uint8Array(32),
          party,
          first: party === 'a',
          key,
          sealed: sealValue(key.key, values[party], width, random),
          peerIdentity: identities[other(party)],
          peerWidth: width,
          knownKeys: bothKnown[party],
          random,
          admit: (peer) => {
            if (options.refuse === party) throw new Error('not admitted');
            admitted.push(peer);
          },
        });
        link = new SealLink(started, engine);
      }
      const enter = (owner: Party) =>
        engine.input(owner, width, owner === party ? bigintToBits(values[owner], width) : undefined);
      const entered = { a: enter('a'), b: enter('b') };
      const sum = engine.apply(circuit, [entered.a, entered.b]);
      await link?.run(entered);
      return bitsToBigint((await engine.reveal(sum, 'both'))!);
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

describe('seals within the flights of the malicious engine', () => {
  it('add at most two flights to a computation, and four after a preparation', async () => {
    for (const prepared of [false, true]) {
      const plain = await deal({ sealed: false, prepared });
      const sealed = await deal({ sealed: true, prepared });
      expect(sealed.sums).toEqual(plain.sums);
      expect(sealed.sums).toEqual([values.a + values.b, values.a + values.b]);
      expect(sealed.admitted).toHaveLength(2);
      expect(sealed.flights - plain.flights).toBeLessThanOrEqual(prepared ? 4 : 2);
    }
  });

  it('add as many to wide numbers, such as those of a price and its share of randomness', async () => {
    const plain = await deal({ sealed: false, prepared: true, width: 101 });
    const sealed = await deal({ sealed: true, prepared: true, width: 101 });
    expect(sealed.flights - plain.flights).toBeLessThanOrEqual(4);
  });

  it('send nothing that depends on an input before both seals are admitted', async () => {
    for (const refuse of ['a', 'b'] as const) {
      for (const prepared of [false, true]) {
        const error: unknown = await deal({ sealed: true, refuse, prepared }).catch(
          (reason: unknown) => reason,
        );
        expect(error).toMatchObject({ message: 'not admitted' });
        const { order } = error as { order: readonly string[] };
        expect(order).not.toContain(`${refuse} authenticated.maskedInputs`);
        expect(order).not.toContain(`${refuse} seal.challenge`);
      }
    }
  });
});
