import type { Circuit } from '../circuit/circuit.ts';
import { ApplyNode, InputNode, type Item } from './batches.ts';
import type { Bits, Party, Queue, Wires } from './engine.ts';
import { appendSegment, requireUsage, type Segment, SegmentedWires, sliceSegments } from './wires.ts';

/** Records what is queued, in order, and checks its use: misuse throws `ERR_USAGE`. Bits may be missing, where a program is recorded before there are any. */
export class Recording<Storage> implements Queue {
  private items: Item<Storage>[] = [];

  input(owner: Party, width: number, bits?: Bits): Wires {
    requireUsage(owner === 'a' || owner === 'b', 'an input belongs to party a or b');
    requireUsage(Number.isSafeInteger(width) && width > 0, 'an input has at least one bit');
    if (bits !== undefined) {
      requireUsage(bits.length === width, 'an input has another number of bits than its width');
      requireUsage(
        bits.every((bit) => bit <= 1),
        'input bits are 0 or 1',
      );
    }
    const node = new InputNode<Storage>(owner, width, bits?.slice());
    this.items.push(node);
    return this.handle([{ node, start: 0, end: width }]);
  }

  apply(circuit: Circuit, inputs: readonly Wires[], copies = 1): Wires {
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
    this.items.push(node);
    return this.handle([{ node, start: 0, end: node.width }]);
  }

  slice(wires: Wires, start: number, end = wires.width): Wires {
    const segments = this.own(wires);
    requireUsage(
      Number.isSafeInteger(start) &&
        Number.isSafeInteger(end) &&
        0 <= start &&
        start <= end &&
        end <= wires.width,
      'a slice lies within its wires',
    );
    return this.handle(live(sliceSegments(segments, start, end)));
  }

  concat(...wires: readonly Wires[]): Wires {
    const whole: Segment<Storage>[] = [];
    for (const part of wires) {
      for (const segment of this.segmentsOf(part)) appendSegment(whole, segment);
    }
    return this.handle(whole);
  }

  release(...wires: readonly Wires[]): void {
    for (const handle of wires) {
      for (const { node, start, end } of this.own(handle)) {
        if (node.release(start, end)) this.items.push({ free: node });
      }
    }
  }

  /** Whole inputs that are to be fingerprinted together, before anything of them is released. */
  fingerprint(inputs: readonly Wires[]): void {
    const parts = inputs.map((wires) => {
      const node = this.wholeInput(wires);
      requireUsage(node !== undefined, 'only whole inputs are fingerprinted');
      requireUsage(!node.fingerprinted, 'an input is fingerprinted once');
      requireUsage(this.items.lastIndexOf(node) >= 0, 'an input is fingerprinted before it has been entered');
      return node;
    });
    const owners = new Set(parts.map(({ owner }) => owner));
    requireUsage(owners.size === parts.length, 'two inputs of one party are not fingerprinted under one key');
    for (const node of parts) node.fingerprinted = true;
    this.items.push({ parts });
  }

  /** What has been recorded since the last call. */
  take(): readonly Item<Storage>[] {
    const { items } = this;
    this.items = [];
    return items;
  }

  /** Where wires are: pieces of what has been recorded here, nothing of which has been released. */
  segmentsOf(wires: Wires): readonly Segment<Storage>[] {
    return live(this.own(wires));
  }

  /** The input that these wires are, if they are all of one. */
  wholeInput(wires: Wires): InputNode<Storage> | undefined {
    const [segment, ...more] = this.segmentsOf(wires);
    const node = segment?.node;
    const whole = more.length === 0 && segment?.start === 0 && segment.end === node?.width;
    return whole && node instanceof InputNode ? node : undefined;
  }

  private handle(segments: readonly Segment<Storage>[]): Wires {
    return new SegmentedWires<Storage>(this, segments);
  }

  private own(wires: Wires): readonly Segment<Storage>[] {
    requireUsage(
      wires instanceof SegmentedWires && wires.owner === this,
      'these wires are not of this engine',
    );
    return wires.segments as readonly Segment<Storage>[];
  }
}

function live<Storage>(segments: readonly Segment<Storage>[]): readonly Segment<Storage>[] {
  for (const { node, start, end } of segments) {
    requireUsage(node.isLive(start, end), 'these wires have been released');
  }
  return segments;
}

/** Zeroes the input bits in queued work. A run that succeeded has used them all; one that failed has left some. */
export function forget(work: readonly object[]): void {
  for (const item of work) if (item instanceof InputNode) item.bits?.fill(0);
}
