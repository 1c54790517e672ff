import { platform } from '#platform';
import { concatBytes, equalBytes, xorBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import { giveBack } from '../../crypto/give-back.ts';
import { blockAt, byteAt, NOWHERE, type Pointer } from '../../crypto/kernel.ts';
import { tags } from '../../crypto/tags.ts';
import { ChosenKeyHash } from '../chosen-hash.ts';
import { Buckets, type Triples } from './buckets.ts';
import type { Context } from './context.ts';
import { type Role, type Shares, sharesAt } from './correlated-bits.ts';
import {
  coinCommitment,
  equalityAnswer,
  equalityCommitment,
  equalityOpening,
  leakyBits,
  leakyCiphertexts,
  packed,
} from './messages.ts';
import { requirePadding } from './opening.ts';
import { bucketSize, LEAKY_CHUNK, LEAKY_PER_KEY, LEAKY_STEP } from './parameters.ts';
import { shuffled } from './shuffle.ts';

/** Memory for LEAKY_STEP leaky ANDs. */
interface LeakyScratch {
  readonly inner: Pointer;
  readonly outer: Pointer;
  readonly ciphertexts: Pointer;
}

/** Domains of the hash of leaky ANDs, by whose keys go in. */
const DOMAIN = { garbler: 1, evaluator: 2 } as const;

/**
 * Steps 3 to 5 at one party: makes `count` authenticated AND triples out of 3 · B · count random authenticated bits. The
 * methods are the moves of the protocol in order, with the same names on both sides; a name says what is sent or received.
 */
export class TripleProtocol {
  /** Leaky ANDs, B for each triple. */
  readonly leaky: number;
  private readonly context: Context;
  private readonly buckets: Buckets;
  private readonly coins: Uint8Array;
  private peerCoinCommitment: Uint8Array = new Uint8Array();
  private peerDigestCommitment: Uint8Array = new Uint8Array();
  private nonce: Uint8Array = new Uint8Array();
  private peerCoins: Uint8Array = new Uint8Array();
  /** The random bits: x, y and r of one leaky AND after another. */
  private bits: Shares = { keys: NOWHERE, macs: NOWHERE };
  /** S of each leaky AND (first without the peer's ciphertext), then L. */
  private shares: Pointer = NOWHERE;
  /** In use until this party's G are there. */
  private scratch: LeakyScratch | undefined;
  /** x of this party, packed. */
  private choices: Pointer = NOWHERE;
  /** Bit 1 of each S, then d, packed. */
  private packedBits: Pointer = NOWHERE;
  /** Room for a chunk of the peer's G. */
  private peerCiphertexts: Pointer = NOWHERE;
  /** How many leaky ANDs have this party's G, and how many have S. */
  private encrypted = 0;
  private completed = 0;
  /** The peer's G of chunks for which this party does not have its own G yet, by the number of their first leaky AND. */
  private readonly early = new Map<number, Uint8Array>();
  /** A hash of all L. */
  private checks: Uint8Array | undefined;
  /** Bit 1 of each S. */
  private ownBits: Uint8Array = new Uint8Array();

  constructor(context: Context, count: number) {
    const size = bucketSize(count);
    this.context = context;
    this.leaky = count * size;
    this.buckets = new Buckets(context, count, size);
    this.coins = context.random(32);
  }

  async sendCoinCommitment(): Promise<void> {
    const commitment = this.commitCoins(this.context.role, this.coins);
    await this.context.link.send(coinCommitment, undefined, { commitment });
  }

  async receiveCoinCommitment(): Promise<void> {
    this.peerCoinCommitment = (await this.context.link.receive(coinCommitment, undefined)).commitment.slice();
  }

  /** Takes over 3 · `leaky` random bits: x, y and r of the first leaky AND, of the second, and so on. */
  start(bits: Shares): void {
    const { kernel } = this.context;
    this.bits = bits;
    this.shares = kernel.allocate(16 * this.leaky);
    this.choices = kernel.allocate(packed(this.leaky));
    this.packedBits = kernel.allocate(packed(this.leaky));
    this.peerCiphertexts = kernel.allocate(16 * Math.min(LEAKY_CHUNK, this.leaky));
    const step = Math.min(LEAKY_STEP, this.leaky);
    this.scratch = {
      inner: kernel.allocate(48 * step),
      outer: kernel.allocate(48 * step),
      ciphertexts: kernel.allocate(16 * step),
    };
  }

  /** Step 3: computes this party's G of every leaky AND and sends them, chunk by chunk. */
  async sendCiphertexts(): Promise<void> {
    const { context } = this;
    const { kernel, link } = context;
    const scratch = this.scratch!;
    const hasher = new ChosenKeyHash(kernel, 'leaky and', context.binding);
    const ciphertexts = new Uint8Array(16 * Math.min(LEAKY_CHUNK, this.leaky));
    for (let start = 0; start < this.leaky; start += LEAKY_CHUNK) {
      kernel.requireAlive();
      const end = Math.min(start + LEAKY_CHUNK, this.leaky);
      for (let at = start; at < end; at += LEAKY_STEP) {
        const count = Math.min(LEAKY_STEP, end - at);
        this.encrypt(hasher, scratch, at, count);
        ciphertexts.set(kernel.view(scratch.ciphertexts, 16 * count), 16 * (at - start));
      }
      this.encrypted = end;
      const early = this.early.get(start);
      if (early !== undefined) this.complete(start, end, early);
      this.early.delete(start);
      await link.send(leakyCiphertexts, end - start, {
        ciphertexts: ciphertexts.subarray(0, 16 * (end - start)),
      });
    }
    for (const pointer of Object.values(scratch)) kernel.free(pointer);
    this.scratch = undefined;
  }

  /** Step 3: receives the peer's G. */
  async receiveCiphertexts(): Promise<void> {
    for (let start = 0; start < this.leaky; start += LEAKY_CHUNK) {
      const end = Math.min(start + LEAKY_CHUNK, this.leaky);
      const { ciphertexts } = await this.context.link.receive(leakyCiphertexts, end - start);
      if (end <= this.encrypted) this.complete(start, end, ciphertexts);
      else this.early.set(start, ciphertexts);
    }
  }

  /** Step 3: sends bit 1 of each S. */
  async sendBits(): Promise<void> {
    await this.context.link.send(leakyBits, this.leaky, { bits: this.ownBits });
    if (this.leaky > LEAKY_CHUNK) await platform.nextTurn(); // the peer has them while this party goes on
  }

  /** Step 3: d from both parties' bits; L takes the place of S. */
  async receiveBits(): Promise<void> {
    const { context, leaky } = this;
    const { kernel, link } = context;
    const { bits } = await link.receive(leakyBits, leaky);
    requirePadding(bits, leaky);
    kernel.write(this.packedBits, xorBytes(bits, this.ownBits));
    kernel.call.addPublicBits(this.shares, this.packedBits, leaky, context.delta, 16);
  }

  /** Step 4, evaluator: commits to its digest of all L. */
  async sendDigestCommitment(): Promise<void> {
    const { context } = this;
    this.nonce = context.random(32);
    const commitment = this.commitDigest(this.equalityDigest('evaluator'), this.nonce);
    await context.link.send(equalityCommitment, undefined, { commitment });
  }

  /** Step 4, garbler. */
  async receiveDigestCommitment(): Promise<void> {
    const { commitment } = await this.context.link.receive(equalityCommitment, undefined);
    this.peerDigestCommitment = commitment.slice();
  }

  /** Step 4, garbler: computes its digest while the evaluator computes its own. */
  prepareDigest(): void {
    this.hashChecks();
  }

  /** Step 4, garbler: sends its own digest, and opens its coins: everything before it is fixed by now. */
  async sendDigest(): Promise<void> {
    const digest = this.equalityDigest('garbler');
    await this.context.link.send(equalityAnswer, undefined, { digest, coins: this.coins });
  }

  /** Step 4, evaluator: aborts unless the digests agree, and only then opens its own, with its coins. */
  async receiveDigest(): Promise<void> {
    const { link } = this.context;
    const { digest, coins } = await link.receive(equalityAnswer, undefined);
    check('equality of leaky ands', equalBytes(digest, this.equalityDigest('garbler')));
    this.acceptCoins(coins);
  }

  /** Step 4, evaluator. */
  async sendOpening(): Promise<void> {
    const digest = this.equalityDigest('evaluator');
    await this.context.link.send(equalityOpening, undefined, {
      digest,
      nonce: this.nonce,
      coins: this.coins,
    });
  }

  /** Step 4, garbler. */
  async receiveOpening(): Promise<void> {
    const { digest, nonce, coins } = await this.context.link.receive(equalityOpening, undefined);
    const commitment = this.commitDigest(digest, nonce);
    check('opening of the equality digest', equalBytes(commitment, this.peerDigestCommitment));
    check('equality of leaky ands', equalBytes(digest, this.equalityDigest('evaluator')));
    this.acceptCoins(coins);
  }

  /** Step 5: the triples of every bucket, whose z is final only after `correct`. The caller owns the arrays. */
  combine(): Triples {
    const { bits, packedBits } = this;
    const { kernel } = this.context;
    const order = this.drawOrder();
    const triples = this.buckets.fill({ bits, sums: packedBits, order });
    kernel.free(order);
    kernel.free(packedBits);
    return triples;
  }

  /** A hash of both parties' coins, which neither could know before all random bits were fixed. 32 bytes. */
  get randomness(): Uint8Array {
    return this.context.digest(tags.authenticatedCoins, 'garbler', 'binding', this.bothCoins());
  }

  /** Step 5: opens this party's shares of every d = y₁ ⊕ y_j, with MACs. */
  sendDifferences(): Promise<void> {
    return this.buckets.send();
  }

  /** Step 5: verifies the peer's shares of d. */
  receiveDifferences(): Promise<Uint8Array> {
    return this.buckets.receive();
  }

  /** Step 5: completes z, at the place where it is now, once both parties' shares of d are known. */
  correct(peerDifferences: Uint8Array, z: Shares): void {
    this.buckets.correct(peerDifferences, z);
    this.coins.fill(0);
  }

  /** Step 3: x and G of some leaky ANDs, and S but for the peer's G. */
  private encrypt(hasher: ChosenKeyHash, scratch: LeakyScratch, start: number, count: number): void {
    const { context } = this;
    const { kernel, role, peer, delta } = context;
    const { inner, outer, ciphertexts } = scratch;
    const { keys, macs } = sharesAt(this.bits, 3 * start);
    kernel.call.leakyChoices(byteAt(this.choices, start >> 3), macs, count);
    kernel.call.leakyHashBlocks(outer, keys, macs, count, delta);
    const domains = [DOMAIN[role], DOMAIN[role], DOMAIN[peer]] as const;
    hasher.hashRows(inner, outer, count, { first: start, domains }, Math.floor(start / LEAKY_PER_KEY));
    kernel.call.leakyCiphertexts(
      ciphertexts,
      blockAt(this.shares, start),
      inner,
      outer,
      keys,
      macs,
      count,
      delta,
    );
  }

  /** Step 3: completes S of some leaky ANDs, and takes its bit 1. */
  private complete(start: number, end: number, ciphertexts: Uint8Array): void {
    const { kernel } = this.context;
    const shares = blockAt(this.shares, start);
    const count = end - start;
    kernel.write(this.peerCiphertexts, ciphertexts);
    giveBack(ciphertexts);
    kernel.call.leakyShares(shares, byteAt(this.choices, start >> 3), this.peerCiphertexts, count);
    kernel.call.packBits(byteAt(this.packedBits, start >> 3), shares, count, 1);
    this.completed += count;
    if (this.completed < this.leaky) return;
    this.ownBits = kernel.read(this.packedBits, packed(this.leaky));
    kernel.free(this.choices);
    kernel.free(this.peerCiphertexts);
  }

  /** The hash of all L that `role` shows, bound to that role. */
  private equalityDigest(role: Role): Uint8Array {
    const { context } = this;
    return context.digest(tags.authenticatedEquality, role, 'digest', this.hashChecks());
  }

  private hashChecks(): Uint8Array {
    const { context } = this;
    this.checks ??= context.digest(
      tags.authenticatedEquality,
      'garbler',
      'checks',
      context.blocks(this.shares, this.leaky),
    );
    return this.checks;
  }

  private commitDigest(digest: Uint8Array, nonce: Uint8Array): Uint8Array {
    return this.context.digest(tags.authenticatedEquality, 'evaluator', 'commitment', digest, nonce);
  }

  private commitCoins(role: Role, coins: Uint8Array): Uint8Array {
    return this.context.digest(tags.authenticatedCoins, role, 'commitment', coins);
  }

  private acceptCoins(coins: Uint8Array): void {
    const { context } = this;
    const commitment = this.commitCoins(context.peer, coins);
    check('opening of the coins', equalBytes(commitment, this.peerCoinCommitment));
    this.peerCoins = coins.slice();
  }

  /** The garbler's coins, then the evaluator's: both are open. */
  private bothCoins(): Uint8Array {
    const ordered =
      this.context.role === 'garbler' ? [this.coins, this.peerCoins] : [this.peerCoins, this.coins];
    return concatBytes(...ordered);
  }

  /** The coins of both parties pick the order of the leaky ANDs. */
  private drawOrder(): Pointer {
    const { context } = this;
    const { kernel } = context;
    kernel.free(this.shares);
    const seed = context.digest(tags.authenticatedCoins, 'garbler', 'order', this.bothCoins());
    return shuffled(kernel, this.leaky, seed.subarray(0, 16));
  }
}
