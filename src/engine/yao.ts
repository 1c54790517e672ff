import { unpackBits } from '../circuit/bits.ts';
import { hash } from '../crypto/hash.ts';
import { blockAt, byteAt, type Kernel, type Pointer } from '../crypto/kernel.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { PeerCheatedError } from '../errors.ts';
import { Workspace } from '../garbling/half-gates/tables.ts';
import { type LoadedSchedule, ScheduleCache } from '../garbling/loaded-schedule.ts';
import { Permutation } from '../garbling/permutation.ts';
import { type BlockRun, collectOutputs, copiesAtOnce, scatterGroup } from '../garbling/planes.ts';
import type { Link } from '../link/link.ts';
import type { ApplyPiece, Batch } from './batches.ts';
import type { Bits, Party } from './engine.ts';
import { QueuedEngine } from './queue.ts';
import type { Segment } from './wires.ts';

export interface YaoOptions {
  readonly link: Link;
  /** Where labels live; the engine does not destroy it. */
  readonly kernel: Kernel;
  readonly random: Random;
  readonly party: Party;
  /** 32 bytes that no other engine has had: hash keys follow from it, and gate numbers start at zero with each engine. */
  readonly sessionId: Uint8Array;
}

/** Labels of a plane worked on at a time, in bytes: with the hash inputs they fit in the second-level cache. */
const PLANE_BUDGET = 384 << 10;

/** What both sides of the semi-honest engine share: labels in kernel memory, one block per wire. See src/garbling/half-gates/README.md. */
export abstract class YaoEngine extends QueuedEngine<Pointer> {
  protected readonly link: Link;
  protected readonly kernel: Kernel;
  protected readonly permutation: Permutation;
  protected readonly workspace: Workspace;
  private readonly sessionId: Uint8Array;
  private readonly schedules: ScheduleCache;
  private reveals = 0;
  protected override readonly fixesInputs = false;

  constructor({ link, kernel, party, sessionId }: YaoOptions) {
    super(party);
    this.link = link;
    this.kernel = kernel;
    this.sessionId = sessionId.slice();
    this.permutation = new Permutation(kernel, 'half gates', sessionId);
    this.workspace = new Workspace(kernel);
    this.schedules = new ScheduleCache(kernel);
  }

  protected get peer(): Party {
    return this.party === 'a' ? 'b' : 'a';
  }

  /** Garbles or evaluates `copies` copies on a plane whose input slots are filled. */
  protected abstract runGates(loaded: LoadedSchedule, plane: Pointer, copies: number): Promise<void>;

  protected override allocate(width: number): Pointer {
    return this.kernel.allocate(width * 16);
  }

  protected override discard(storage: Pointer): void {
    this.kernel.free(storage);
  }

  protected override async runApply({ node, first, copies }: ApplyPiece<Pointer>): Promise<void> {
    const loaded = this.schedules.load(node.circuit);
    const atOnce = Math.min(copies, copiesAtOnce(loaded, 16, PLANE_BUDGET));
    const plane = this.workspace.plane(loaded.schedule.slots * atOnce * 16);
    const groups = node.inputs.map(runsOf);
    for (let done = 0; done < copies; done += atOnce) {
      const count = Math.min(atOnce, copies - done);
      let slot = 2;
      for (const [index, width] of node.circuit.inputs.entries()) {
        scatterGroup(
          this.kernel,
          plane,
          slot,
          width,
          groups[index]!,
          node.shared[index]!,
          first + done,
          count,
        );
        slot += width;
      }
      await this.runGates(loaded, plane, count);
      this.requireOpen();
      const target = blockAt(node.storage!, (first + done) * node.circuit.outputWires.length);
      collectOutputs(this.kernel, target, plane, loaded, count);
    }
  }

  /** The labels of `segments` in one region of `width` blocks, which the caller frees. */
  protected join(segments: readonly Segment<Pointer>[]): { labels: Pointer; width: number } {
    const width = segments.reduce((sum, { start, end }) => sum + end - start, 0);
    const labels = this.kernel.allocate(width * 16);
    let target = labels;
    for (const { pointer, count } of runsOf(segments)) {
      this.kernel.write(target, this.kernel.view(pointer, count * 16));
      target = blockAt(target, count);
    }
    return { labels, width };
  }

  /** Copies consecutive labels at `source` to the inputs of `owner` in this batch, in order. */
  protected spread(batch: Batch<Pointer>, owner: Party, source: Pointer): void {
    for (const { node, start, end } of batch.inputs) {
      if (node.owner !== owner) continue;
      const length = (end - start) * 16;
      this.kernel.write(blockAt(node.storage!, start), this.kernel.view(source, length));
      source = byteAt(source, length);
    }
  }

  /** The colours (bit 0) of `width` labels, one byte each. */
  protected colours(labels: Pointer, width: number): Bits {
    const bytes = this.kernel.allocate(width);
    this.kernel.call.extractBits(bytes, labels, 0, width);
    const colours = this.kernel.read(bytes, width);
    this.kernel.free(bytes);
    return colours;
  }

  /** A hash, bound to session and reveal, that shows that the evaluator holds the active labels of opened wires. 32 bytes. */
  protected labelProof(labels: Pointer, width: number): Uint8Array {
    return hash(tags.yaoOutput, this.sessionId, this.reveals++, this.kernel.view(labels, width * 16));
  }

  protected override wipe(): void {
    this.workspace.free();
    this.schedules.clear();
  }
}

/** How many AND gates a batch has. To be called once its inputs are fixed. */
export function gatesOf(batch: Batch<Pointer>): number {
  return batch.steps.reduce(
    (sum, step) => sum + ('node' in step ? step.copies * step.node.circuit.ands : 0),
    0,
  );
}

/** How many input bits of `owner` a batch has. */
export function inputBitsOf(batch: Batch<Pointer>, owner: Party): number {
  return batch.inputs.reduce(
    (sum, { node, start, end }) => sum + (node.owner === owner ? end - start : 0),
    0,
  );
}

/** Bits unpacked from a message, one per byte. Throws `ERR_PEER_CHEATED` unless the bits after the first `width` are zero. */
export function unpackColours(packed: Uint8Array, width: number): Bits {
  if (width % 8 !== 0 && packed.at(-1)! >> (width % 8) !== 0)
    throw new PeerCheatedError('padding of colours');
  return unpackBits(packed, width);
}

function runsOf(segments: readonly Segment<Pointer>[]): BlockRun[] {
  return segments.map(({ node, start, end }) => ({
    pointer: blockAt(node.storage!, start),
    count: end - start,
  }));
}
