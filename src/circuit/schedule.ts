import type { Circuit, Schedule } from './circuit.ts';

const compiled = new WeakMap<Circuit, Schedule>();

/**
 * The schedule of a circuit, as circuit.ts promises it. It is compiled once per circuit, in time linear in the number of gates. The number of
 * layers is the least possible. Gates run as early as their operands allow, or just before their first reader (XORs only,
 * or all), whichever needs the fewest slots.
 */
export function compileSchedule(circuit: Circuit): Schedule {
  let schedule = compiled.get(circuit);
  if (schedule === undefined) {
    const earliest = earliestLayers(circuit);
    schedule = [earliest, latestLayers(circuit, earliest, 'xors'), latestLayers(circuit, earliest, 'all')]
      .map((layers) => allocateSlots(circuit, layers))
      .reduce((least, other) => (other.slots < least.slots ? other : least));
    compiled.set(circuit, schedule);
  }
  return schedule;
}

interface Layers {
  /** The layer in which each gate runs. */
  readonly layer: Int32Array;
  readonly count: number;
}

function inputBits(circuit: Circuit): number {
  return circuit.inputs.reduce((sum, width) => sum + width, 0);
}

/** Puts each gate into the first layer that has its operands: the output of an AND of layer l can be read from layer l + 1 on, that of an XOR at once. */
function earliestLayers(circuit: Circuit): Layers {
  const { kinds, left, right } = circuit;
  const first = 2 + inputBits(circuit);
  const layer = new Int32Array(kinds.length);
  let last = 0;
  for (let gate = 0; gate < kinds.length; gate++) {
    let at = 0;
    for (const wire of [left[gate]!, right[gate]!]) {
      if (wire < first) continue;
      const ready = layer[wire - first]! + kinds[wire - first]!;
      if (ready > at) at = ready;
    }
    layer[gate] = at;
    if (at > last) last = at;
  }
  return { layer, count: last + 1 };
}

/** The same number of layers, with each XOR (or each gate) moved to the last layer that its readers allow. */
function latestLayers(circuit: Circuit, { layer, count }: Layers, move: 'xors' | 'all'): Layers {
  const { kinds, left, right } = circuit;
  const first = 2 + inputBits(circuit);
  const latest = new Int32Array(kinds.length).fill(count - 1);
  for (let gate = kinds.length - 1; gate >= 0; gate--) {
    if (kinds[gate] === 1 && move === 'xors') latest[gate] = layer[gate]!;
    for (const wire of [left[gate]!, right[gate]!]) {
      if (wire < first) continue;
      const operand = wire - first;
      const bound = latest[gate]! - kinds[operand]!;
      if (bound < latest[operand]!) latest[operand] = bound;
    }
  }
  return { layer: latest, count };
}

/** Gates by layer, XORs before ANDs, each in circuit order; `ends[2l]` and `ends[2l + 1]` are where layer l's XORs and ANDs end. */
function executionOrder(
  kinds: Uint8Array,
  { layer, count }: Layers,
): { order: Int32Array; ends: Int32Array } {
  const next = new Int32Array(2 * count + 1);
  for (let gate = 0; gate < kinds.length; gate++) next[2 * layer[gate]! + kinds[gate]! + 1]!++;
  for (let i = 1; i <= 2 * count; i++) next[i]! += next[i - 1]!;
  const ends = next.slice(1);
  const order = new Int32Array(kinds.length);
  for (let gate = 0; gate < kinds.length; gate++) order[next[2 * layer[gate]! + kinds[gate]!]!++] = gate;
  return { order, ends };
}

function allocateSlots(circuit: Circuit, layers: Layers): Schedule {
  const { kinds, left, right } = circuit;
  const first = 2 + inputBits(circuit);
  const { order, ends } = executionOrder(kinds, layers);
  const lastReader = findLastReaders(circuit, order, first);
  const slots = new SlotPool(first + kinds.length, first);
  for (let wire = 2; wire < first; wire++) if (lastReader[wire] === UNREAD) slots.free(wire);

  const xors = new Int32Array(3 * (kinds.length - circuit.ands));
  const ands = new Int32Array(3 * circuit.ands);
  const xorEnd = new Int32Array(layers.count);
  const andEnd = new Int32Array(layers.count);
  let xor = 0;
  let and = 0;
  let position = 0;
  for (let l = 0; l < layers.count; l++) {
    for (; position < ends[2 * l]!; position++) {
      const gate = order[position]!;
      xors[xor++] = slots.of(left[gate]!);
      xors[xor++] = slots.of(right[gate]!);
      if (lastReader[left[gate]!] === position) slots.free(left[gate]!);
      if (lastReader[right[gate]!] === position && right[gate] !== left[gate]) slots.free(right[gate]!);
      xors[xor++] = slots.take(first + gate);
      if (lastReader[first + gate] === UNREAD) slots.free(first + gate);
    }
    const firstAnd = position;
    for (; position < ends[2 * l + 1]!; position++) {
      const gate = order[position]!;
      ands[and++] = slots.of(left[gate]!);
      ands[and++] = slots.of(right[gate]!);
      ands[and++] = slots.take(first + gate);
    }
    for (let i = firstAnd; i < position; i++) {
      const gate = order[i]!;
      if (lastReader[left[gate]!] === i) slots.free(left[gate]!);
      if (lastReader[right[gate]!] === i && right[gate] !== left[gate]) slots.free(right[gate]!);
      if (lastReader[first + gate] === UNREAD) slots.free(first + gate);
    }
    xorEnd[l] = xor / 3;
    andEnd[l] = and / 3;
  }
  const outputSlots = circuit.outputWires.map((wire) => slots.of(wire));
  return { circuit, slots: slots.size, xors, ands, xorEnd, andEnd, outputSlots };
}

const UNREAD = -1;
const NEVER = 0x7fff_ffff;

/** By wire, the position in `order` of its last reader; NEVER for constants and outputs, which keep their slot. */
function findLastReaders(
  { left, right, outputWires }: Circuit,
  order: Int32Array,
  first: number,
): Int32Array {
  const last = new Int32Array(first + order.length).fill(UNREAD);
  for (let position = 0; position < order.length; position++) {
    const gate = order[position]!;
    last[left[gate]!] = position;
    last[right[gate]!] = position;
  }
  last[0] = NEVER;
  last[1] = NEVER;
  for (const wire of outputWires) last[wire] = NEVER;
  return last;
}

/** Which slot each wire has. Constants and inputs start in the slots of their own number. */
class SlotPool {
  size: number;
  private readonly slot: Int32Array;
  private readonly spare: Int32Array;
  private spares = 0;

  constructor(wires: number, taken: number) {
    this.slot = new Int32Array(wires);
    this.spare = new Int32Array(wires);
    this.size = taken;
    for (let wire = 0; wire < taken; wire++) this.slot[wire] = wire;
  }

  of(wire: number): number {
    return this.slot[wire]!;
  }

  take(wire: number): number {
    const slot = this.spares > 0 ? this.spare[--this.spares]! : this.size++;
    this.slot[wire] = slot;
    return slot;
  }

  free(wire: number): void {
    this.spare[this.spares++] = this.slot[wire]!;
  }
}
