import { platform } from '#platform';
import { packBits, unpackBits } from '../../circuit/bits.ts';
import { equalBytes, xorBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import { giveBack, giveBackFields } from '../../crypto/give-back.ts';
import { blockAt, byteAt, NOWHERE, type Pointer } from '../../crypto/kernel.ts';
import { tags } from '../../crypto/tags.ts';
import { turn } from '../../crypto/turns.ts';
import type { Context } from './context.ts';
import type { Shares } from './correlated-bits.ts';
import { garbledGates, gateCheck, maskedGates, openedFits, packed } from './messages.ts';
import { openShares, packShares, requirePadding, verifyShares, withPacked } from './opening.ts';
import type { Pools } from './preparation.ts';
import { addPublic } from './public-bits.ts';
import { type GateLabels, type GateShares, UnitGates, type UnitTables } from './unit-gates.ts';
import { spreadUnit, type Unit } from './units.ts';

/**
 * Steps 6 to 10 for the AND gates of one batch, at one party. Arrays are in gate order, 16 bytes per gate. What is prepared before inputs exist goes
 * through `keep` once its tables are there, and through `resume` when inputs are fixed.
 */
export class GateBatch {
  readonly count: number;
  private readonly context: Context;
  private units: readonly Unit[];
  /** Shares of λα, λβ, λγ, and of the triple; z becomes σ = λα ∧ λβ. What `keep` leaves of σ's MACs at the evaluator has those of λγ added. */
  private alpha: Shares;
  private beta: Shares;
  private gamma: Shares;
  private readonly x: Shares;
  private readonly y: Shares;
  private sigma: Shares;
  /** Active labels of the operands and of the output (the garbler's first hold labels of zero). */
  private lefts: Pointer;
  private rights: Pointer;
  private fresh: Pointer;
  /** At the evaluator, of a batch that is prepared: the tables that have arrived; after `keep`, with MACs added to them. */
  private tables: UnitTables | undefined;
  /** What of these is this object's to give back; the rest is the pools'. */
  private readonly owned = new Set<Pointer>();
  private readonly hashing: UnitGates;
  private ownFits: Uint8Array = new Uint8Array();
  private expectedCheck: Uint8Array = new Uint8Array();

  constructor(context: Context, pools: Pools, units: readonly Unit[], count: number) {
    this.context = context.fork();
    this.units = units;
    this.count = count;
    const room = () => this.room(16 * count);
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
    this.hashing = new UnitGates(this.context);
  }

  /** Step 2: the mask shares of every wire, from those of inputs and of AND outputs. */
  spreadMasks(): void {
    this.spread(['keys', 'macs']);
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
      this.hashing.garble(unit, this.shares, this.fresh, { tables, permutes });
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
    const { kernel } = this.context;
    for (const unit of this.units) {
      const tables = { tables: kernel.allocate(32 * unit.gates), permutes: kernel.allocate(unit.gates) };
      await this.receiveUnit(unit, tables);
      this.hashing.evaluate(unit, this.shares, this.labels, tables);
      for (const pointer of Object.values(tables)) kernel.free(pointer);
    }
  }

  /** Step 7 before inputs exist, evaluator: receives the tables. */
  async receiveTables(): Promise<void> {
    const { count } = this;
    this.tables = { tables: this.room(32 * count), permutes: this.room(count) };
    for (const unit of this.units) await this.receiveUnit(unit, tablesAt(this.tables, unit.first));
  }

  /**
   * Keeps what is needed once inputs are fixed, and gives back the rest: to the garbler are left labels of zero and MACs, to the evaluator keys, and tables with MACs added to
   * them (wasm/kept-gates.ts). Nothing is in the pools after that.
   */
  keep(): void {
    const { context, count, alpha, beta, sigma, gamma, tables, fresh } = this;
    const { kernel } = context;
    if (tables !== undefined) {
      const macs = [sigma.macs, alpha.macs, beta.macs, gamma.macs] as const;
      kernel.call.foldMacs(tables.tables, tables.permutes, ...macs, count);
    }
    for (const pointer of [alpha.keys, alpha.macs, beta.keys, beta.macs, this.lefts, this.rights]) {
      this.giveBack(pointer);
    }
    const copy = (pointer: Pointer): Pointer => {
      const target = this.room(16 * count);
      kernel.write(target, kernel.view(pointer, 16 * count));
      return target;
    };
    if (context.role === 'evaluator') {
      this.sigma = { keys: copy(sigma.keys), macs: copy(sigma.macs) };
      this.gamma = { keys: copy(gamma.keys), macs: NOWHERE };
    } else {
      this.sigma = { keys: NOWHERE, macs: copy(sigma.macs) };
      this.gamma = { keys: NOWHERE, macs: copy(gamma.macs) };
      this.fresh = copy(fresh);
    }
    this.giveBack(fresh);
  }

  /** Makes room again, and spreads the masks over `units`, which are those of before on the wires that have inputs now. */
  resume(units: readonly Unit[]): void {
    const evaluates = this.context.role === 'evaluator';
    const room = () => this.room(16 * this.count);
    const share = (): Shares =>
      evaluates ? { keys: room(), macs: NOWHERE } : { keys: NOWHERE, macs: room() };
    this.units = units;
    this.alpha = share();
    this.beta = share();
    this.lefts = room();
    this.rights = room();
    if (evaluates) this.fresh = room();
    this.spread([evaluates ? 'keys' : 'macs']);
  }

  /** Step 9, evaluator: evaluates by what `keep` has left. */
  async evaluateKept(): Promise<void> {
    for (const unit of this.units) {
      await turn();
      this.context.kernel.requireAlive();
      this.hashing.evaluateKept(unit, this.sigma.macs, this.labels, tablesAt(this.tables!, unit.first));
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
    for (const pointer of this.owned) this.context.kernel.free(pointer);
    this.owned.clear();
  }

  private room(length: number): Pointer {
    const pointer = this.context.kernel.allocate(length);
    this.owned.add(pointer);
    return pointer;
  }

  private giveBack(pointer: Pointer): void {
    this.owned.delete(pointer);
    this.context.kernel.free(pointer);
  }

  private get shares(): GateShares {
    const { alpha, beta, sigma, gamma } = this;
    return { alpha, beta, sigma, gamma };
  }

  private get labels(): GateLabels {
    const { lefts, rights, fresh } = this;
    return { lefts, rights, fresh };
  }

  private spread(kinds: readonly ('keys' | 'macs')[]): void {
    const { context, alpha, beta, gamma } = this;
    for (const unit of this.units) {
      for (const kind of kinds) spreadUnit(context, unit, kind, alpha[kind], beta[kind], gamma[kind]);
    }
  }

  /** Tables of a unit, as they arrive. */
  private async receiveUnit(unit: Unit, { tables, permutes }: UnitTables): Promise<void> {
    if (unit.gates === 0) return;
    const { kernel, link } = this.context;
    const message = await link.receive(garbledGates, unit.gates);
    requirePadding(message.permutes, unit.gates);
    kernel.write(tables, message.tables);
    kernel.write(permutes, unpackBits(message.permutes, unit.gates));
    giveBackFields(message);
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
    const { context, count, sigma, lefts, rights, fresh, tables } = this;
    const { call } = context.kernel;
    this.sumChecks('keys');
    if (tables === undefined) this.sumChecks('macs');
    else call.keptCheckShares(sigma.macs, tables.permutes, lefts, rights, count);
    call.gateCheckExpected(sigma.keys, sigma.macs, lefts, rights, fresh, count, context.delta);
    const keys = context.blocks(sigma.keys, count);
    return context.digest(tags.authenticatedGates, 'garbler', 'gate check', keys);
  }

  private sumChecks(kind: 'keys' | 'macs'): void {
    const { sigma, gamma, alpha, beta, lefts, rights, count } = this;
    const { call } = this.context.kernel;
    call.gateCheckSums(sigma[kind], gamma[kind], alpha[kind], beta[kind], lefts, rights, count);
  }
}

/** The tables of the gates from number `first` on. */
function tablesAt({ tables, permutes }: UnitTables, first: number): UnitTables {
  return { tables: byteAt(tables, 32 * first), permutes: byteAt(permutes, first) };
}

/** Bytes that `keep` leaves of a gate, but for tables; and bytes of those, at the evaluator. */
export const KEPT_BYTES = 48;
export const TABLE_BYTES = 33;

type Six = [Pointer, Pointer, Pointer, Pointer, Pointer, Pointer];
