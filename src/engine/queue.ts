import type { Circuit } from '../circuit/circuit.ts';
import { ParleyError } from '../errors.ts';
import { AHEAD_BATCH } from './ahead-limits.ts';
import { BATCH_LIMIT } from './batch-limit.ts';
import { type ApplyPiece, type Batch, cutIntoBatches, InputNode, type Item, markFixed } from './batches.ts';
import type { Bits, Engine, Fixing, Party, Program, Release, Wires } from './engine.ts';
import { forget, Recording } from './recording.ts';
import { Node, requireUsage, type Segment } from './wires.ts';

/**
 * The queue under every engine: records inputs, applies and releases, checks their use, and at a reveal runs them in order,
 * batch by batch. An engine supplies what happens to a batch's inputs, to each apply, and at the opening.
 * Whatever throws during a reveal closes the engine. Misuse throws `ERR_USAGE`, use after closing `ERR_CLOSED`.
 */
export abstract class QueuedEngine<Storage> implements Engine {
  readonly party: Party;
  private readonly queue = new Recording<Storage>();
  private readonly stored = new Set<Node<Storage>>();
  /** The reveal or preparation that is under way, if any: they run one after another. */
  private running: Promise<unknown> = Promise.resolve();
  protected closed = false;
  /** Whether a Fixing is under way. */
  protected fixing = false;
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

  async prepare(ands: number, _program?: Program): Promise<void> {
    this.requireOpen();
    requireUsage(Number.isSafeInteger(ands) && ands >= 0, 'a number of gates is a non-negative integer');
  }

  input(owner: Party, width: number, bits?: Bits): Wires {
    this.requireOpen();
    requireUsage(
      (bits !== undefined) === (owner === this.party),
      'the owner of an input gives its bits, and nobody else',
    );
    return this.queue.input(owner, width, bits);
  }

  apply(circuit: Circuit, inputs: readonly Wires[], copies = 1): Wires {
    this.requireOpen();
    return this.queue.apply(circuit, inputs, copies);
  }

  slice(wires: Wires, start: number, end = wires.width): Wires {
    this.requireOpen();
    return this.queue.slice(wires, start, end);
  }

  concat(...wires: readonly Wires[]): Wires {
    this.requireOpen();
    return this.queue.concat(...wires);
  }

  release(...wires: readonly Wires[]): void {
    this.requireOpen();
    this.queue.release(...wires);
  }

  /** Queues whole inputs to be fingerprinted together, before anything of them is released. */
  protected queueFingerprint(inputs: readonly Wires[]): void {
    this.queue.fingerprint(inputs);
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
    const segments = this.queue.segmentsOf(wires);
    requireUsage(wires.width > 0, 'there is nothing to reveal');
    const work = this.queue.take();
    return this.exclusively(async () => {
      await this.run(work, fixing && this.watched(fixing));
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
    forget(this.queue.take());
    for (const node of this.stored) this.drop(node);
    this.wipe();
  }

  /** The same, so that it shows while it is under way. */
  private watched(fixing: Fixing): Fixing {
    const during = async (part: () => Promise<void> | undefined) => {
      this.fixing = true;
      try {
        await part();
      } finally {
        this.fixing = false;
      }
    };
    return {
      withInputs: () => during(() => fixing.withInputs?.()),
      send: () => during(() => fixing.send()),
      receive: () => during(() => fixing.receive()),
    };
  }

  private async run(work: readonly Item<Storage>[], fixing: Fixing | undefined): Promise<void> {
    const done = await this.runPrepared(work, fixing);
    const batches = cutIntoBatches<Storage>(work, (index) => (index < done ? AHEAD_BATCH : BATCH_LIMIT));
    for (let i = 0; i < done; i += 1) batches.next();
    let pending = done > 0 ? undefined : fixing;
    let current = batches.next();
    requireUsage(pending === undefined || !current.done, 'there are no inputs to fix');
    if (!current.done) this.announce(current.value);
    if (!current.done && pending !== undefined) markFixed(current.value);
    while (!current.done) {
      const next = batches.next();
      if (!next.done) this.announce(next.value);
      await this.runBatch(current.value, pending);
      pending = undefined;
      current = next;
    }
  }

  /** Runs the first batches of some work, cut by AHEAD_BATCH, if they were prepared with their program, with `fixing` in the first; gives how many. */
  protected async runPrepared(_work: readonly Item<Storage>[], _fixing: Fixing | undefined): Promise<number> {
    return 0;
  }

  /** Runs one batch: its inputs, then `fixing` if there is one, then its steps in order. */
  protected async runBatch(batch: Batch<Storage>, fixing: Fixing | undefined): Promise<void> {
    for (const { node } of batch.inputs) this.store(node);
    await this.runInputs(batch);
    this.requireOpen();
    await fixing?.withInputs?.();
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

  /** Where whole inputs of `owner` are that a Fixing has followed. */
  protected provable(inputs: readonly Wires[], owner: Party): readonly Segment<Storage>[] {
    return inputs.flatMap((wires) => {
      const input = this.queue.wholeInput(wires);
      const fixed = input?.owner === owner && input.fixed && input.storage !== undefined;
      requireUsage(fixed, 'a proof is about whole inputs of the one who proves, which have been fixed');
      return this.queue.segmentsOf(wires);
    });
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

  /** Has one node keep what another has kept. */
  protected handOver(from: Node<Storage>, to: Node<Storage>): void {
    if (from.storage === undefined) return;
    to.storage = from.storage;
    from.storage = undefined;
    this.stored.delete(from);
    this.stored.add(to);
  }

  protected requireOpen(): void {
    if (this.closed) throw new ParleyError('ERR_CLOSED', 'the session is closed');
  }
}
