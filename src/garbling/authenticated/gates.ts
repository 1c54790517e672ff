import { platform } from '#platform';
import { packBits, unpackBits } from '../../circuit/bits.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import { giveBack, giveBackFields } from '../../crypto/give-back.ts';
import { blockAt, byteAt, type Pointer } from '../../crypto/kernel.ts';
import { tags } from '../../crypto/tags.ts';
import { Permutation } from '../permutation.ts';
import type { Context } from './context.ts';
import type { Shares } from './correlated-bits.ts';
import { garbledGates, gateCheck, maskedGates, openedFits, packed } from './messages.ts';
import { openShares, packShares, requirePadding, verifyShares, withPacked } from './opening.ts';
import { GATE_CHUNK, GATES_PER_KEY } from './parameters.ts';
import type { Pools } from './preparation.ts';
import { addPublic } from './public-bits.ts';
import { xorBytes } from './triples.ts';
import { forEachChunk, loadPlane, spreadUnit, type Unit } from './units.ts';

/** Domains of the hash at garbling: that of an AND's left operand; its right one has the next but one (README, step 7). */
const OPERANDS = 16;

/** Steps 6 to 10 for the AND gates of one batch, at one party. Arrays are in gate order, 16 bytes per gate. */
export class GateBatch {
  readonly count: number;
  private readonly context: Context;
  private readonly units: readonly Unit[];
  /** Shares of λα, λβ, λγ, and of the triple; z becomes σ = λα ∧ λβ. */
  private readonly alpha: Shares;
  private readonly beta: Shares;
  private readonly gamma: Shares;
  private readonly x: Shares;
  private readonly y: Shares;
  private readonly sigma: Shares;
  /** Active labels of the operands and of the output (the garbler's first hold labels of zero). */
  private readonly lefts: Pointer;
  private readonly rights: Pointer;
  private readonly fresh: Pointer;
  private readonly permutation: Permutation;
  private epoch = 0;
  private hashed = 0;
  private ownFits: Uint8Array = new Uint8Array();
  private expectedCheck: Uint8Array = new Uint8Array();

  constructor(context: Context, pools: Pools, units: readonly Unit[], count: number) {
    this.context = context.fork();
    this.units = units;
    this.count = count;
    const { kernel } = context;
    const room = () => kernel.allocate(16 * count);
    this.alpha = { keys: room(), macs: room() };
    this.beta = { keys: room(), macs: room() };
    this.lefts = room();
    this.rights = room();
    this.fresh = room();
    const [xKeys, xMacs, yKeys, yMacs, zKeys, zMacs] = pools.triples.take(count) as Six;
    this.x = { keys: xKeys, macs: xMacs };
    this.y = { keys: yKeys, macs: yMacs };
    this.sigma = { keys: zKeys, macs: zMacs };
    const [keys, macs] = pools.bits.take(count) as [Pointer, Pointer];
    this.gamma = { keys, macs };
    this.permutation = new Permutation(kernel, 'authenticated gate', context.binding);
  }

  /** Step 2: the mask shares of every wire, from those of inputs and of AND outputs. */
  spreadMasks(): void {
    for (const unit of this.units) {
      for (const kind of ['keys', 'macs'] as const) {
        spreadUnit(this.context, unit, kind, this.alpha[kind], this.beta[kind], this.gamma[kind]);
      }
    }
  }

  /** Step 6: opens this party's shares of ε_α and ε_β of every gate, with MACs. */
  async sendFits(): Promise<void> {
    const { context } = this;
    const macs = this.fitPlane('macs');
    const opened = openShares(context, 'fits', macs, this.fitBits);
    context.kernel.free(macs);
    this.ownFits = opened.bits;
    await context.link.send(openedFits, this.fitBits, opened);
  }

  /** Step 6: verifies the peer's shares of ε. */
  async receiveFits(): Promise<Uint8Array> {
    const { context } = this;
    const opened = await context.link.receive(openedFits, this.fitBits);
    const keys = this.fitPlane('keys');
    verifyShares(context, 'fits', keys, this.fitBits, opened);
    context.kernel.free(keys);
    return opened.bits.slice();
  }

  /** Step 6: σ = z ⊕ ε_α·y ⊕ ε_β·x ⊕ ε_α·ε_β, once both parties' shares of ε are known. */
  fit(peerFits: Uint8Array): void {
    const { context, count, x, y, sigma } = this;
    const { kernel } = context;
    const fits = xorBytes(peerFits, this.ownFits);
    withPacked(kernel, fits, (alpha) => {
      const beta = byteAt(alpha, this.alignedCount / 8);
      kernel.call.fitTriples(sigma.keys, x.keys, y.keys, alpha, beta, count);
      kernel.call.fitTriples(sigma.macs, x.macs, y.macs, alpha, beta, count);
    });
    const half = this.alignedCount / 8;
    const products = new Uint8Array(packed(count));
    for (let i = 0; i < products.length; i += 1) products[i] = fits[i]! & fits[half + i]!;
    addPublic(context, sigma, products, count);
  }

  /** Step 7, garbler: garbles every unit and sends its tables. */
  async garble(): Promise<void> {
    const { kernel, link } = this.context;
    for (const unit of this.units) {
      const tables = kernel.allocate(32 * unit.gates);
      const permutes = kernel.allocate(unit.gates);
      this.garbleUnit(unit, tables, permutes);
      if (unit.gates > 0) {
        const sent = kernel.read(tables, 32 * unit.gates);
        await link.send(garbledGates, unit.gates, {
          tables: sent,
          permutes: packBits(kernel.view(permutes, unit.gates)),
        });
        giveBack(sent);
      }
      kernel.free(tables);
      kernel.free(permutes);
    }
  }

  /** Step 9, evaluator: receives the tables and evaluates. */
  async evaluate(): Promise<void> {
    const { kernel, link } = this.context;
    for (const unit of this.units) {
      const tables = kernel.allocate(32 * unit.gates);
      const permutes = kernel.allocate(unit.gates);
      if (unit.gates > 0) {
        const message = await link.receive(garbledGates, unit.gates);
        requirePadding(message.permutes, unit.gates);
        kernel.write(tables, message.tables);
        kernel.write(permutes, unpackBits(message.permutes, unit.gates));
        giveBackFields(message);
      }
      this.evaluateUnit(unit, tables, permutes);
      kernel.free(tables);
      kernel.free(permutes);
    }
  }

  /** Step 10, evaluator: the masked value of every gate, bound to the labels it holds. */
  async sendMaskedGates(): Promise<void> {
    const { context, count } = this;
    const values = packShares(context.kernel, this.fresh, count);
    await context.link.send(maskedGates, count, { values, labels: this.labelDigest() });
    await platform.nextTurn(); // the garbler verifies while this party computes the answer that it must get
    this.expectedCheck = this.expectCheck();
  }

  /** Step 10, garbler: verifies that the evaluator holds the labels of the values it claims. */
  async receiveMaskedGates(): Promise<void> {
    const { context, count } = this;
    const { kernel } = context;
    const { values, labels } = await context.link.receive(maskedGates, count);
    requirePadding(values, count);
    withPacked(kernel, values, (bits) =>
      kernel.call.addPublicBits(this.fresh, bits, count, context.delta, 16),
    );
    check('labels of masked gates', equalBytes(labels, this.labelDigest()));
  }

  /** Step 10: the masked values of every wire at the garbler, from those of inputs and of AND outputs. */
  spreadMaskedValues(): void {
    for (const unit of this.units) {
      spreadUnit(this.context, unit, 'labels', this.lefts, this.rights, this.fresh);
    }
  }

  /** Step 10, garbler: shows that every gate is right, by its MACs on c. Only after `receiveMaskedGates`. */
  async sendGateCheck(): Promise<void> {
    const { context } = this;
    this.sumChecks('macs');
    const macs = context.digest(
      tags.authenticatedGates,
      'garbler',
      'gate check',
      context.blocks(this.sigma.macs, this.count),
    );
    await context.link.send(gateCheck, undefined, { macs });
  }

  /** Step 10, evaluator: verifies that every gate is right. */
  async receiveGateCheck(): Promise<void> {
    const { macs } = await this.context.link.receive(gateCheck, undefined);
    check('gate check', equalBytes(macs, this.expectedCheck));
  }

  /** Zeroes and gives back the arrays of this batch. The pools sweep what came from them. */
  free(): void {
    const { kernel } = this.context;
    const { alpha, beta, lefts, rights, fresh } = this;
    for (const pointer of [alpha.keys, alpha.macs, beta.keys, beta.macs, lefts, rights, fresh]) {
      kernel.free(pointer);
    }
  }

  /** The gate count rounded up to whole bytes of packed bits, so that ε_β starts at one. */
  private get alignedCount(): number {
    return (this.count + 7) & ~7;
  }

  private get fitBits(): number {
    return this.alignedCount + this.count;
  }

  private fitPlane(kind: 'keys' | 'macs'): Pointer {
    const { kernel } = this.context;
    const plane = kernel.allocate(16 * this.fitBits);
    kernel.call.xorBlocks(plane, this.alpha[kind], this.x[kind], this.count);
    kernel.call.xorBlocks(blockAt(plane, this.alignedCount), this.beta[kind], this.y[kind], this.count);
    return plane;
  }

  private labelDigest(): Uint8Array {
    const { context } = this;
    return context.digest(
      tags.authenticatedLabels,
      'evaluator',
      'masked gates',
      context.blocks(this.fresh, this.count),
    );
  }

  /** What the garbler must answer if every c is 0, by the evaluator's own shares and keys. */
  private expectCheck(): Uint8Array {
    const { context, count, sigma, lefts, rights, fresh } = this;
    const { call } = context.kernel;
    this.sumChecks('keys');
    this.sumChecks('macs');
    call.gateCheckExpected(sigma.keys, sigma.macs, lefts, rights, fresh, count, context.delta);
    const keys = context.blocks(sigma.keys, count);
    return context.digest(tags.authenticatedGates, 'garbler', 'gate check', keys);
  }

  private sumChecks(kind: 'keys' | 'macs'): void {
    const { sigma, gamma, alpha, beta, lefts, rights, count } = this;
    const { call } = this.context.kernel;
    call.gateCheckSums(sigma[kind], gamma[kind], alpha[kind], beta[kind], lefts, rights, count);
  }

  private garbleUnit(unit: Unit, tables: Pointer, permutes: Pointer): void {
    const { context, alpha, beta, sigma, gamma } = this;
    const { kernel } = context;
    const plane = loadPlane(this.context, unit, 'zeros');
    const chunk = Math.max(GATE_CHUNK, unit.copies);
    const inputs = kernel.allocate(64 * chunk);
    const outputs = kernel.allocate(64 * chunk);
    const material = this.pointers(
      [alpha.keys, alpha.macs, beta.keys, beta.macs],
      [sigma.keys, sigma.macs, gamma.keys, gamma.macs],
    );
    forEachChunk(kernel, unit, plane, (ands, gates, index) => {
      const { copies } = unit;
      const local = index - unit.first;
      kernel.call.garbleInputs(inputs, plane, ands, gates, copies, context.delta, OPERANDS, index);
      this.permute(outputs, inputs, gates * copies, 4);
      kernel.call.garbleGates(
        byteAt(tables, 32 * local),
        byteAt(permutes, local),
        blockAt(this.fresh, index),
        inputs,
        outputs,
        plane,
        ands,
        gates,
        copies,
        material,
        index,
        context.delta,
      );
    });
    unit.store(plane, 'zeros');
    for (const pointer of [plane, inputs, outputs, material]) kernel.free(pointer);
  }

  private evaluateUnit(unit: Unit, tables: Pointer, permutes: Pointer): void {
    const { alpha, beta, sigma, gamma } = this;
    const { kernel } = this.context;
    const plane = loadPlane(this.context, unit, 'labels');
    const chunk = Math.max(GATE_CHUNK, unit.copies);
    const inputs = kernel.allocate(32 * chunk);
    const outputs = kernel.allocate(32 * chunk);
    const material = this.pointers([alpha.macs, beta.macs], [sigma.macs, gamma.macs]);
    forEachChunk(kernel, unit, plane, (ands, gates, index) => {
      const { copies } = unit;
      const local = index - unit.first;
      kernel.call.evaluateInputs(inputs, plane, ands, gates, copies, OPERANDS, index);
      this.permute(outputs, inputs, gates * copies, 2);
      kernel.call.evaluateGates(
        blockAt(this.lefts, index),
        blockAt(this.rights, index),
        blockAt(this.fresh, index),
        byteAt(tables, 32 * local),
        byteAt(permutes, local),
        inputs,
        outputs,
        plane,
        ands,
        gates,
        copies,
        material,
        index,
      );
    });
    unit.store(plane, 'labels');
    for (const pointer of [plane, inputs, outputs, material]) kernel.free(pointer);
  }

  private permute(outputs: Pointer, inputs: Pointer, gates: number, blocks: number): void {
    this.hashed += gates;
    if (this.hashed > GATES_PER_KEY) {
      this.epoch += 1;
      this.hashed = gates;
    }
    this.permutation.permute(outputs, inputs, gates * blocks, this.epoch);
  }

  private pointers(...groups: readonly (readonly Pointer[])[]): Pointer {
    const list = Uint32Array.from(groups.flat());
    const { kernel } = this.context;
    const pointer = kernel.allocate(list.byteLength);
    kernel.write(pointer, new Uint8Array(list.buffer));
    return pointer;
  }
}

type Six = [Pointer, Pointer, Pointer, Pointer, Pointer, Pointer];
