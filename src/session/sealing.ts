import type { Entry, SealedEntries } from '../../protocols/rule.ts';
import { bigintToBits } from '../circuit/bits.ts';
import type { Random } from '../crypto/random.ts';
import { rawPublicKey } from '../documents/identity.ts';
import type { Engine, FingerprintingEngine, Party, Program, Wires } from '../engine/engine.ts';
import { enterMasks } from '../engine/fingerprint-masks.ts';
import type { Link } from '../link/link.ts';
import { baseOtPoints } from '../ot/index.ts';
import { PreparedEncryption } from '../paillier/index.ts';
import {
  fingerprintMask,
  type KeyMemory,
  linkAnds,
  Mask,
  SealExchange,
  type SealedValue,
  type SealKey,
  SealLink,
  type StartedExchange,
  sealPrepared,
} from '../seals/index.ts';
import type { Entered } from './entered.ts';
import { earlierEntry, requiredEntry, type SealedEntry, toRecord } from './own-seals.ts';
import type { Side } from './preflight.ts';
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

/** AND gates that the links of both seals take. */
export function sealAnds({ bound, terms }: Side): number {
  return terms.seals === 'none' || bound.seal === undefined ? 0 : 2 * linkAnds(bound.seal.width);
}

/**
 * What will be queued before the outcome is revealed, as far as the terms alone decide it: where entries are committed to, their rule comes once the
 * seals are linked. Undefined where links are queued with it, since their circuits follow from challenges.
 */
export function programOf({ bound, terms }: Side): Program | undefined {
  const { program } = bound;
  if (terms.seals === 'none' || program === undefined) return program;
  if (bound.seal?.committed === undefined) return undefined;
  return (queue) => {
    queue.release(...enterMasks(queue, () => undefined));
    program(queue);
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
   * Seals an entry and begins the exchange. An entry that must be made again takes the place of `entry`, and so does the entry of an earlier
   * seal of this side for the same mandate and question. Throws LedgerError `ERR_SEAL_CHANGED`.
   */
  async enter(entry: Entry, attempt: RecordedAttempt | undefined): Promise<Entered> {
    const { side, seal, session, garbles, key, knownKeys, random } = this.options;
    const { terms, party, peerRole } = side;
    if ((entry.rest === undefined) !== (seal.committed === undefined)) {
      throw new Error('an entry has more than its number exactly if the rule commits to it');
    }
    const { encryption, mask } = this.made();
    const own = this.standing ??
      earlierEntry(attempt?.previousSeals() ?? [], seal, key, entry) ?? {
        sealed: sealPrepared(encryption, entry.value, seal.width, entry.rest),
        entry,
      };
    const { sealed } = own;
    const exchange = await this.link.start({
      session,
      party,
      first: garbles,
      key,
      sealed,
      mask,
      peerIdentity: rawPublicKey(terms.parties[peerRole]!),
      peerWidth: seal.width,
      knownKeys,
      random,
      admit: (peer) => attempt?.admitSealed(toRecord(own), sealed.seal.digest(), peer.digest()),
    });
    return new LinkedEntry(this.options, own, exchange);
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
  private readonly sealed: SealedValue;
  private readonly exchange: StartedExchange;
  private readonly record: FingerprintRecord;

  constructor(options: SealingOptions, { sealed, entry }: SealedEntry, exchange: StartedExchange) {
    this.options = options;
    this.entry = entry;
    this.sealed = sealed;
    this.exchange = exchange;
    this.record = new FingerprintRecord(options.side);
  }

  async evidence() {
    const { side, seal } = this.options;
    const peer = await this.exchange.exchanged();
    const seals = { [side.role]: this.sealed.seal, [side.peerRole]: peer.seal };
    return { seals, fingerprints: seal.committed === undefined ? undefined : this.record.known() };
  }

  /**
   * This engine reveals no outcome before both seals are linked. Where entries have more than the sealed number, the links come first, and
   * all that the rule enters is fingerprinted.
   */
  async link(engine: Engine): Promise<Engine> {
    const { side, session, seal: entries } = this.options;
    const { committed } = entries;
    const { seal, value, randomness } = this.sealed;
    const link = new SealLink(this.exchange, engine);
    if (committed === undefined) return new SealedNumberEngine(engine, link, seal.width);
    const bits = bigintToBits(value, seal.width);
    const enter = (party: Party): Wires =>
      engine.input(party, seal.width, party === side.party ? bits : undefined);
    const numbers = { a: enter('a'), b: enter('b') };
    bits.fill(0);
    await link.run(numbers);
    engine.release(numbers.a, numbers.b);
    if (!isFingerprinting(engine)) throw new Error('entries with commitments need fingerprints');
    const mask = fingerprintMask(randomness, session);
    const own = committed.inputs(this.entry);
    const committing = new CommittedEngine(engine, mask, committed.widths, own, this.record);
    mask.fill(0);
    return committing;
  }
}

function isFingerprinting(engine: Engine): engine is FingerprintingEngine {
  return 'maskFingerprints' in engine;
}
