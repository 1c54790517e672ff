import type { Entry, SealedEntries } from '../../protocols/rule.ts';
import { bigintToBits } from '../circuit/bits.ts';
import type { Random } from '../crypto/random.ts';
import type { SealsByRole } from '../documents/agreement.ts';
import type { Fingerprints } from '../documents/fingerprints.ts';
import { rawPublicKey } from '../documents/identity.ts';
import type { Engine, FingerprintingEngine, Party, Wires } from '../engine/engine.ts';
import type { Link } from '../link/link.ts';
import { baseOtPoints } from '../ot/index.ts';
import { PreparedEncryption } from '../paillier/index.ts';
import {
  commitsTo,
  fingerprintMask,
  type KeyMemory,
  linkAnds,
  Mask,
  reopenSeal,
  Seal,
  SealExchange,
  type SealedValue,
  type SealKey,
  SealLink,
  sealPrepared,
} from '../seals/index.ts';
import { type Attempt, sealChanged } from './attempt.ts';
import type { Plan } from './preflight.ts';
import { CommittedEngine, type FingerprintRecord, SealedNumberEngine } from './sealed-engine.ts';

export interface SealingOptions {
  readonly plan: Plan;
  /** How the plan's rule seals. */
  readonly seal: SealedEntries;
  /** Names this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  /** Whether this side garbles, so that its masked inputs go out last. */
  readonly garbles: boolean;
  readonly key: SealKey;
  readonly knownKeys: KeyMemory;
  readonly random: Random;
}

/** AND gates that the links of both seals take, at most. */
export function sealAnds({ bound, terms }: Plan): number {
  return terms.seals === 'none' || bound.seal === undefined ? 0 : 2 * linkAnds(bound.seal.width);
}

/**
 * The seals of one negotiation (src/seals/README.md): its `link` is what the engine speaks over, `start` seals this side's entry,
 * and `around` makes the engine link what a rule enters to what was sealed, before the rule's outcome is revealed.
 */
export class Sealing {
  readonly link: SealExchange;
  private readonly options: SealingOptions;
  private own: SealedValue | undefined;
  private prepared: PreparedEncryption | undefined;
  private mask: Mask | undefined;
  private readonly record: FingerprintRecord = { keys: [], values: {} };

  constructor(link: Link, options: SealingOptions) {
    this.link = new SealExchange(link, [baseOtPoints]);
    this.options = options;
  }

  /**
   * Makes what no mandate is needed for, at a moment when this side would otherwise wait for the peer. `all` says whether that is the
   * whole of it: the garbler's C_m can wait until it has sent what the peer waits for.
   */
  prepare(all: boolean): void {
    const { seal, key, random } = this.options;
    this.prepared ??= PreparedEncryption.create(key.key, random);
    this.mask ??= Mask.create(key.key, seal.width, random);
    if (all) this.mask.ciphertext;
  }

  /**
   * Seals an entry and begins the exchange. Gives the entry to compute with: that of an earlier seal where this side has one for the same
   * mandate and question. Throws LedgerError `ERR_SEAL_CHANGED` if an outcome was released on another one.
   */
  async start(entry: Entry, attempt: Attempt | undefined): Promise<Entry> {
    const { plan, session, garbles, key, knownKeys, random } = this.options;
    const { terms, party, peerRole } = plan;
    this.prepare(false);
    const earlier = this.earlier(entry, attempt);
    const sealed = earlier?.sealed ?? this.seal(entry);
    this.own = sealed;
    const own = sealed.seal;
    await this.link.start({
      session,
      party,
      first: garbles,
      key,
      sealed,
      mask: this.mask,
      peerIdentity: rawPublicKey(terms.parties[peerRole]!),
      peerWidth: this.options.seal.width,
      knownKeys,
      random,
      admit: (peer) => attempt?.admitSealed(own.toJSON(), own.digest(), peer.digest()),
    });
    return earlier?.entry ?? entry;
  }

  /**
   * The engine for a rule: reveals nothing with a release before both seals are linked. Where entries have more than the sealed number, the
   * links come first, and all that the rule enters is fingerprinted.
   */
  async around(engine: Engine, entry: Entry): Promise<Engine> {
    const { plan, session, seal: entries } = this.options;
    const { committed, inputs } = entries;
    const { seal, value, randomness } = this.own!;
    const link = new SealLink(this.link, engine);
    if (committed === undefined) return new SealedNumberEngine(engine, link, seal.width);
    const bits = bigintToBits(value, seal.width);
    const enter = (party: Party): Wires =>
      engine.input(party, seal.width, party === plan.party ? bits : undefined);
    const reservations = { a: enter('a'), b: enter('b') };
    bits.fill(0);
    await link.run(reservations);
    engine.release(reservations.a, reservations.b);
    const mask = fingerprintMask(randomness, session);
    const own = inputs?.(entry) ?? [];
    const committing = new CommittedEngine(engine as FingerprintingEngine, mask, committed, own, this.record);
    mask.fill(0);
    return committing;
  }

  /** Both seals, once they have been exchanged. */
  async seals(): Promise<SealsByRole> {
    const { role, peerRole } = this.options.plan;
    const { seal } = await this.link.exchanged();
    return { [role]: this.own!.seal, [peerRole]: seal };
  }

  /** Fingerprints of what the parties have entered, as far as they are known, where the seals have commitments. */
  get fingerprints(): Fingerprints | undefined {
    const { party, role, peerRole } = this.options.plan;
    if (this.options.seal.committed === undefined) return undefined;
    const { keys, values } = this.record;
    const named = Object.entries(values).map(([of, value]) => [of === party ? role : peerRole, value]);
    return { keys, values: Object.fromEntries(named) };
  }

  /** A new seal of an entry, with a commitment to the rest of it where it has more than one number. */
  private seal({ value, rest }: Entry): SealedValue {
    return sealPrepared(this.prepared!, value, this.options.seal.width, rest);
  }

  /** This side's earlier seal of the same mandate, if there is one, with its entry. */
  private earlier(
    entry: Entry,
    attempt: Attempt | undefined,
  ): { readonly sealed: SealedValue; readonly entry: Entry } | undefined {
    const { seal: entries, key } = this.options;
    const { rest } = entry;
    for (const previous of attempt?.previousSeals() ?? []) {
      const form = { width: entries.width, committed: rest !== undefined };
      const seal = Seal.fromJSON(previous.seal, form);
      const reopened = seal.key.equals(key.key.publicKey) ? reopenSeal(key.key, seal) : undefined;
      if (reopened !== undefined && (rest === undefined || commitsTo(seal, reopened.randomness, rest))) {
        const known = { value: reopened.value, rest };
        if (entries.sameMandate(known, entry)) return { sealed: reopened, entry: known };
      }
      if (previous.required) throw sealChanged();
    }
    return undefined;
  }
}
