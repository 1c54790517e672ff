import { equalBytes } from '../crypto/bytes.ts';
import type { Fingerprints } from '../documents/fingerprints.ts';
import type { Place } from '../documents/place.ts';
import type { Bits, Engine, FingerprintingEngine, Party, Release, Wires } from '../engine/engine.ts';
import type { EnteredSeal, EnteredValues, SealLink } from '../seals/index.ts';
import { WrappedEngine } from './wrapped-engine.ts';

/** This party's seal, and what shows in the computation that each party has entered what it has sealed. */
export interface LinkedSeal {
  readonly seal: EnteredSeal;
  readonly link: SealLink<Wires>;
}

/** The engine of a sealed rule, which reveals its outcome only. Each party's seal is verified before the outcome is released to that party. */
abstract class EngineOfSealedRule<Inner extends Engine = Engine> extends WrappedEngine<Inner> {
  private readonly linked: LinkedSeal;

  constructor(engine: Inner, linked: LinkedSeal) {
    super(engine);
    this.linked = linked;
  }

  protected async revealOutcome(
    wires: Wires,
    to: Party | 'both',
    release: Release,
  ): Promise<Bits | undefined> {
    const { seal, link } = this.linked;
    const values = this.values();
    try {
      const around = link.around(seal, values, release, (last) => this.released(last));
      return await this.engine.reveal(wires, to, around.release, around.fixing);
    } finally {
      values.own.fill(0);
    }
  }

  /** The inputs that the parties have sealed. Throws if the rule has not entered all that it must. */
  protected abstract values(): EnteredValues<Wires>;

  /** What happens once the peer's seal is verified. */
  protected released(release: Release): Release {
    return release;
  }
}

/** Takes one input from each party: the number that the party sealed. */
export class SealedNumberEngine extends EngineOfSealedRule {
  private readonly width: number;
  private readonly entered: Partial<Record<Party, Wires>> = {};
  private readonly own: Bits;

  constructor(engine: Engine, linked: LinkedSeal, width: number) {
    super(engine, linked);
    this.width = width;
    this.own = new Uint8Array(width);
  }

  override input(owner: Party, width: number, bits?: Bits): Wires {
    if (this.entered[owner] !== undefined || width !== this.width) {
      throw new Error('a sealed rule enters one number of each party, as wide as its seal');
    }
    const wires = super.input(owner, width, bits);
    this.entered[owner] = wires;
    if (bits !== undefined) this.own.set(bits);
    return wires;
  }

  protected override values(): EnteredValues<Wires> {
    const { a, b } = this.entered;
    if (a === undefined || b === undefined) throw new Error('a sealed rule enters a number of each party');
    return { wires: { a, b }, own: this.own };
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

/** Where entries have more than the sealed number: what is committed to, in the form of inputs. */
export interface CommittedEntry {
  /** The sealed numbers, which have been entered already. */
  readonly numbers: EnteredValues<Wires>;
  /** What masks this party's fingerprint, 16 bytes. */
  readonly mask: Uint8Array;
  readonly widths: readonly number[];
  readonly own: Iterable<Bits>;
}

/**
 * Takes inputs of given widths, a's and b's by turns, and fingerprints them. `own` are the inputs that an opening of this party's seal will show; the
 * party enters no others. Each party's fingerprint is sent and checked before that party's part of the release, and is written to `record`.
 */
export class CommittedEngine extends EngineOfSealedRule<FingerprintingEngine> {
  private readonly widths: readonly number[];
  private readonly own: Iterator<Bits>;
  private readonly record: FingerprintRecord;
  private readonly numbers: EnteredValues<Wires>;
  private pairs = 0;
  private first: Wires | undefined;

  constructor(
    engine: FingerprintingEngine,
    linked: LinkedSeal,
    { numbers, mask, widths, own }: CommittedEntry,
    record: FingerprintRecord,
  ) {
    super(engine, linked);
    if (widths.some((width) => width > MOST_BITS)) {
      throw new Error(`a rule with commitments enters at most ${MOST_BITS} bits at a time`);
    }
    this.numbers = numbers;
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

  protected override values(): EnteredValues<Wires> {
    if (this.pairs !== this.widths.length)
      throw new Error('a rule with commitments enters all of its inputs');
    return this.numbers;
  }

  protected override released(release: Release): Release {
    const { engine, record } = this;
    const peer: Party = this.party === 'a' ? 'b' : 'a';
    let stating: Promise<void> | undefined;
    const state = () => {
      stating ??= engine.sendFingerprint().then((own) => record.add(this.party, engine.fingerprintKeys, own));
      return stating;
    };
    return {
      send: async () => {
        await state();
        await release.send();
      },
      receive: async () => {
        record.add(peer, engine.fingerprintKeys, await engine.receiveFingerprint());
        await state(); // what follows in the release may send more, which comes after it
        await release.receive();
      },
    };
  }
}
