import { InputError } from '../errors.ts';
import { type Bit, CircuitBuilder, ONE, ZERO } from './builder.ts';
import type { Circuit } from './circuit.ts';

/*
 * Bristol Fashion, the text format in which MPC systems exchange circuits (nigelsmart.github.io/MPC-Circuits): one line with the
 * numbers of gates and wires, one with the widths of the input groups, one with those of the output groups, then one line per gate: number of
 * inputs, number of outputs, wires read, wire written, kind. Inputs are the first wires, outputs the last.
 */

/**
 * The circuit as Bristol Fashion text. Only XOR, AND and INV are used, which every reader of the format takes; a
 * circuit without inputs gets its constants from EQ gates.
 */
export function toBristol(circuit: Circuit): string {
  const { kinds, left, right, outputWires } = circuit;
  const inputs = circuit.inputs.reduce((sum, width) => sum + width, 0);
  const firstGate = 2 + inputs;
  const gates: { readonly kind: string; readonly reads: readonly number[]; readonly writes: number }[] = [];
  // Output number p is wire −1 − p until the number of wires is known.
  const numbers = new Int32Array(firstGate + kinds.length);
  const inPlace = new Map<number, number>();
  outputWires.forEach((wire, place) => {
    if (wire >= firstGate && !inPlace.has(wire)) inPlace.set(wire, place);
  });
  let wires = 0;
  for (let wire = 2; wire < firstGate; wire++) numbers[wire] = wires++;

  const constants: (number | undefined)[] = [];
  const constant = (value: 0 | 1): number => {
    const known = constants[value];
    if (known !== undefined) return known;
    const operand = inputs > 0 && value === 1 ? constant(0) : value;
    const number = wires++;
    constants[value] = number;
    if (inputs === 0) gates.push({ kind: 'EQ', reads: [value], writes: number });
    else if (value === 0) gates.push({ kind: 'XOR', reads: [0, 0], writes: number });
    else gates.push({ kind: 'INV', reads: [operand], writes: number });
    return number;
  };
  const numberOf = (wire: number): number => (wire < 2 ? constant(wire as 0 | 1) : numbers[wire]!);

  for (let gate = 0; gate < kinds.length; gate++) {
    const inverted = kinds[gate] === 0 && right[gate] === 1;
    const reads = [numberOf(left[gate]!)];
    if (!inverted) reads.push(numberOf(right[gate]!));
    const place = inPlace.get(firstGate + gate);
    const number = place === undefined ? wires++ : -1 - place;
    numbers[firstGate + gate] = number;
    gates.push({ kind: inverted ? 'INV' : kinds[gate] === 1 ? 'AND' : 'XOR', reads, writes: number });
  }
  outputWires.forEach((wire, place) => {
    if (inPlace.get(wire) === place) return;
    gates.push({ kind: 'XOR', reads: [numberOf(wire), constant(0)], writes: -1 - place });
  });

  const final = (number: number): number => (number < 0 ? wires - 1 - number : number);
  const lines = [
    `${gates.length} ${wires + outputWires.length}`,
    [circuit.inputs.length, ...circuit.inputs].join(' '),
    [circuit.outputs.length, ...circuit.outputs].join(' '),
    '',
  ];
  for (const { kind, reads, writes } of gates) {
    const from = kind === 'EQ' ? reads : reads.map(final);
    lines.push(`${from.length} 1 ${from.join(' ')} ${final(writes)} ${kind}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Upper bounds on an imported circuit. */
export interface BristolLimits {
  readonly gates: number;
  readonly wires: number;
  readonly groups: number;
}

const defaultLimits: BristolLimits = { gates: 16_777_216, wires: 33_554_432, groups: 65_536 };

/**
 * Reads a Bristol Fashion circuit with gates XOR, AND, INV, EQ and EQW. Every wire is written exactly once, before it is
 * read. The result is simplified as any built circuit is, so it may have fewer gates. Throws InputError
 * `ERR_CIRCUIT_INVALID`, with the line, for anything else.
 */
export function fromBristol(text: string, limits: BristolLimits = defaultLimits): Circuit {
  const lines = new Lines(text);
  const [gates, wires] = lines.numbers(2, limits.wires);
  if (gates! > limits.gates) throw lines.error('too many gates');
  lines.refuseOlderFormat();
  const inputs = lines.widths(limits);
  const outputs = lines.widths(limits);
  const inputBits = inputs.reduce((sum, width) => sum + width, 0);
  const outputBits = outputs.reduce((sum, width) => sum + width, 0);
  if (inputBits + gates! !== wires!) throw lines.error('wires are not inputs plus gates');
  if (outputBits > wires!) throw lines.error('more outputs than wires');

  const c = new CircuitBuilder();
  const bits = new Int32Array(wires!).fill(UNSET);
  let next = 0;
  for (const width of inputs) for (const bit of c.input(width)) bits[next++] = bit;
  for (let gate = 0; gate < gates!; gate++) readGate(lines, c, bits);
  lines.end();

  let start = wires! - outputBits;
  for (const width of outputs) {
    c.output(Array.from(bits.subarray(start, start + width)) as Bit[]);
    start += width;
  }
  return c.build();
}

const UNSET = -1;

function readGate(lines: Lines, c: CircuitBuilder, bits: Int32Array): void {
  const words = lines.next().split(' ');
  const kind = words.pop();
  const operands =
    kind === 'XOR' || kind === 'AND' ? 2 : kind === 'INV' || kind === 'EQ' || kind === 'EQW' ? 1 : 0;
  if (operands === 0) throw lines.error('unknown gate');
  if (words.length !== operands + 3 || words[0] !== String(operands) || words[1] !== '1') {
    throw lines.error('wrong number of wires');
  }
  const wire = (word: string): number => lines.number(word, bits.length - 1);
  const read = (word: string): Bit => {
    const bit = bits[wire(word)]!;
    if (bit === UNSET) throw lines.error('a wire is read before it is written');
    return bit as Bit;
  };
  const target = wire(words.at(-1)!);
  if (bits[target] !== UNSET) throw lines.error('a wire is written twice');
  switch (kind) {
    case 'XOR':
      bits[target] = c.xor(read(words[2]!), read(words[3]!));
      break;
    case 'AND':
      bits[target] = c.and(read(words[2]!), read(words[3]!));
      break;
    case 'INV':
      bits[target] = c.not(read(words[2]!));
      break;
    case 'EQW':
      bits[target] = read(words[2]!);
      break;
    default:
      bits[target] = lines.number(words[2]!, 1) === 1 ? ONE : ZERO;
  }
}

/** The text line by line; empty lines are skipped, runs of blanks count as one. */
class Lines {
  private position = 0;
  private line = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  next(): string {
    while (this.position < this.text.length) {
      let end = this.text.indexOf('\n', this.position);
      if (end < 0) end = this.text.length;
      const content = this.text
        .slice(this.position, end)
        .replace(/[ \t\r]+/g, ' ')
        .trim();
      this.position = end + 1;
      this.line++;
      if (content !== '') return content;
    }
    throw this.error('the file ends too early');
  }

  end(): void {
    if (/\S/.test(this.text.slice(this.position))) throw this.error('text after the last gate');
  }

  number(word: string, most: number): number {
    if (!/^(0|[1-9][0-9]{0,9})$/.test(word)) throw this.error('not a number');
    const value = Number(word);
    if (value > most) throw this.error('a number is too large');
    return value;
  }

  numbers(count: number, most: number): number[] {
    const words = this.next().split(' ');
    if (words.length !== count) throw this.error(`expected ${count} numbers`);
    return words.map((word) => this.number(word, most));
  }

  /** A line with a number of groups, then the width of each. */
  widths(limits: BristolLimits): number[] {
    const words = this.next().split(' ');
    const groups = this.number(words[0]!, limits.groups);
    if (words.length !== groups + 1) throw this.error('wrong number of groups');
    const widths = words.slice(1).map((word) => this.number(word, limits.wires));
    if (widths.includes(0)) throw this.error('an empty group');
    if (widths.reduce((sum, width) => sum + width, 0) > limits.wires) throw this.error('too many wires');
    return widths;
  }

  /** In Bristol Format, three widths stand in one line (both inputs, the output), and gates follow at once. */
  refuseOlderFormat(): void {
    const { position, line } = this;
    const [widths, gate] = [this.next(), this.next()];
    if (/^\d+ \d+ \d+$/.test(widths) && /^\d[\d ]* [A-Z]+$/.test(gate)) {
      throw this.error(
        'a gate stands where widths are expected, as in the older Bristol Format',
        'give the circuit in Bristol Fashion, with a line of input widths and a line of output widths',
      );
    }
    this.position = position;
    this.line = line;
  }

  error(problem: string, hint?: string): InputError {
    return new InputError('ERR_CIRCUIT_INVALID', `Bristol Fashion, line ${this.line}: ${problem}`, { hint });
  }
}
