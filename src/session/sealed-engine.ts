import { equalBytes } from '../crypto/bytes.ts';
import type { Fingerprints } from '../documents/fingerprints.ts';
import type { Place } from '../documents/place.ts';
import type { Bits, Engine, FingerprintingEngine, Fixing, Party, Release, Wires } from '../engine/engine.ts';
import type { SealLink } from '../seals/index.ts';

/** The engine of a sealed rule, which reveals its outcome only. `beforeOutcome` runs after the rule has queued everything and before the outcome is revealed. */
abstract class EngineOfSealedRule<Inner extends Engine = Engine> implements Engine {
  protected readonly engine: Inner;

  constructor(engine: Inner) {
    this.engine = engine;
  }

  get party(): Party {
    return this.engine.party;
  }

  prepare(...call: Parameters<Engine['prepare']>): Promise<void> {
    return this.engine.prepare(...call);
  }

  input(owner: Party, width: number, bits?: Bits): Wires {
    return this.engine.input(owner, width, bits);
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
    return this.engine.reveal(wires, to, await this.beforeOutcome(release), fixing);
  }

  close(): void {
    this.engine.close();
  }

  protected abstract beforeOutcome(release: Release): Promise<Release>;
}

/** Takes one input from each party: the number that the party sealed. Reveals nothing before both seals are linked to these inputs. */
export class SealedNumberEngine extends EngineOfSealedRule {
  private readonly seals: SealLink<Wires>;
  private readonly width: number;
  private readonly entered: Partial<Record<Party, Wires>> = {};

  constructor(engine: Engine, seals: SealLink<Wires>, width: number) {
    super(engine);
    this.seals = seals;
    this.width = width;
  }

  override input(owner: Party, width: number, bits?: Bits): Wires {
    if (this.entered[owner] !== undefined || width !== this.width) {
      throw new Error('a sealed rule enters one number of each party, as wide as its seal');
    }
    const wires = super.input(owner, width, bits);
    this.entered[owner] = wires;
    return wires;
  }

  protected override async beforeOutcome(release: Release): Promise<Release> {
    const { a, b } = this.entered;
    if (a === undefined || b === undefined) throw new Error('a sealed rule enters a number of each party');
    await this.seals.run({ a, b });
    return release;
  }
}

/** The most bits that a fingerprinted input may have. The bound on a fingerprint's error is stated for this length. */
export const MOST_BITS = 2 ** 19;

/** The fingerprints that a `CommittedEngine` has produced so far: the keys, and each party's fingerprint once it is known. */
export class FingerprintRecord {
  private readonly place: Place;
  private readonly values: Record<string, Uint8Array> = {};
  private keys: readonly Uint8Array[] = [];

  constructor(place: Place) {
    this.place = place;
  }

  add(party: Party, keys: readonly Uint8Array[], value: Uint8Array): void {
    const { role, peerRole } = this.place;
    this.keys = keys;
    this.values[party === this.place.party ? role : peerRole] = value;
  }

  /** As documents hold them. */
  known(): Fingerprints {
    return { keys: this.keys, values: { ...this.values } };
  }
}

/**
 * Takes inputs of given widths, a's and b's by turns, and fingerprints them. `own` are the inputs that an opening of this party's seal will show; the
 * party enters no others. Each party's fingerprint is sent and checked before that party's part of the release, and is written to `record`.
 */
export class CommittedEngine extends EngineOfSealedRule<FingerprintingEngine> {
  private readonly widths: readonly number[];
  private readonly own: Iterator<Bits>;
  private readonly record: FingerprintRecord;
  private pairs = 0;
  private first: Wires | undefined;

  constructor(
    engine: FingerprintingEngine,
    mask: Uint8Array,
    widths: readonly number[],
    own: Iterable<Bits>,
    record: FingerprintRecord,
  ) {
    super(engine);
    if (widths.some((width) => width > MOST_BITS)) {
      throw new Error(`a rule with commitments enters at most ${MOST_BITS} bits at a time`);
    }
    this.widths = widths;
    this.own = own[Symbol.iterator]();
    this.record = record;
    engine.maskFingerprints(mask);
  }

  override input(owner: Party, width: number, bits?: Bits): Wires {
    const due = this.first === undefined ? 'a' : 'b';
    if (owner !== due || width !== this.widths[this.pairs]) {
      throw new Error('a rule with commitments enters what it has announced, a’s and b’s by turns');
    }
    if (owner === this.party) this.requireOwn(bits);
    const wires = super.input(owner, width, bits);
    if (this.first === undefined) {
      this.first = wires;
    } else {
      this.engine.fingerprint(this.first, wires);
      this.first = undefined;
      this.pairs += 1;
    }
    return wires;
  }

  /** Without this check, a rule's mistake would show only later, when an agreement cannot be opened. */
  private requireOwn(bits: Bits | undefined): void {
    const next = this.own.next();
    const due = next.done === true ? undefined : next.value;
    if (bits === undefined || due === undefined || !equalBytes(bits, due)) {
      throw new Error('a rule with commitments enters what its seal and commitment stand for');
    }
    due.fill(0);
  }

  protected override async beforeOutcome(release: Release): Promise<Release> {
    if (this.pairs !== this.widths.length)
      throw new Error('a rule with commitments enters all of its inputs');
    const { engine, record } = this;
    const peer: Party = this.party === 'a' ? 'b' : 'a';
    return {
      send: async () => {
        record.add(this.party, engine.fingerprintKeys, await engine.sendFingerprint());
        await release.send();
      },
      receive: async () => {
        record.add(peer, engine.fingerprintKeys, await engine.receiveFingerprint());
        await release.receive();
      },
    };
  }
}
