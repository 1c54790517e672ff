import type { Rule } from '../../protocols/rule.ts';
import { bigintToBits } from '../circuit/bits.ts';
import type { Random } from '../crypto/random.ts';
import type { SealsByRole } from '../documents/agreement.ts';
import type { Fingerprints } from '../documents/fingerprints.ts';
import { rawPublicKey } from '../documents/identity.ts';
import type { Bits, Engine, FingerprintingEngine, Party, Wires } from '../engine/engine.ts';
import type { Json } from '../ledger/index.ts';
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
  /** Names this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  /** Whether this side garbles, so that its masked inputs go out last. */
  readonly garbles: boolean;
  readonly key: SealKey;
  readonly knownKeys: KeyMemory;
  readonly random: Random;
}

/** AND gates that the links of both seals take, at most. */
export function sealAnds({ rule, terms }: Plan): number {
  return terms.seals === 'none' ? 0 : 2 * linkAnds(rule.sealed!.width(terms));
}

/**
 * The seals of one negotiation (src/seals/README.md): its `link` is what the engine speaks over, `start` seals this side's entry,
 * and `around` makes the engine link what a rule enters to what was sealed, before the rule's outcome is revealed.
 */
export class Sealing {
  readonly link: SealExchange;
  private readonly options: SealingOptions;
  private own: SealedValue | undefined;
  private entry: unknown;
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
    const { plan, key, random } = this.options;
    this.prepared ??= PreparedEncryption.create(key.key, random);
    this.mask ??= Mask.create(key.key, plan.rule.sealed!.width(plan.terms), random);
    if (all) this.mask.ciphertext;
  }

  /**
   * Seals an entry and begins the exchange. Gives the entry to compute with: that of an earlier seal where this side has one for the same
   * mandate and question. Throws LedgerError `ERR_SEAL_CHANGED` if an outcome was released on another one.
   */
  async start<Entry>(entry: Entry, attempt: Attempt | undefined): Promise<Entry> {
    const { plan, session, garbles, key, knownKeys, random } = this.options;
    const { rule, terms, party, peerRole } = plan;
    const width = rule.sealed!.width(terms);
    this.prepare(false);
    const earlier = this.earlier(entry, attempt);
    const sealed = earlier?.sealed ?? this.seal(entry);
    this.own = sealed;
    this.entry = earlier?.entry ?? entry;
    const own = sealed.seal;
    await this.link.start({
      session,
      party,
      first: garbles,
      key,
      sealed,
      mask: this.mask,
      peerIdentity: rawPublicKey(terms.parties[peerRole]!),
      peerWidth: width,
      knownKeys,
      random,
      admit: (peer) => attempt?.admitSealed(own.toJSON() as unknown as Json, own.digest(), peer.digest()),
    });
    return this.entry as Entry;
  }

  /**
   * The engine for a rule: reveals nothing with a release before both seals are linked. Where entries have more than the sealed number, the
   * links come first, and all that the rule enters is fingerprinted.
   */
  async around(engine: Engine): Promise<Engine> {
    const { plan, session } = this.options;
    const { committed } = plan.rule.sealed!;
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
    const widths = committed.widths(plan.terms);
    const committing = new CommittedEngine(
      engine as FingerprintingEngine,
      mask,
      widths,
      this.shown(),
      this.record,
    );
    mask.fill(0);
    return committing;
  }

  /** What an opening of this side's seal will show to have been entered. */
  private shown(): Iterable<Bits> {
    const { terms, rule } = this.options.plan;
    const { entry, committed } = rule.sealed as NonNullable<Rule<unknown>['sealed']>;
    const shown = entry(terms, this.own!.value, committed!.rest(terms, this.entry));
    this.entry = undefined;
    return shown === undefined ? [] : committed!.inputs(terms, shown);
  }

  /** Both seals, once they have been exchanged. */
  async seals(): Promise<SealsByRole> {
    const { role, peerRole } = this.options.plan;
    const { seal } = await this.link.exchanged();
    return { [role]: this.own!.seal, [peerRole]: seal };
  }

  /** Fingerprints of what the parties have entered, as far as they are known, where the seals have commitments. */
  get fingerprints(): Fingerprints | undefined {
    const { rule, party, role, peerRole } = this.options.plan;
    if (rule.sealed!.committed === undefined) return undefined;
    const { keys, values } = this.record;
    const named = Object.entries(values).map(([of, value]) => [of === party ? role : peerRole, value]);
    return { keys, values: Object.fromEntries(named) };
  }

  /** A new seal of an entry, with a commitment to the rest of it where it has more than one number. */
  private seal(entry: unknown): SealedValue {
    const { terms, rule } = this.options.plan;
    const { width, value, committed } = rule.sealed as NonNullable<Rule<unknown>['sealed']>;
    return sealPrepared(this.prepared!, value(terms, entry), width(terms), committed?.rest(terms, entry));
  }

  /** This side's earlier seal of the same mandate, if there is one, with its entry. */
  private earlier(
    entry: unknown,
    attempt: Attempt | undefined,
  ): { readonly sealed: SealedValue; readonly entry: unknown } | undefined {
    const { plan, key } = this.options;
    const { terms } = plan;
    const sealed = plan.rule.sealed as NonNullable<Rule<unknown>['sealed']>;
    const rest = sealed.committed?.rest(terms, entry);
    for (const previous of attempt?.previousSeals() ?? []) {
      const form = { width: sealed.width(terms), committed: rest !== undefined };
      const seal = Seal.fromJSON(previous.seal, form);
      const reopened = seal.key.equals(key.key.publicKey) ? reopenSeal(key.key, seal) : undefined;
      const same = rest === undefined || (reopened && commitsTo(seal, reopened.randomness, rest));
      const known = reopened && same && sealed.entry(terms, reopened.value, rest);
      if (reopened && known && sealed.sameMandate(known, entry)) return { sealed: reopened, entry: known };
      if (previous.required) throw sealChanged();
    }
    return undefined;
  }
}
