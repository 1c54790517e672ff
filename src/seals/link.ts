import { type Bits, bitsToBigint } from '../circuit/bits.ts';
import type { Circuit } from '../circuit/circuit.ts';
import type { Party } from '../circuit/party.ts';
import { concatBytes } from '../crypto/bytes.ts';
import { turn } from '../crypto/turns.ts';
import { type Ciphertext, Randomness } from '../paillier/ciphertext.ts';
import { type Challenge, type OpenedChallenge, openedChallenge } from './challenge.ts';
import { linkAnds, linkCircuit, linkOffset } from './circuit.ts';
import { decodePeer } from './decode.ts';
import { type EnteredSeal, receiveMask } from './entered-seal.ts';
import type { KeyExchange } from './exchange.ts';
import { sealAnswer, sealChallenge, sealMask } from './messages.ts';
import { maskWidth } from './parameters.ts';
import { type Halves, type Shown, ShownRelease } from './shown.ts';
import { verifyAnswer } from './verify.ts';

/** What the link needs from an engine. */
export interface LinkEngine<Wires> {
  readonly party: Party;
  input(owner: Party, width: number, bits?: Bits): Wires;
  /** Says that each party will prove one statement of at most so many gates. */
  expectProof(ands: number): void;
  /** Proves to the peer what a circuit gives for inputs of this party, which are `bits`. */
  sendProof(circuit: Circuit, inputs: readonly Wires[], bits: Bits): Promise<void>;
  /** What a circuit gives for inputs of the peer, proved by it. */
  receiveProof(circuit: Circuit, inputs: readonly Wires[]): Promise<Bits>;
}

/** What the parties enter into the computation, and this party's own bits of it. */
export interface EnteredValues<Wires> {
  readonly wires: Readonly<Record<Party, Wires>>;
  readonly own: Bits;
}

/** What the peer has opened in step 5, once both parties' inputs are fixed. */
interface Opened {
  /** The peer's C_m. */
  readonly mask: Ciphertext;
  /** The peer's e. */
  readonly challenge: OpenedChallenge;
}

const linked = new WeakSet<KeyExchange>();

/**
 * Steps 4 to 8: shows in a computation that each party has entered what it has sealed. Made once keys are being exchanged and before a rule enters anything, so
 * that the masks are the first inputs. Adds no flight to the reveal of the outcome.
 */
export class SealLink<Wires> {
  private readonly keys: KeyExchange;
  private readonly engine: LinkEngine<Wires>;
  private readonly masks: Readonly<Record<Party, Wires>>;
  private opening: Opening | undefined;

  /** Step 4: enters both masks. Each exchange is linked once; this throws the second time. */
  constructor(keys: KeyExchange, engine: LinkEngine<Wires>) {
    if (linked.has(keys)) throw new Error('a mask answers one challenge only');
    linked.add(keys);
    this.keys = keys;
    this.engine = engine;
    const { width } = keys.options.form;
    engine.expectProof(linkAnds(width));
    const own = keys.mask.bits();
    const enter = (owner: Party): Wires =>
      engine.input(owner, maskWidth(width), owner === keys.options.party ? own : undefined);
    this.masks = { a: enter('a'), b: enter('b') };
    own.fill(0);
  }

  /**
   * What goes with the reveal of an outcome: step 5 once its first batch's inputs are fixed, which `values` and the masks are among, and steps 6 to 8 ahead of each
   * half of `release`. The peer's seal, its key included, is verified before `release.receive` is called. Any throw poisons the session. `released` is what becomes of
   * the release behind all that is shown.
   */
  around(
    seal: EnteredSeal,
    values: EnteredValues<Wires>,
    release: Halves,
    released?: (release: Halves) => Halves,
  ): { readonly fixing: Halves; readonly release: Halves } {
    const opening = this.keys.options.first ? new FirstOpening(seal) : new SecondOpening(seal);
    this.opening = opening;
    const shown: Shown = {
      prove: () => this.prove(seal, values, opening.opened()),
      receiveAnswer: () => this.receiveAnswer(seal, values.wires, opening.opened()),
    };
    return { fixing: opening, release: ShownRelease.ahead(shown, release, released) };
  }

  /** This party's own challenge. */
  get own(): Challenge {
    return this.keys.challenge;
  }

  /** The peer's challenge, once it is open: from the moment at which inputs are fixed. */
  opened(): OpenedChallenge {
    if (this.opening === undefined) throw new Error('challenges open when inputs are fixed');
    return this.opening.opened().challenge;
  }

  /** Steps 6 and 7, prover. */
  private async prove(
    { sealed }: EnteredSeal,
    { wires, own }: EnteredValues<Wires>,
    { challenge: { challenge } }: Opened,
  ): Promise<void> {
    const { link, mask, options } = this.keys;
    const { party } = options;
    const circuit = linkCircuit(sealed.seal.width, challenge);
    const ownMask = mask.bits();
    const bits = concatBytes(own, ownMask);
    try {
      await this.engine.sendProof(circuit, [wires[party], this.masks[party]], bits);
    } finally {
      for (const secret of [own, ownMask, bits]) secret.fill(0);
    }
    const randomness = mask.answer(sealed, challenge).toBytes();
    await link.send(sealAnswer, sealed.seal.key.bits, { randomness });
  }

  /** Steps 6 and 7, verifier; gives step 8. */
  private async receiveAnswer(
    entered: EnteredSeal,
    wires: Readonly<Record<Party, Wires>>,
    { mask }: Opened,
  ): Promise<() => Promise<void>> {
    const { link, options } = this.keys;
    const prover: Party = options.party === 'a' ? 'b' : 'a';
    const { value: challenge } = this.keys.challenge;
    const seal = await entered.peer();
    const circuit = linkCircuit(seal.width, challenge);
    const proved = await this.engine.receiveProof(circuit, [wires[prover], this.masks[prover]]);
    const answer = bitsToBigint(proved) - linkOffset(seal.width, challenge);
    const fields = await link.receive(sealAnswer, seal.key.bits);
    const randomness = decodePeer('seal answer', () => Randomness.fromBytes(seal.key, fields.randomness));
    return async () => {
      await this.keys.keyVerified();
      await turn();
      verifyAnswer({ seal, mask, challenge, answer, randomness });
    };
  }
}

/** Step 5 at one party. */
abstract class Opening implements Halves {
  protected readonly seal: EnteredSeal;
  protected readonly keys: KeyExchange;
  protected known: Opened | undefined;

  constructor(seal: EnteredSeal) {
    this.seal = seal;
    this.keys = seal.keys;
  }

  abstract send(): Promise<void>;
  abstract receive(): Promise<void>;

  opened(): Opened {
    if (this.known === undefined) throw new Error('a link is made of what both parties have opened');
    return this.known;
  }

  protected async sendChallenge(): Promise<void> {
    await this.keys.link.send(sealChallenge, undefined, { ...this.keys.challenge.opening });
  }

  protected async receiveChallenge(): Promise<OpenedChallenge> {
    const { session, party } = this.keys.options;
    const { challenge } = await this.keys.exchanged();
    const opened = await this.keys.link.receive(sealChallenge, undefined);
    return openedChallenge(session, party === 'a' ? 'b' : 'a', challenge, opened);
  }
}

/** First's seal and mask go out with its challenge, once second's seal, mask and inputs are fixed. */
class FirstOpening extends Opening {
  async send(): Promise<void> {
    const { link, mask, options } = this.keys;
    await this.seal.peer();
    await options.beside?.receive();
    const { bits } = options.key.key.publicKey;
    await this.seal.send();
    await link.send(sealMask, bits, { mask: mask.ciphertext.toBytes() });
    await options.beside?.send();
    await this.sendChallenge();
  }

  async receive(): Promise<void> {
    const { mask } = await this.keys.exchanged();
    if (mask === undefined) throw new Error('second sends its mask with its key');
    this.known = { mask, challenge: await this.receiveChallenge() };
  }
}

/** Second opens its challenge only when it has all of first's part. */
class SecondOpening extends Opening {
  private receiving: Promise<void> | undefined;

  async withInputs(): Promise<void> {
    await this.keys.options.beside?.send();
  }

  async send(): Promise<void> {
    await this.receive();
    await this.sendChallenge();
  }

  receive(): Promise<void> {
    this.receiving ??= (async () => {
      const { key } = await this.seal.peer();
      const mask = await receiveMask(this.keys.link, key);
      await this.keys.options.beside?.receive();
      this.known = { mask, challenge: await this.receiveChallenge() };
    })();
    return this.receiving;
  }
}
