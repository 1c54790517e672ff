import { concatBytes, equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import type { Pointer } from '../../crypto/kernel.ts';
import { tags } from '../../crypto/tags.ts';
import { LabelHash } from '../label-hash.ts';
import type { Context } from './context.ts';
import type { Role, Shares } from './correlated-bits.ts';
import {
  coinCommitment,
  equalityAnswer,
  equalityCommitment,
  equalityOpening,
  leakyBits,
  leakyCiphertexts,
  openedDifferences,
  packed,
} from './messages.ts';
import { openShares, requirePadding, verifyShares, withPacked } from './opening.ts';
import { bucketSize, LEAKY_CHUNK, LEAKY_PER_KEY } from './parameters.ts';
import { shuffled } from './shuffle.ts';

/** Bytes of an entry of wasm/leaky-and.ts, and where its r is. */
const ENTRY = 96;
const ENTRY_R = 64;

/** Domains of the hash of leaky ANDs, by whose keys go in. */
const DOMAIN = { garbler: 1, evaluator: 2 } as const;

/** Authenticated triples z = x ∧ y, `count` of them, each array 16 bytes a triple. */
export interface Triples {
  readonly x: Shares;
  readonly y: Shares;
  readonly z: Shares;
  readonly count: number;
}

/**
 * Steps 3 to 5 at one party: makes `count` authenticated AND triples out of 3 · B · count random authenticated bits. The
 * methods are the protocol's moves in order, named alike on both sides; each sends or receives one message.
 */
export class TripleProtocol {
  /** Leaky ANDs, B for each triple. */
  readonly leaky: number;
  private readonly context: Context;
  private readonly count: number;
  private readonly size: number;
  private readonly coins: Uint8Array;
  private peerCoinCommitment: Uint8Array = new Uint8Array();
  private peerDigestCommitment: Uint8Array = new Uint8Array();
  private nonce: Uint8Array = new Uint8Array();
  private peerCoins: Uint8Array = new Uint8Array();
  /** Keys and MACs of x, y and r of every leaky AND, 96 bytes together; r becomes z. */
  private entries: Pointer = 0;
  /** S of each leaky AND (first without the peer's ciphertext), then L. */
  private shares: Pointer | undefined;
  private peerCiphertexts: Pointer | undefined;
  /** A hash of all L. */
  private checks: Uint8Array | undefined;
  /** Bit 1 of each S. */
  private ownBits: Uint8Array = new Uint8Array();
  private order: Pointer = 0;
  /** Keys and MACs of d, and those of x_j for j ≥ 1, all bucket after bucket. */
  private differences: Shares = { keys: 0, macs: 0 };
  private rest: Pointer = 0;
  private ownDifferences: Uint8Array = new Uint8Array();

  constructor(context: Context, count: number) {
    this.context = context;
    this.count = count;
    this.size = bucketSize(count);
    this.leaky = count * this.size;
    this.coins = context.random(32);
  }

  async sendCoinCommitment(): Promise<void> {
    const commitment = this.commitCoins(this.context.role, this.coins);
    await this.context.link.send(coinCommitment, undefined, { commitment });
  }

  async receiveCoinCommitment(): Promise<void> {
    this.peerCoinCommitment = (await this.context.link.receive(coinCommitment, undefined)).commitment.slice();
  }

  /** Takes copies of the random bits: 3 · `leaky` of them, for x, y and r. */
  start({ keys, macs }: Shares): void {
    const { kernel } = this.context;
    this.entries = kernel.allocate(ENTRY * this.leaky);
    kernel.call.leakyEntries(this.entries, keys, macs, this.leaky);
  }

  /** Step 3: computes this party's G of every leaky AND and sends them, chunk by chunk. */
  async sendCiphertexts(): Promise<void> {
    const { context } = this;
    const { kernel, link } = context;
    const peer = context.peer;
    const chunk = Math.min(LEAKY_CHUNK, this.leaky);
    const shares = kernel.allocate(16 * this.leaky);
    const inputs = kernel.allocate(48 * chunk);
    const outputs = kernel.allocate(48 * chunk);
    const ciphertexts = kernel.allocate(16 * chunk);
    const hasher = new LabelHash(kernel, 'leaky and', context.binding);
    for (let start = 0; start < this.leaky; start += chunk) {
      kernel.requireAlive();
      const count = Math.min(chunk, this.leaky - start);
      const entries = this.entries + ENTRY * start;
      kernel.call.leakyHashInputs(
        inputs,
        entries,
        count,
        context.delta,
        DOMAIN[context.role],
        DOMAIN[peer],
        start,
      );
      hasher.permute(outputs, inputs, 3 * count, Math.floor(start / LEAKY_PER_KEY));
      kernel.call.leakyCiphertexts(
        ciphertexts,
        shares + 16 * start,
        inputs,
        outputs,
        entries,
        count,
        context.delta,
      );
      await link.send(leakyCiphertexts, count, { ciphertexts: kernel.read(ciphertexts, 16 * count) });
    }
    kernel.free(inputs);
    kernel.free(outputs);
    kernel.free(ciphertexts);
    this.shares = shares;
    this.completeShares();
  }

  /** Step 3: receives the peer's G. */
  async receiveCiphertexts(): Promise<void> {
    const { kernel, link } = this.context;
    const peerCiphertexts = kernel.allocate(16 * this.leaky);
    const chunk = Math.min(LEAKY_CHUNK, this.leaky);
    for (let start = 0; start < this.leaky; start += chunk) {
      const count = Math.min(chunk, this.leaky - start);
      const { ciphertexts } = await link.receive(leakyCiphertexts, count);
      kernel.write(peerCiphertexts + 16 * start, ciphertexts);
    }
    this.peerCiphertexts = peerCiphertexts;
    this.completeShares();
  }

  /** Step 3: sends bit 1 of each S. */
  async sendBits(): Promise<void> {
    await this.context.link.send(leakyBits, this.leaky, { bits: this.ownBits });
  }

  /** Step 3: d from both parties' bits; z = r ⊕ d takes the place of r, and L that of S. */
  async receiveBits(): Promise<void> {
    const { context, leaky } = this;
    const { kernel, link } = context;
    const { bits } = await link.receive(leakyBits, leaky);
    requirePadding(bits, leaky);
    const difference = xorBytes(bits, this.ownBits);
    withPacked(kernel, difference, (pointer) => {
      kernel.call.addPublicBits(this.shares!, pointer, leaky, context.delta, 16);
    });
    const r = this.entries + ENTRY_R;
    addPublic(context, { keys: r, macs: r + 16 }, difference, leaky, ENTRY);
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

  /** Step 4, garbler: sends its own digest, and opens its coins: everything that came before is fixed by now. */
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
    this.fillBuckets();
  }

  /** Step 4, garbler. */
  async receiveOpening(): Promise<void> {
    const { digest, nonce, coins } = await this.context.link.receive(equalityOpening, undefined);
    const commitment = this.commitDigest(digest, nonce);
    check('opening of the equality digest', equalBytes(commitment, this.peerDigestCommitment));
    check('equality of leaky ands', equalBytes(digest, this.equalityDigest('evaluator')));
    this.acceptCoins(coins);
    this.fillBuckets();
  }

  /**
   * Step 5: the triples of every bucket, whose x and y are final now, and z after `correct`. The caller owns the arrays. Also what
   * the differences are opened and verified by.
   */
  combine(): Triples {
    const { context, count, size } = this;
    const { kernel } = context;
    const others = count * (size - 1);
    const pair = (length: number): Shares => ({
      keys: kernel.allocate(16 * length),
      macs: kernel.allocate(16 * length),
    });
    const triples = { x: pair(count), y: pair(count), z: pair(count), count };
    this.differences = pair(others);
    this.rest = kernel.allocate(32 * others);
    const { x, y, z } = triples;
    const sums = Uint32Array.of(x.keys, x.macs, y.keys, y.macs, z.keys, z.macs);
    withPacked(kernel, new Uint8Array(sums.buffer), (pointers) => {
      const { keys, macs } = this.differences;
      kernel.call.fillBuckets(pointers, this.rest, keys, macs, this.entries, this.order, count, size);
    });
    kernel.free(this.entries);
    kernel.free(this.order);
    return triples;
  }

  /** Step 5: opens this party's shares of every d = y₁ ⊕ y_j, with MACs. */
  async sendDifferences(): Promise<void> {
    const { context } = this;
    const count = this.count * (this.size - 1);
    const opened = openShares(context, 'differences', this.differences.macs, count);
    context.kernel.free(this.differences.macs);
    this.ownDifferences = opened.bits;
    await context.link.send(openedDifferences, count, opened);
  }

  /** Step 5: verifies the peer's shares of d. */
  async receiveDifferences(): Promise<Uint8Array> {
    const { context } = this;
    const count = this.count * (this.size - 1);
    const opened = await context.link.receive(openedDifferences, count);
    verifyShares(context, 'differences', this.differences.keys, count, opened);
    context.kernel.free(this.differences.keys);
    return opened.bits.slice();
  }

  /** Step 5: z ⊕= Σ d_j · x_j, wherever z is by now, once both parties' shares of d are known. */
  correct(peerDifferences: Uint8Array, { keys, macs }: Shares): void {
    const { kernel } = this.context;
    withPacked(kernel, xorBytes(peerDifferences, this.ownDifferences), (bits) => {
      kernel.call.correctBuckets(keys, macs, this.rest, bits, this.count, this.size);
    });
    kernel.free(this.rest);
    this.coins.fill(0);
  }

  /** Step 3: completes S, once both parties' G are there. */
  private completeShares(): void {
    if (this.shares === undefined || this.peerCiphertexts === undefined) return;
    const { kernel } = this.context;
    kernel.call.leakyShares(this.shares, this.entries, this.peerCiphertexts, this.leaky);
    kernel.free(this.peerCiphertexts);
    const pointer = kernel.allocate(packed(this.leaky));
    kernel.call.packBits(pointer, this.shares, this.leaky, 1);
    this.ownBits = kernel.read(pointer, packed(this.leaky));
    kernel.free(pointer);
  }

  /** What `role` shows of all L: one hash of them, bound to the role. */
  private equalityDigest(role: Role): Uint8Array {
    const { context } = this;
    this.checks ??= context.digest(
      tags.authenticatedEquality,
      'garbler',
      'checks',
      context.blocks(this.shares!, this.leaky),
    );
    return context.digest(tags.authenticatedEquality, role, 'digest', this.checks);
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

  /** The coins of both parties pick the order of the leaky ANDs. */
  private fillBuckets(): void {
    const { context } = this;
    const { kernel } = context;
    kernel.free(this.shares!);
    const ordered = context.role === 'garbler' ? [this.coins, this.peerCoins] : [this.peerCoins, this.coins];
    const seed = context.digest(tags.authenticatedCoins, 'garbler', 'order', concatBytes(...ordered));
    this.order = shuffled(kernel, this.leaky, seed.subarray(0, 16));
  }
}

/**
 * Adds public bits to shared ones, `stride` bytes from one to the next: the garbler's share takes them, and the evaluator's
 * keys follow.
 */
export function addPublic(
  context: Context,
  shares: Shares,
  bits: Uint8Array,
  count: number,
  stride = 16,
): void {
  const { kernel, role } = context;
  const addend = kernel.allocate(16);
  if (role === 'evaluator') kernel.write(addend, kernel.view(context.delta, 16));
  kernel.view(addend, 1)[0]! ^= 1;
  withPacked(kernel, bits, (pointer) => {
    kernel.call.addPublicBits(role === 'garbler' ? shares.macs : shares.keys, pointer, count, addend, stride);
  });
  kernel.free(addend);
}

/** The XOR of two byte strings of one length. */
export function xorBytes(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, index) => byte ^ right[index]!);
}
