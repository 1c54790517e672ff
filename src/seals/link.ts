import { platform } from '#platform';
import { bitsToBigint } from '../circuit/bits.ts';
import type { Circuit } from '../circuit/circuit.ts';
import type { Party } from '../circuit/party.ts';
import { turn } from '../crypto/turns.ts';
import { type Ciphertext, Randomness } from '../paillier/ciphertext.ts';
import { openedChallenge } from './challenge.ts';
import { linkAnds, linkCircuit, linkOffset, linkOutputs } from './circuit.ts';
import { decodePeer } from './decode.ts';
import { receiveMask, type StartedExchange } from './exchange.ts';
import { sealAnswer, sealChallenge, sealMask } from './messages.ts';
import { answerWidth, maskWidth } from './parameters.ts';
import { verifyAnswer } from './verify.ts';

/** What is sent and received right after both parties' inputs are fixed. */
export interface LinkFixing {
  send(): Promise<void>;
  receive(): Promise<void>;
}

/** A circuit that is known once the challenges are open; the number of its AND gates is known before. */
export interface LinkCircuit {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly ands: number;
  resolve(): Circuit;
}

/** What the link needs from an engine. */
export interface LinkEngine<Wires> {
  readonly party: Party;
  input(owner: Party, width: number, bits?: Uint8Array): Wires;
  apply(circuit: LinkCircuit, inputs: readonly Wires[]): Wires;
  slice(wires: Wires, start: number, end: number): Wires;
  release(...wires: readonly Wires[]): void;
  /** Exchanges masked inputs, then both parts of `fixing`, then resolves and runs circuits, then all checks; opens to one party. */
  reveal(
    wires: Wires,
    to: Party,
    release: undefined,
    fixing: LinkFixing | undefined,
  ): Promise<Uint8Array | undefined>;
}

const linked = new WeakSet<StartedExchange>();

/** What the peer has opened in step 5, once both parties' inputs are fixed. */
interface Opened {
  /** The peer's C_m. */
  readonly mask: Ciphertext;
  /** The peer's e. */
  readonly challenge: bigint;
}

/** What a link circuit gives: all of it, and the part that is opened. */
interface Proof<Wires> {
  readonly outputs: Wires;
  readonly answer: Wires;
}

/**
 * Steps 4 to 8. Made after the exchange has started and before a rule enters anything, so that the masks are among the first
 * inputs; run after the rule has queued its circuits, and before its outcome is revealed. With the exchange, adds two
 * flights to that reveal, four if the engine was prepared.
 */
export class SealLink<Wires> {
  private readonly exchange: StartedExchange;
  private readonly engine: LinkEngine<Wires>;
  private readonly masks: Readonly<Record<Party, Wires>>;
  private opened: Opened | undefined;
  private opening: Promise<void> | undefined;

  /** Step 4: enters both masks. Each exchange is linked once; this throws the second time. */
  constructor(exchange: StartedExchange, engine: LinkEngine<Wires>) {
    if (linked.has(exchange)) throw new Error('a mask answers one challenge only');
    linked.add(exchange);
    this.exchange = exchange;
    this.engine = engine;
    const bits = exchange.own.mask.bits();
    const enter = (owner: Party): Wires =>
      engine.input(owner, maskWidth(this.widthOf(owner)), owner === this.party ? bits : undefined);
    this.masks = { a: enter('a'), b: enter('b') };
    bits.fill(0);
  }

  /**
   * Shows that `values[party]` are what each party sealed: the very wires that the rule computes with. When it returns,
   * the peer's seal is verified; until then the caller releases no share of the outcome. Any throw poisons the session.
   */
  async run(values: Readonly<Record<Party, Wires>>): Promise<void> {
    const { options, mask } = this.exchange.own;
    try {
      const { first } = options;
      const order = first ? [this.party, this.peer] : [this.peer, this.party];
      const [one, two] = order.map((prover) => this.prove(prover, values[prover])) as [
        Proof<Wires>,
        Proof<Wires>,
      ];
      const fixing: LinkFixing = first
        ? { send: () => this.openFirst(), receive: () => this.receiveSecond() }
        : { send: () => this.openSecond(), receive: () => this.receiveFirst() };
      const toSecond = await this.engine.reveal(one.answer, order[1]!, undefined, fixing);
      const open = () => this.engine.reveal(two.answer, order[0]!, undefined, undefined);
      const verify = await (first ? this.answerFirst(open) : this.answerSecond(toSecond, open));
      await verify();
      this.engine.release(one.outputs, two.outputs, this.masks.a, this.masks.b);
    } finally {
      mask.discard();
    }
  }

  /** Step 7 at first: it answers, and gets second's answer once `open` has opened second's t to it. */
  private async answerFirst(open: () => Promise<Uint8Array | undefined>): Promise<() => Promise<void>> {
    await this.sendAnswer();
    return this.receiveAnswer(await open());
  }

  /** Step 7 at second, which answers before it verifies: t and ρ show nothing, and first verifies them meanwhile. */
  private async answerSecond(
    answer: Uint8Array | undefined,
    open: () => Promise<unknown>,
  ): Promise<() => Promise<void>> {
    const verify = await this.receiveAnswer(answer);
    await open();
    await this.sendAnswer();
    await platform.nextTurn();
    return verify;
  }

  private get party(): Party {
    return this.exchange.own.options.party;
  }

  private get peer(): Party {
    return this.party === 'a' ? 'b' : 'a';
  }

  private widthOf(prover: Party): number {
    const { sealed, peerWidth } = this.exchange.own.options;
    return prover === this.party ? sealed.seal.width : peerWidth;
  }

  /** Step 6, queued: the circuit follows from the verifier's challenge. */
  private prove(prover: Party, value: Wires): Proof<Wires> {
    const width = this.widthOf(prover);
    const { challenge } = this.exchange.own;
    const circuit: LinkCircuit = {
      inputs: [width, maskWidth(width)],
      outputs: linkOutputs(width),
      ands: linkAnds(width),
      resolve: () => linkCircuit(width, prover === this.party ? this.known().challenge : challenge.value),
    };
    const outputs = this.engine.apply(circuit, [value, this.masks[prover]]);
    return { outputs, answer: this.engine.slice(outputs, 0, answerWidth(width)) };
  }

  private known(): Opened {
    if (this.opened === undefined) throw new Error('a link is made of what both parties have opened');
    return this.opened;
  }

  /** Step 5 at first, once second's seal, mask and inputs are fixed. */
  private async openFirst(): Promise<void> {
    await this.exchange.exchanged();
    const { options, mask } = this.exchange.own;
    const sent = this.exchange.link.send(sealMask, options.sealed.seal.key.bits, {
      mask: mask.ciphertext.toBytes(),
    });
    await Promise.all([sent, this.sendChallenge()]);
  }

  /** Step 5 at second: never before first's mask has arrived. */
  private async openSecond(): Promise<void> {
    await this.receiveFirst();
    await this.sendChallenge();
  }

  /** Step 5 at first: second's challenge; its mask came with its seal. */
  private async receiveSecond(): Promise<void> {
    const { mask } = await this.exchange.exchanged();
    if (mask === undefined) throw new Error('second sends its mask with its seal');
    this.opened = { mask, challenge: await this.receiveChallenge() };
  }

  /** Step 5 at second: first's mask and challenge, read once. */
  private receiveFirst(): Promise<void> {
    this.opening ??= (async () => {
      const { seal } = await this.exchange.exchanged();
      const mask = await receiveMask(this.exchange.link, seal.key);
      this.opened = { mask, challenge: await this.receiveChallenge() };
    })();
    return this.opening;
  }

  private async sendChallenge(): Promise<void> {
    await this.exchange.link.send(sealChallenge, undefined, { ...this.exchange.own.challenge.opening });
  }

  private async receiveChallenge(): Promise<bigint> {
    const { session } = this.exchange.own.options;
    const { commitment } = await this.exchange.exchanged();
    const opened = await this.exchange.link.receive(sealChallenge, undefined);
    return openedChallenge(session, this.peer, commitment, opened);
  }

  /** Step 7, prover. */
  private async sendAnswer(): Promise<void> {
    const { options, mask } = this.exchange.own;
    const randomness = mask.answer(options.sealed, this.known().challenge).toBytes();
    await this.exchange.link.send(sealAnswer, options.sealed.seal.key.bits, { randomness });
  }

  /** Step 7, verifier, of what was opened to it; gives step 8. */
  private async receiveAnswer(answer: Uint8Array | undefined): Promise<() => Promise<void>> {
    if (answer === undefined) throw new Error('an answer is opened to the one who verifies it');
    const { seal } = await this.exchange.exchanged();
    const fields = await this.exchange.link.receive(sealAnswer, seal.key.bits);
    const randomness = decodePeer('seal answer', () => Randomness.fromBytes(seal.key, fields.randomness));
    const { value: challenge } = this.exchange.own.challenge;
    const { mask } = this.known();
    const t = bitsToBigint(answer) - linkOffset(seal.width, challenge);
    const view = { seal, mask, challenge, answer: t, randomness };
    return async () => {
      await this.exchange.keyVerified();
      await turn();
      verifyAnswer(view);
    };
  }
}
