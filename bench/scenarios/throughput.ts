// Many copies of one circuit under the malicious engine, over the real encrypted channel.

import { z } from 'zod';
import { defineRule } from '../../protocols/define.ts';
import type { Rule } from '../../protocols/rule.ts';
import { completeTerms } from '../../src/documents/terms.ts';
import type { Party } from '../../src/engine/engine.ts';
import { openSession } from '../../src/session/open.ts';
import { multiplier } from '../circuits.ts';
import type { Peer } from '../peer.ts';
import { identity } from './identities.ts';

export interface ThroughputOptions {
  readonly ands: number;
  readonly runs: number;
}

export interface ThroughputResult {
  readonly ands: number;
  readonly ms: number[];
  /** Bytes sent by this side in a run. */
  readonly sent: number;
}

const schema = z.strictObject({ rule: z.strictObject({ name: z.literal('workload') }) });

/** A rule of one's own, for work of a given size. */
function workload(copies: number): Rule {
  const circuit = multiplier();
  return defineRule({
    name: 'workload',
    roles: ['a', 'b'],
    schema,
    under: () => ({
      ands: circuit.ands * copies,
      circuits: () => [{ name: 'multiplier', circuit, copies }],
      enter: () => ({ value: 0n }),
      async compute(engine, _entry, release) {
        const enter = (party: Party) =>
          engine.input(party, 32, engine.party === party ? new Uint8Array(32) : undefined);
        const products = engine.apply(circuit, [enter('a'), enter('b')], copies);
        await engine.reveal(engine.slice(products, 0, 1), 'both', release);
        return { deal: false };
      },
      plain: () => ({ deal: false }),
      permits: ({ deal }) => !deal,
      capacityBits: 0,
      form: { kind: 'document', example: '{}' },
      describe: () => ({ entering: [], outcome: [], incentives: [] }),
      outcomeText: () => 'no deal',
      mandateText: () => 'nothing',
    }),
  });
}

export async function play({ side, options, channel }: Peer<ThroughputOptions>): Promise<ThroughputResult> {
  const copies = Math.floor(options.ands / multiplier().ands);
  const rule = workload(copies);
  const terms = completeTerms(
    {
      parley: 1,
      subject: 'a benchmark',
      rule: { name: 'workload' },
      parties: { a: identity.left.publicKey, b: identity.right.publicKey },
      security: 'malicious',
      seals: 'none',
      expires: '2999-01-01T00:00:00Z',
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    },
    {},
    rule,
  );
  const session = await openSession({
    channel: await channel(),
    initiator: side === 'right',
    identity: identity[side],
    peer: identity[side === 'left' ? 'right' : 'left'].publicKey,
  });
  const ms: number[] = [];
  let sent = 0;
  for (let run = 0; run <= options.runs; run += 1) {
    const start = performance.now();
    const { stats } = await session.negotiate({ terms, mandate: { abstain: true }, rules: [rule] });
    if (run > 0) ms.push(performance.now() - start);
    sent = stats.bytes.sent;
  }
  await session.close();
  return { ands: rule.under(terms).ands, ms, sent };
}
