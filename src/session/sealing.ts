import type { Rule } from '../../protocols/rule.ts';
import type { SealsByRole } from '../agreement/agreement.ts';
import { rawPublicKey } from '../agreement/identity.ts';
import type { Json } from '../agreement/ledger/index.ts';
import type { Link } from '../channel/link.ts';
import type { Random } from '../crypto/random.ts';
import type { Bits, Engine, Fixing, Party, Release, Wires } from '../engine/engine.ts';
import { baseOtPoints } from '../ot/index.ts';
import { PreparedEncryption } from '../paillier/index.ts';
import {
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
} from '../paillier/seal/index.ts';
import { type Attempt, sealChanged } from './attempt.ts';
import type { Plan } from './preflight.ts';

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
 * The seals of one negotiation (src/paillier/seal/README.md): its `link` is what the engine speaks over, `start` seals this side's entry,
 * and `around` makes the engine link what a rule enters to what was sealed, before the rule's outcome is revealed.
 */
export class Sealing {
  readonly link: SealExchange;
  private readonly options: SealingOptions;
  private own: SealedValue | undefined;
  private prepared: PreparedEncryption | undefined;
  private mask: Mask | undefined;

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
    const sealed = earlier?.sealed ?? sealPrepared(this.prepared!, rule.sealed!.value(terms, entry), width);
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
      peerWidth: width,
      knownKeys,
      random,
      admit: (peer) => attempt?.admitSealed(own.toJSON() as unknown as Json, own.digest(), peer.digest()),
    });
    return (earlier?.entry as Entry | undefined) ?? entry;
  }

  /** The engine for a rule: reveals nothing with a release before both seals are linked. */
  around(engine: Engine): Engine {
    return new SealedEngine(engine, new SealLink(this.link, engine), this.own!.seal.width);
  }

  /** Both seals, once they have been exchanged. */
  async seals(): Promise<SealsByRole> {
    const { role, peerRole } = this.options.plan;
    const { seal } = await this.link.exchanged();
    return { [role]: this.own!.seal, [peerRole]: seal };
  }

  /** This side's earlier seal of the same mandate, if there is one, with its entry. */
  private earlier(
    entry: unknown,
    attempt: Attempt | undefined,
  ): { readonly sealed: SealedValue; readonly entry: unknown } | undefined {
    const { plan, key } = this.options;
    const { terms } = plan;
    const sealed = plan.rule.sealed as NonNullable<Rule<unknown>['sealed']>;
    for (const previous of attempt?.previousSeals() ?? []) {
      const seal = Seal.fromJSON(previous.seal, sealed.width(terms));
      const reopened = seal.key.equals(key.key.publicKey) ? reopenSeal(key.key, seal) : undefined;
      const known = reopened && sealed.entry(terms, reopened.value);
      if (reopened !== undefined && sealed.sameMandate(known, entry))
        return { sealed: reopened, entry: known };
      if (previous.required) throw sealChanged();
    }
    return undefined;
  }
}

/** An engine that takes one input of each party: what that party has sealed. */
class SealedEngine implements Engine {
  private readonly engine: Engine;
  private readonly seals: SealLink<Wires>;
  private readonly width: number;
  private readonly entered: Partial<Record<Party, Wires>> = {};

  constructor(engine: Engine, seals: SealLink<Wires>, width: number) {
    this.engine = engine;
    this.seals = seals;
    this.width = width;
  }

  get party(): Party {
    return this.engine.party;
  }

  prepare(ands: number): Promise<void> {
    return this.engine.prepare(ands);
  }

  input(owner: Party, width: number, bits?: Bits): Wires {
    if (this.entered[owner] !== undefined || width !== this.width) {
      throw new Error('a sealed rule enters one number of each party, as wide as its seal');
    }
    const wires = this.engine.input(owner, width, bits);
    this.entered[owner] = wires;
    return wires;
  }

  apply(...call: Parameters<Engine['apply']>): Wires {
    return this.engine.apply(...call);
  }

  slice(...call: Parameters<Engine['slice']>): Wires {
    return this.engine.slice(...call);
  }

  concat(...wires: readonly Wires[]): Wires {
    return this.engine.concat(...wires);
  }

  release(...wires: readonly Wires[]): void {
    this.engine.release(...wires);
  }

  async reveal(
    wires: Wires,
    to: Party | 'both',
    release?: Release,
    fixing?: Fixing,
  ): Promise<Bits | undefined> {
    if (release === undefined) throw new Error('a sealed rule reveals its outcome only');
    const { a, b } = this.entered;
    if (a === undefined || b === undefined) throw new Error('a sealed rule enters a number of each party');
    await this.seals.run({ a, b });
    return this.engine.reveal(wires, to, release, fixing);
  }

  close(): void {
    this.engine.close();
  }
}
