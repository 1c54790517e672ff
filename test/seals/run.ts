import { bigintToBits } from '../../src/circuit/bits.ts';
import type { Party } from '../../src/circuit/party.ts';
import { type Random, seededRandom } from '../../src/crypto/random.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { ProvingEngine, Release } from '../../src/engine/engine.ts';
import { type Intercept, memoryLinkPair } from '../../src/link/memory-link.ts';
import {
  type EnteredSeal,
  proveSealKey,
  type Seal,
  SealExchange,
  type SealedValue,
  type SealKey,
  SealLink,
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
  readonly engines?: Readonly<Record<Party, ProvingEngine>>;
  /** The engines' links, where these are others than those of seals: a party that stops leaves them too. */
  readonly engineLinks?: Readonly<Record<Party, { destroy(): void }>>;
  /** What each party does between the link and the opening. */
  readonly release?: Readonly<Record<Party, Release>>;
}

/** Keys known from before, so that only the tests of key proofs spend time on them. */
export const bothKnown = { a: new Set<string>(), b: new Set<string>() };

/** What a party's side of a run came to: its seal and the peer's, or its error. A party that stops leaves its link. */
export type Side =
  | { readonly seal: EnteredSeal; readonly peer: Seal }
  | { readonly error: Error & { code?: string } };

const noRelease: Release = { send: async () => undefined, receive: async () => undefined };

/** Seals, links and the reveal of one bit, over memory links and by default in the clear engine. */
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
      const exchange = new SealExchange(links[party]);
      const keys = await exchange.begin({
        session: new Uint8Array(32).fill(seed),
        party,
        first: party === first,
        key,
        form: { width, committed: false },
        peerIdentity: identities[other(party)],
        knownKeys: (options.known ?? bothKnown)[party],
        random,
      });
      const engine = engines[party];
      const link = new SealLink(keys, engine);
      const sealed = options.seals?.[party] ?? sealValue(key.key, values[party], width, random);
      const seal = await exchange.enter(sealed);
      const own = bigintToBits(options.entered?.[party] ?? values[party], width);
      const enter = (owner: Party) => engine.input(owner, width, owner === party ? own : undefined);
      const wires = { a: enter('a'), b: enter('b') };
      const { release, fixing } = link.around(seal, { wires, own }, options.release?.[party] ?? noRelease);
      await engine.reveal(engine.slice(wires.a, 0, 1), 'both', release, fixing);
      return { seal, peer: await seal.peer() };
    } catch (error) {
      links[party].destroy();
      options.engineLinks?.[party].destroy();
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
