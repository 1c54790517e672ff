import { type Identity, sameKey } from '../documents/identity.ts';
import type { PublicJwk } from '../documents/terms.ts';
import { InputError } from '../errors.ts';
import { type Ledger, memoryDisputes } from '../ledger/index.ts';
import type { SealKey } from '../seals/index.ts';
import type { Home, KnownPeer } from './home.ts';

export interface MemoryHomeOptions {
  /** Default: one is made for the first negotiation. */
  readonly identity?: Identity | undefined;
  readonly sealKey?: SealKey | undefined;
  /** Keys by name. */
  readonly peers?: Readonly<Record<string, PublicJwk>> | undefined;
  /** Default: none, so attempts are not bounded. */
  readonly ledger?: Ledger | undefined;
}

/** A home that lasts as long as the process. */
export interface MemoryHome extends Home {
  /** The agreements that have been kept, the oldest first. */
  readonly agreements: readonly Uint8Array[];
  readonly engagements: readonly string[];
  /** Outcomes that were proved without an agreement. */
  readonly outcomes: readonly Uint8Array[];
}

const PLACE = 'memory';

export function memoryHome(options: MemoryHomeOptions = {}): MemoryHome {
  let { identity, sealKey } = options;
  const peers = new Map(Object.entries(options.peers ?? {}));
  const disputes = memoryDisputes();
  const records = { ledger: options.ledger, disputes, knownKeys: new Set<string>() };
  const agreements: Uint8Array[] = [];
  const engagements: string[] = [];
  const outcomes: Uint8Array[] = [];
  const known = (name: string): KnownPeer => ({ name, key: peers.get(name)!, place: PLACE });
  return {
    agreements,
    engagements,
    outcomes,
    identity: async () => identity,
    async keepIdentity(made) {
      identity = made;
      return PLACE;
    },
    sealKey: async () => sealKey,
    async keepSealKey(made) {
      sealKey = made;
      return PLACE;
    },
    peers: {
      all: async () => [...peers.keys()].sort().map(known),
      find: async (name) => (peers.has(name) ? known(name) : undefined),
      async add(name, key) {
        const before = peers.get(name);
        if (before !== undefined && !sameKey(before, key)) {
          throw new InputError('ERR_USAGE', `${name} is somebody else already`);
        }
        peers.set(name, key);
      },
    },
    records: async () => records,
    async reserveAgreement() {
      return {
        async save(agreement) {
          agreements.push(agreement.slice());
          return PLACE;
        },
        release: async () => undefined,
      };
    },
    async keepEngagement(engagement) {
      engagements.push(engagement);
      return PLACE;
    },
    async keepOutcome(proof) {
      outcomes.push(proof);
      return PLACE;
    },
  };
}
