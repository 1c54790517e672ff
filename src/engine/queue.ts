import type { Circuit } from '../circuit/circuit.ts';
import { ParleyError } from '../errors.ts';
import { ApplyNode, type ApplyPiece, type Batch, cutIntoBatches, InputNode, type Item } from './batches.ts';
import type { Bits, Engine, Fixing, LateCircuit, Party, Release, Wires } from './engine.ts';
import { appendSegment, Node, requireUsage, type Segment, SegmentedWires, sliceSegments } from './wires.ts';

/**
 * The queue under every engine: records inputs, applies and releases, checks their use, and at a reveal runs them in order,
 * batch by batch. An engine supplies what happens to a batch's inputs, to each apply, and at the opening.
 * Whatever throws during a reveal closes the engine. Misuse throws `ERR_USAGE`, use after closing `ERR_CLOSED`.
 */
export abstract class QueuedEngine<Storage> implements Engine {
  readonly party: Party;
  private queue: Item<Storage>[] = [];
  private readonly stored = new Set<Node<Storage>>();
  /** The reveal or preparation that is under way, if any: they run one after another. */
  private running: Promise<unknown> = Promise.resolve();
  protected closed = false;
  /** Whether inputs are fixed by a step of their own, so that a Fixing can follow it. */
  protected readonly fixesInputs: boolean = true;

  constructor(party: Party) {
    this.party = party;
  }

  /** Room for `width` wires. */
  protected abstract allocate(width: number): Storage;
  /** Zeroes and gives back that room. */
  protected abstract discard(storage: Storage): void;
  /** Fills the storage of a batch's inputs. */
  protected abstract runInputs(batch: Batch<Storage>): Promise<void>;
  /** Evaluates copies of a circuit into the storage of its node. */
  protected abstract runApply(piece: ApplyPiece<Storage>): Promise<void>;
  /** Runs the remaining checks, then `release`, then opens; undefined where `to` does not include this party. */
  protected abstract open(
    segments: readonly Segment<Storage>[],
    to: Party | 'both',
    release: Release | undefined,
  ): Promise<Bits | undefined>;
  /** Zeroes the engine's own secrets. */
  protected abstract wipe(): void;

  /** Called once for each batch before it runs, one batch ahead, so that a party can send early what the peer will wait for. */
  protected announce(_batch: Batch<Storage>): void {}

  async prepare(ands: number): Promise<void> {
    this.requireOpen();
    requireUsage(Number.isSafeInteger(ands) && ands >= 0, 'a number of gates is a non-negative integer');
  }

  input(owner: Party, width: number, bits?: Bits): Wires {
    this.requireOpen();
    requireUsage(owner === 'a' || owner === 'b', 'an input belongs to party a or b');
    requireUsage(Number.isSafeInteger(width) && width > 0, 'an input has at least one bit');
    if (owner === this.party) {
      requireUsage(bits !== undefined, 'the owner of an input gives its bits');
      requireUsage(bits.length === width, 'an input has another number of bits than its width');
      requireUsage(
        bits.every((bit) => bit <= 1),
        'input bits are 0 or 1',
      );
    } else {
      requireUsage(bits === undefined, 'only the owner of an input gives its bits');
    }
    const node = new InputNode<Storage>(owner, width, bits?.slice());
    this.queue.push(node);
    return this.handle([{ node, start: 0, end: width }]);
  }

  apply(circuit: Circuit | LateCircuit, inputs: readonly Wires[], copies = 1): Wires {
    this.requireOpen();
    requireUsage(Number.isSafeInteger(copies) && copies > 0, 'a circuit is applied at least once');
    requireUsage(inputs.length === circuit.inputs.length, 'a circuit takes one handle for each input group');
    const segments = inputs.map((wires) => this.segmentsOf(wires));
    const shared = circuit.inputs.map((width, group) => {
      const given = inputs[group]!.width;
      requireUsage(
        given === width || given === width * copies,
        `input group ${group} takes ${width} wires a copy, not ${given} for ${copies}`,
      );
      return given === width && copies > 1;
    });
    const node = new ApplyNode<Storage>(circuit, segments, shared, copies);
    this.queue.push(node);
    return this.handle([{ node, start: 0, end: node.width }]);
  }

  slice(wires: Wires, start: number, end = wires.width): Wires {
    this.requireOpen();
    const segments = this.own(wires);
    requireUsage(
      Number.isSafeInteger(start) &&
        Number.isSafeInteger(end) &&
        0 <= start &&
        start <= end &&
        end <= wires.width,
      'a slice lies within its wires',
    );
    return this.handle(this.live(sliceSegments(segments, start, end)));
  }

  concat(...wires: readonly Wires[]): Wires {
    this.requireOpen();
    const whole: Segment<Storage>[] = [];
    for (const part of wires) {
      for (const segment of this.segmentsOf(part)) appendSegment(whole, segment);
    }
    return this.handle(whole);
  }

  release(...wires: readonly Wires[]): void {
    this.requireOpen();
    for (const handle of wires) {
      for (const { node, start, end } of this.own(handle)) {
        if (node.release(start, end)) this.queue.push({ free: node });
      }
    }
  }

  /** Queues whole inputs to be fingerprinted together, before anything of them is released. */
  protected queueFingerprint(inputs: readonly Wires[]): void {
    const parts = inputs.map((wires) => {
      const [segment, ...more] = this.segmentsOf(wires);
      const node = segment?.node as InputNode<Storage> | undefined;
      const whole = more.length === 0 && segment?.start === 0 && segment.end === node?.width;
      requireUsage(whole && node instanceof InputNode, 'only whole inputs are fingerprinted');
      requireUsage(!node.fingerprinted, 'an input is fingerprinted once');
      requireUsage(this.queue.lastIndexOf(node) >= 0, 'an input is fingerprinted before it has been entered');
      return node;
    });
    const owners = new Set(parts.map(({ owner }) => owner));
    requireUsage(owners.size === parts.length, 'two inputs of one party are not fingerprinted under one key');
    for (const node of parts) node.fingerprinted = true;
    this.queue.push({ parts });
  }

  async reveal(
    wires: Wires,
    to: Party | 'both',
    release?: Release,
    fixing?: Fixing,
  ): Promise<Bits | undefined> {
    this.requireOpen();
    requireUsage(
      fixing === undefined || this.fixesInputs,
      'this engine cannot reveal between inputs and gates',
    );
    requireUsage(to === 'a' || to === 'b' || to === 'both', "wires are revealed to 'a', 'b' or 'both'");
    const segments = this.segmentsOf(wires);
    requireUsage(wires.width > 0, 'there is nothing to reveal');
    const work = this.queue;
    this.queue = [];
    return this.exclusively(async () => {
      await this.run(work, fixing);
      return this.open(segments, to, release);
    }).finally(() => forget(work));
  }

  /** Runs `work` after all that was started before it. Whatever it throws closes the engine. */
  protected exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.running.then(async () => {
      this.requireOpen();
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ParleyError)) this.requireOpen(); // closed meanwhile: the error that this led to says nothing
        this.close();
        throw error;
      }
    });
    this.running = result.catch(() => undefined);
    return result;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    forget(this.queue);
    this.queue = [];
    for (const node of this.stored) this.drop(node);
    this.wipe();
  }

  private async run(work: readonly Item<Storage>[], fixing: Fixing | undefined): Promise<void> {
    if (fixing !== undefined) requireInputsFirst(cutIntoBatches<Storage>(work));
    const batches = cutIntoBatches<Storage>(work);
    let pending = fixing;
    let current = batches.next();
    requireUsage(pending === undefined || !current.done, 'there are no inputs to fix');
    if (!current.done) this.announce(current.value);
    while (!current.done) {
      const next = batches.next();
      if (!next.done) this.announce(next.value);
      await this.runBatch(current.value, pending);
      pending = undefined;
      current = next;
    }
  }

  /** Runs one batch: its inputs, then `fixing` if there is one, then its steps in order. */
  protected async runBatch(batch: Batch<Storage>, fixing: Fixing | undefined): Promise<void> {
    for (const { node } of batch.inputs) this.store(node);
    await this.runInputs(batch);
    this.requireOpen();
    await fixing?.send();
    await fixing?.receive();
    for (const { node, end } of batch.inputs) {
      if (end === node.width) node.forget();
    }
    for (const step of batch.steps) {
      if (step instanceof Node) {
        this.drop(step);
      } else {
        this.store(step.node);
        await this.runApply(step);
        this.requireOpen();
      }
    }
  }

  /** The node's storage, allocated if it has none yet. */
  protected store(node: Node<Storage>): Storage {
    node.storage ??= this.allocate(node.width);
    this.stored.add(node);
    return node.storage;
  }

  /** Gives back the node's storage. */
  protected drop(node: Node<Storage>): void {
    if (node instanceof InputNode) node.bits?.fill(0);
    if (node.storage !== undefined) this.discard(node.storage);
    node.storage = undefined;
    this.stored.delete(node);
  }

  protected requireOpen(): void {
    if (this.closed) throw new ParleyError('ERR_CLOSED', 'the session is closed');
  }

  private handle(segments: readonly Segment<Storage>[]): Wires {
    return new SegmentedWires<Storage>(this, segments);
  }

  private segmentsOf(wires: Wires): readonly Segment<Storage>[] {
    return this.live(this.own(wires));
  }

  private own(wires: Wires): readonly Segment<Storage>[] {
    requireUsage(
      wires instanceof SegmentedWires && wires.owner === this,
      'these wires are not of this engine',
    );
    return wires.segments as readonly Segment<Storage>[];
  }

  private live(segments: readonly Segment<Storage>[]): readonly Segment<Storage>[] {
    for (const { node, start, end } of segments) {
      requireUsage(node.isLive(start, end), 'these wires have been released');
    }
    return segments;
  }
}

/** Zeroes the input bits in queued work. A run that succeeded has used them all; one that failed has left some. */
function forget(work: readonly object[]): void {
  for (const item of work) if (item instanceof InputNode) item.bits?.fill(0);
}

/** Refuses work whose inputs are not all in its first batch: those of a later one would follow what a Fixing reveals. */
function requireInputsFirst<Storage>([, ...later]: Iterable<Batch<Storage>>): void {
  requireUsage(
    later.every(({ inputs }) => inputs.length === 0),
    'inputs that are to be fixed together go into one batch',
  );
}
