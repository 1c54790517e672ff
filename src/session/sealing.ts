import type { Entry, SealedEntries } from '../../protocols/rule.ts';
import { bigintToBits } from '../circuit/bits.ts';
import type { Random } from '../crypto/random.ts';
import { rawPublicKey } from '../documents/identity.ts';
import type { Engine, FingerprintingEngine, Party, Program, Wires } from '../engine/engine.ts';
import { enterMasks } from '../engine/fingerprint-masks.ts';
import { enterFixed, maskOutcome } from '../escrow/index.ts';
import type { Link } from '../link/link.ts';
import { baseOtPoints } from '../ot/index.ts';
import { PreparedEncryption } from '../paillier/index.ts';
import {
  type EnteredSeal,
  fingerprintMask,
  type Halves,
  type KeyExchange,
  type KeyMemory,
  Mask,
  maskWidth,
  SealExchange,
  type SealKey,
  SealLink,
  sealPrepared,
} from '../seals/index.ts';
import type { Entered } from './entered.ts';
import { earlierEntry, requiredEntry, type SealedEntry, toRecord } from './own-seals.ts';
import type { Side } from './preflight.ts';
import { hasProofs } from './proving.ts';
import type { RecordedAttempt } from './recorded-attempt.ts';
import { CommittedEngine, FingerprintRecord, SealedNumberEngine } from './sealed-engine.ts';

export interface SealingOptions {
  readonly side: Side;
  /** How this side's rule seals an entry. */
  readonly seal: SealedEntries;
  /** Names this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  /** Whether this side garbles, so that its masked inputs go out last. */
  readonly garbles: boolean;
  readonly key: SealKey;
  readonly knownKeys: KeyMemory;
  readonly random: Random;
}

const PARTIES: readonly Party[] = ['a', 'b'];

/** What will be queued before the outcome is revealed: the terms alone decide it. Undefined where the rule does not say. */
export function programOf({ bound, terms }: Pick<Side, 'bound' | 'terms'>): Program | undefined {
  const { program, seal, outcomeWidth } = bound;
  if (program === undefined) return undefined;
  const sealed = terms.seals === 'none' ? undefined : seal;
  return (queue) => {
    if (sealed !== undefined) for (const party of PARTIES) queue.input(party, maskWidth(sealed.width));
    const fixed = terms.arbiter && enterFixed(queue, outcomeWidth!);
    if (sealed?.committed !== undefined) {
      for (const party of PARTIES) queue.input(party, sealed.width);
      queue.release(...enterMasks(queue, () => undefined));
    }
    const outcome = program(queue);
    if (fixed !== undefined) maskOutcome(queue, outcome, fixed);
  };
}

/** The parts of a seal that can be made without a mandate. */
interface Blank {
  readonly encryption: PreparedEncryption;
  readonly mask: Mask;
}

/** The seals of one negotiation (src/seals/README.md) before this side has its mandate. The engine speaks over its `link`. */
export class Sealing {
  readonly link: SealExchange;
  private readonly options: SealingOptions;
  private blank: Blank | undefined;
  private keys: KeyExchange | undefined;
  private seals: SealLink<Wires> | undefined;
  private standing: SealedEntry | undefined;

  constructor(link: Link, options: SealingOptions) {
    this.link = new SealExchange(link, [baseOtPoints]);
    this.options = options;
  }

  /**
   * Makes the parts that need no mandate, at a moment when this side would otherwise wait for the peer. `all` says whether to make all of
   * them: the garbler's C_m can wait until the garbler has sent what the peer waits for.
   */
  prepare(all: boolean): void {
    const { mask } = this.made();
    if (all) mask.ciphertext;
  }

  /** Begins to exchange keys, and what else needs no mandate, `beside` among it. Called once the terms are agreed. */
  async begin(beside?: Halves): Promise<void> {
    const { side, seal, session, garbles, key, knownKeys, random } = this.options;
    const { terms, party, peerRole } = side;
    this.keys = await this.link.begin({
      session,
      party,
      first: garbles,
      key,
      form: { width: seal.width, committed: seal.committed !== undefined },
      mask: this.made().mask,
      peerIdentity: rawPublicKey(terms.parties[peerRole]!),
      knownKeys,
      random,
      beside,
    });
  }

  /** The link of the seals in an engine, which enters both masks there when it is first asked for. That needs no mandate. */
  linkIn(engine: Engine): SealLink<Wires> {
    if (this.keys === undefined) throw new Error('keys are exchanged first');
    if (!hasProofs(engine)) throw new Error('entries that are sealed need an engine that proves');
    this.seals ??= new SealLink(this.keys, engine);
    return this.seals;
  }

  /**
   * The entry that this side must make again, whatever its mandate is now, because an outcome was released on it and is not agreed.
   * Throws LedgerError `ERR_SEAL_CHANGED` if its seal was made with another key.
   */
  required(attempt: RecordedAttempt | undefined): Entry | undefined {
    const { seal, key } = this.options;
    this.standing = requiredEntry(attempt?.previousSeals() ?? [], seal, key);
    return this.standing?.entry;
  }

  /**
   * Seals an entry, and lets the peer have the seal. An entry that must be made again takes the place of `entry`, and so does the entry of an earlier
   * seal of this side for the same mandate and question. Throws LedgerError `ERR_SEAL_CHANGED`.
   */
  async enter(entry: Entry, attempt: RecordedAttempt | undefined): Promise<Entered> {
    const { seal, key } = this.options;
    if ((entry.rest === undefined) !== (seal.committed === undefined)) {
      throw new Error('an entry has more than its number exactly if the rule commits to it');
    }
    const { encryption } = this.made();
    const own = this.standing ??
      earlierEntry(attempt?.previousSeals() ?? [], seal, key, entry) ?? {
        sealed: sealPrepared(encryption, entry.value, seal.width, entry.rest),
        entry,
      };
    const { sealed } = own;
    const entered = await this.link.enter(sealed, (peer) =>
      attempt?.admitSealed(toRecord(own), sealed.seal.digest(), peer.digest()),
    );
    return new LinkedEntry(this.options, own, entered, (engine) => this.linkIn(engine));
  }

  private made(): Blank {
    const { seal, key, random } = this.options;
    this.blank ??= {
      encryption: PreparedEncryption.create(key.key, random),
      mask: Mask.create(key.key, seal.width, random),
    };
    return this.blank;
  }
}

/** A sealed entry. What the rule enters is linked to the seal before the rule's outcome is revealed. */
class LinkedEntry implements Entered {
  readonly entry: Entry;
  private readonly options: SealingOptions;
  private readonly seal: EnteredSeal;
  private readonly linkIn: (engine: Engine) => SealLink<Wires>;
  private readonly record: FingerprintRecord;

  constructor(
    options: SealingOptions,
    { entry }: SealedEntry,
    seal: EnteredSeal,
    linkIn: (engine: Engine) => SealLink<Wires>,
  ) {
    this.options = options;
    this.entry = entry;
    this.seal = seal;
    this.linkIn = linkIn;
    this.record = new FingerprintRecord(options.side);
  }

  async evidence() {
    const { side, seal } = this.options;
    const seals = { [side.role]: this.seal.sealed.seal, [side.peerRole]: await this.seal.peer() };
    return { seals, fingerprints: seal.committed === undefined ? undefined : this.record.known() };
  }

  /** This engine releases no outcome before both seals are linked. Where entries have more than the sealed number, all that the rule enters is fingerprinted. */
  async link(engine: Engine): Promise<Engine> {
    const { side, session, seal: entries } = this.options;
    const { committed } = entries;
    const { seal, value, randomness } = this.seal.sealed;
    const linked = { seal: this.seal, link: this.linkIn(engine) };
    if (committed === undefined) return new SealedNumberEngine(engine, linked, seal.width);
    if (!isFingerprinting(engine)) throw new Error('entries with commitments need fingerprints');
    const bits = bigintToBits(value, seal.width);
    const enter = (party: Party): Wires =>
      engine.input(party, seal.width, party === side.party ? bits : undefined);
    const numbers = { wires: { a: enter('a'), b: enter('b') }, own: bits };
    const mask = fingerprintMask(randomness, session);
    const own = committed.inputs(this.entry);
    const committing = new CommittedEngine(
      engine,
      linked,
      { numbers, mask, widths: committed.widths, own },
      this.record,
    );
    mask.fill(0);
    return committing;
  }
}

function isFingerprinting(engine: Engine): engine is FingerprintingEngine {
  return 'maskFingerprints' in engine;
}
