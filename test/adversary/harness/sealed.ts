import { toEntry } from '../../../protocols/menu/entry.ts';
import { menu } from '../../../protocols/menu/index.ts';
import type { Entry, Rule } from '../../../protocols/rule.ts';
import { bigintToBits, bitsToBigint } from '../../../src/circuit/bits.ts';
import { evaluateCircuit } from '../../../src/circuit/evaluate.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { rawPublicKey } from '../../../src/documents/identity.ts';
import { placeOfRole } from '../../../src/documents/place.ts';
import { completeTerms, type PublicJwk, type Terms } from '../../../src/documents/terms.ts';
import type { ProvingEngine, Release } from '../../../src/engine/engine.ts';
import type { Link } from '../../../src/link/link.ts';
import { baseOtPoints } from '../../../src/ot/index.ts';
import {
  type KeyMemory,
  proveSealKey,
  SealExchange,
  type SealKey,
  SealLink,
  sealValue,
} from '../../../src/seals/index.ts';
import { Sealing } from '../../../src/session/sealing.ts';
import { alice, bob } from '../../paillier/keys.ts';
import { buyer, seller } from '../../support/sessions.ts';
import { other } from './duel.ts';
import { seedOf } from './engines.ts';
import { inputsOf, meetCircuit, type Program } from './programs.ts';

/** Who they are: the seller is party a, and garbles. */
const identities: Readonly<Record<'a' | 'b', PublicJwk>> = { a: seller.publicKey, b: buyer.publicKey };
/** Both parties' seal keys, known to each other unless an attack is on them. */
export const sealKeys: Readonly<Record<'a' | 'b', SealKey>> = {
  a: proveSealKey(alice, rawPublicKey(identities.a)),
  b: proveSealKey(bob, rawPublicKey(identities.b)),
};
const everyKey: KeyMemory = { has: () => true, add: () => undefined };
const sessionOf = (seed: number) => new Uint8Array(32).fill(seed);
const noRelease: Release = { send: async () => undefined, receive: async () => undefined };

/** A program whose state is what stands between each party's engine and its link. */
function stateOf<State extends { readonly link: Link }>(make: (party: 'a' | 'b', link: Link) => State) {
  const states = new WeakMap<Link, State>();
  return {
    enter(party: 'a' | 'b', link: Link): Link {
      const state = make(party, link);
      states.set(state.link, state);
      return state.link;
    },
    of: (link: Link | undefined) => states.get(link!)!,
  };
}

const WIDTH = 7;
const circuit = meetCircuit(WIDTH);

/**
 * A comparison and a sum of two 7-bit numbers, both sealed, revealed to both. With `strangers`, neither party knows
 * the other's key, and so verifies its proof.
 */
export function sealedMeet(strangers: boolean): Program {
  const seeds = new WeakMap<Link, number>();
  const state = stateOf((_, link) => {
    const exchange = new SealExchange(link, [baseOtPoints]);
    return { link: exchange as Link, exchange };
  });
  return {
    name: 'sealed meet',
    widths: { a: WIDTH, b: WIDTH },
    through(party, link, seed) {
      const through = state.enter(party, link);
      seeds.set(through, seed);
      return through;
    },
    async run(given, own, link) {
      const engine = given as ProvingEngine;
      const { party } = engine;
      const { exchange } = state.of(link);
      const seed = seeds.get(link!)!;
      const random = seededRandom(seedOf(seed, party === 'a' ? 21 : 22));
      const key = sealKeys[party];
      const keys = await exchange.begin({
        session: sessionOf(seed),
        party,
        first: party === 'a',
        key,
        form: { width: WIDTH, committed: false },
        peerIdentity: rawPublicKey(identities[other(party)]),
        knownKeys: strangers ? new Set() : everyKey,
        random,
      });
      const seals = new SealLink(keys, engine);
      const seal = await exchange.enter(sealValue(key.key, bitsToBigint(own), WIDTH, random));
      const [a, b] = inputsOf(this, engine, own);
      const values = { wires: { a, b }, own: own.slice() };
      const { release, fixing } = seals.around(seal, values, noRelease);
      return [await engine.reveal(engine.apply(circuit, [a, b]), 'both', release, fixing)];
    },
    plain: (_, x, y) => [evaluateCircuit(circuit, [x, y])],
  };
}

/** How a rule's bids are entered and sealed: `sealed` is what a party seals, where that is not what it enters. */
export interface SealedBids {
  readonly rule: Rule;
  readonly terms: Terms;
  /** The entry that an input stands for; default: that number, and nothing else. */
  readonly entryOf?: (input: bigint) => Entry;
  readonly sealed?: Partial<Record<'a' | 'b', bigint>>;
}

/**
 * A rule under the malicious engine, with seals as a session has them. Inputs are the parties' entries, as numbers; the outcome is
 * the JSON that the rule gave, as bytes.
 */
export function sealedRule({ rule, terms, entryOf, sealed = {} }: SealedBids): Program {
  const bound = rule.under(terms);
  const seal = bound.seal!;
  const entryFor = (bits: Uint8Array): Entry => {
    const value = bitsToBigint(bits);
    return entryOf?.(value) ?? { value };
  };
  const { width } = seal;
  const encode = (outcome: unknown) => Uint8Array.from(Buffer.from(JSON.stringify(outcome)));
  let seedNow = 0;
  const state = stateOf((party, link) => {
    const place = placeOfRole(rule, rule.roles[party === 'a' ? 0 : 1])!;
    const sealing = new Sealing(link, {
      side: { ...place, rule, bound, terms, digest: new Uint8Array(32), arbiter: undefined },
      seal,
      session: sessionOf(seedNow),
      garbles: party === 'a',
      key: sealKeys[party],
      knownKeys: everyKey,
      random: seededRandom(seedOf(seedNow, party === 'a' ? 21 : 22)),
    });
    return { link: sealing.link as Link, sealing };
  });
  return {
    name: `sealed ${rule.name}`,
    widths: { a: width, b: width },
    through(party, link, seed) {
      seedNow = seed;
      return state.enter(party, link);
    },
    async run(engine, own, link) {
      const { sealing } = state.of(link);
      await sealing.begin();
      const entry = entryFor(own);
      const lie = sealed[engine.party];
      const entered = await sealing.enter(lie === undefined ? entry : { value: lie }, undefined);
      return [encode(await bound.compute(await entered.link(engine), entry, noRelease))];
    },
    plain: (_, a, b) => [encode(bound.plain(entryFor(a), entryFor(b)))],
  };
}

/** A menu of four options, which are all worth the same to a party; its input is its reservation. */
export function sealedMenu(): Program {
  const terms = completeTerms(
    {
      parley: 1,
      subject: 'supply contract',
      rule: { name: 'menu', solution: 'utilitarian' },
      menu: { issues: [{ name: 'Price', values: ['1', '2', '3', '4'] }] },
      parties: identities,
      expires: '2999-01-01T00:00:00Z',
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    },
    {},
    menu,
  );
  const entryOf = (input: bigint) =>
    toEntry({ utilities: new Uint16Array(4).fill(60_000), reservation: Number(input & 0xffffn) });
  return sealedRule({ rule: menu, terms, entryOf });
}

/** A number as a program's input. */
export function entryBits(value: bigint, { widths }: Program): Uint8Array {
  return bigintToBits(value, widths.a);
}
