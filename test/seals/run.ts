import { bigintToBits } from '../../src/circuit/bits.ts';
import type { Party } from '../../src/circuit/party.ts';
import { type Random, seededRandom } from '../../src/crypto/random.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { type Intercept, memoryLinkPair } from '../../src/link/memory-link.ts';
import {
  proveSealKey,
  type Seal,
  SealExchange,
  type SealedValue,
  type SealKey,
  SealLink,
  type StartedExchange,
  sealValue,
} from '../../src/seals/index.ts';
import { alice, bob } from '../paillier/keys.ts';

export const identities = { a: new Uint8Array(32).fill(0xa1), b: new Uint8Array(32).fill(0xb2) };
export const sealKeys = { a: proveSealKey(alice, identities.a), b: proveSealKey(bob, identities.b) };
export const parties: readonly Party[] = ['a', 'b'];
export const other = (party: Party): Party => (party === 'a' ? 'b' : 'a');

export interface RunOptions {
  readonly seed?: number;
  readonly width?: number;
  /** What each party seals, and what it enters into the circuit where that is something else. */
  readonly values?: Readonly<Record<Party, bigint>>;
  readonly entered?: Partial<Record<Party, bigint>>;
  readonly keys?: Partial<Record<Party, SealKey>>;
  readonly seals?: Partial<Record<Party, SealedValue>>;
  /** The party whose masked inputs go out last; a. */
  readonly first?: Party;
  readonly intercept?: Intercept;
  readonly known?: Readonly<Record<Party, Set<string>>>;
  readonly engines?: Readonly<Record<Party, Engine>>;
}

/** Keys known from before, so that only the tests of key proofs spend time on them. */
export const bothKnown = { a: new Set<string>(), b: new Set<string>() };

/** What a party's side of a run came to: the exchange, or its error. A party that stops leaves its link. */
export type Side =
  | { readonly exchange: StartedExchange; readonly peer: Seal }
  | { readonly error: Error & { code?: string } };

/** Seals, links and nothing else, over memory links and by default in the clear engine. */
export async function runLink(options: RunOptions = {}): Promise<Record<Party, Side>> {
  const { seed = 1, width = 64, first = 'a', values = { a: 41n, b: 99n } } = options;
  const pair = memoryLinkPair({
    timeout: 3_000,
    ...(options.intercept === undefined ? {} : { intercept: options.intercept }),
  });
  const links = { a: pair[0], b: pair[1] };
  const engines = options.engines ?? clearEngines();
  const side = async (party: Party): Promise<Side> => {
    const random: Random = seededRandom(new Uint8Array(16).fill(seed * 2 + (party === 'a' ? 0 : 1)));
    const key = options.keys?.[party] ?? sealKeys[party];
    try {
      const exchange = await new SealExchange(links[party]).start({
        session: new Uint8Array(32).fill(seed),
        party,
        first: party === first,
        key,
        sealed: options.seals?.[party] ?? sealValue(key.key, values[party], width, random),
        peerIdentity: identities[other(party)],
        peerWidth: width,
        knownKeys: (options.known ?? bothKnown)[party],
        random,
      });
      const engine = engines[party];
      const link = new SealLink(exchange, engine);
      const enter = (owner: Party) =>
        engine.input(
          owner,
          width,
          owner === party ? bigintToBits(options.entered?.[owner] ?? values[owner], width) : undefined,
        );
      await link.run({ a: enter('a'), b: enter('b') });
      return { exchange, peer: (await exchange.exchanged()).seal };
    } catch (error) {
      links[party].destroy();
      engines[party].close();
      return { error: error as Error & { code?: string } };
    }
  };
  const [a, b] = await Promise.all([side('a'), side('b')]);
  return { a, b };
}

/** The error of one side, or undefined. */
export function failure(side: Side): { code: string | undefined; message: string } | undefined {
  return 'error' in side ? { code: side.error.code, message: side.error.message } : undefined;
}
