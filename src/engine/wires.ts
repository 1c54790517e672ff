import { InputError } from '../errors.ts';
import type { Wires } from './engine.ts';

/**
 * One queued source of wires, an input or an apply, whose values the engine keeps in `storage` from the moment it runs until
 * all its wires are released.
 */
export class Node<Storage> {
  readonly width: number;
  storage: Storage | undefined;
  /** Ranges [start, end) not yet released by the caller, by position, disjoint. */
  private live: (readonly [number, number])[];

  constructor(width: number) {
    this.width = width;
    this.live = [[0, width]];
  }

  /** Whether nothing of [start, end) has been released. */
  isLive(start: number, end: number): boolean {
    return this.live.some(([from, to]) => from <= start && end <= to);
  }

  /** Takes [start, end) out of use. Returns true when that was the last of it. */
  release(start: number, end: number): boolean {
    const before = this.live.length;
    this.live = this.live.flatMap(([from, to]): (readonly [number, number])[] => {
      if (end <= from || to <= start) return [[from, to]];
      const rest: (readonly [number, number])[] = [];
      if (from < start) rest.push([from, start]);
      if (end < to) rest.push([end, to]);
      return rest;
    });
    return before > 0 && this.live.length === 0;
  }
}

/** Wires `start` to `end` of a node. */
export interface Segment<Storage> {
  readonly node: Node<Storage>;
  readonly start: number;
  readonly end: number;
}

/** A handle on wires: pieces of nodes, one after another. */
export class SegmentedWires<Storage> implements Wires {
  readonly width: number;
  readonly owner: object;
  readonly segments: readonly Segment<Storage>[];

  constructor(owner: object, segments: readonly Segment<Storage>[]) {
    this.owner = owner;
    this.segments = segments;
    this.width = segments.reduce((sum, { start, end }) => sum + end - start, 0);
  }
}

/** Positions `start` to `end` of a list of segments. */
export function sliceSegments<Storage>(
  segments: readonly Segment<Storage>[],
  start: number,
  end: number,
): Segment<Storage>[] {
  const slice: Segment<Storage>[] = [];
  let position = 0;
  for (const segment of segments) {
    const length = segment.end - segment.start;
    const from = Math.max(start - position, 0);
    const to = Math.min(end - position, length);
    if (from < to) {
      slice.push({ node: segment.node, start: segment.start + from, end: segment.start + to });
    }
    position += length;
    if (position >= end) break;
  }
  return slice;
}

/** Appends `segment` to `list`, merging it with the last one where they touch. */
export function appendSegment<Storage>(list: Segment<Storage>[], segment: Segment<Storage>): void {
  const last = list.at(-1);
  if (last !== undefined && last.node === segment.node && last.end === segment.start) {
    list[list.length - 1] = { node: last.node, start: last.start, end: segment.end };
  } else if (segment.start < segment.end) {
    list.push(segment);
  }
}

/** Throws `ERR_USAGE` unless `condition`: the caller of an engine broke its contract. */
export function requireUsage(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InputError('ERR_USAGE', message);
}
