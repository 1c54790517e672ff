/**
 * Domain reduction (Chen, Shu, Zhou, arXiv 2407.19215): rows of a local code whose indices all lie in a set V of variables are a system in |V| unknowns. The core of a
 * code is such a V with as many rows as variables, given here by its share of all variables. Only those rows need be free of errors for Gauss to succeed.
 */

/** The share of a random V: `rowsPerVariable` · share^locality rows are left for each variable, and share of them are needed. */
export function randomCore(rowsPerVariable: number, locality: number): number {
  return Math.min(1, rowsPerVariable ** (-1 / (locality - 1)));
}

/** Variables of the code that `peeledCore` is measured on. */
const MODEL_BITS = 12;

const measured = new Map<string, number>();

/**
 * The share of a V that peeling leaves: again and again the variable that is in the fewest rows goes, with these. It is measured on a random code of 2^12 variables:
 * it depends on the number of rows for each variable alone, up to 0.002.
 */
export function peeledCore(rowsPerVariable: number, locality: number): number {
  const key = `${rowsPerVariable} ${locality}`;
  const known = measured.get(key) ?? peel(2 ** MODEL_BITS, rowsPerVariable, locality);
  measured.set(key, known);
  return known;
}

/** The share of variables that are left once there are no more rows than variables, in a random code from a fixed seed. */
export function peel(variables: number, rowsPerVariable: number, locality: number): number {
  const rows = Math.round(variables * rowsPerVariable);
  const code = randomCode(variables, rows * locality);
  const inRows = occurrences(code, variables, locality);
  const degree = new Uint32Array(variables);
  for (const variable of code) degree[variable]! += 1;
  const queue = new Queue(degree);
  const gone = new Uint8Array(rows);
  let [left, rowsLeft] = [variables, rows];
  while (rowsLeft > left) {
    left -= 1;
    for (const row of inRows(queue.take())) {
      if (gone[row] === 1) continue;
      gone[row] = 1;
      rowsLeft -= 1;
      for (let j = row * locality; j < (row + 1) * locality; j += 1) queue.lower(code[j]!);
    }
  }
  return left / variables;
}

/** `count` indices below `variables`, a power of two: a counter, mixed as MurmurHash3 mixes. */
function randomCode(variables: number, count: number): Uint32Array {
  const indices = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) {
    let word = i ^ 0x9e3779b9;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    indices[i] = ((word ^ (word >>> 16)) >>> 8) & (variables - 1);
  }
  return indices;
}

/** Gives the rows that a variable is in. */
function occurrences(
  code: Uint32Array,
  variables: number,
  locality: number,
): (variable: number) => Uint32Array {
  const ends = new Uint32Array(variables + 1);
  for (const variable of code) ends[variable + 1]! += 1;
  for (let i = 0; i < variables; i += 1) ends[i + 1]! += ends[i]!;
  const rows = new Uint32Array(code.length);
  const place = ends.slice();
  for (let i = 0; i < code.length; i += 1) rows[place[code[i]!]!++] = Math.floor(i / locality);
  return (variable) => rows.subarray(ends[variable]!, ends[variable + 1]!);
}

/** Variables by the number of rows that they are in. */
class Queue {
  private readonly degree: Uint32Array;
  private readonly taken: Uint8Array;
  private readonly byDegree: number[][] = [];
  private lowest = 0;

  constructor(degree: Uint32Array) {
    this.degree = degree;
    this.taken = new Uint8Array(degree.length);
    for (const variable of degree.keys()) this.put(variable);
  }

  /** Takes out a variable of the lowest degree. */
  take(): number {
    for (;;) {
      const variable = this.byDegree[this.lowest]?.pop();
      if (variable === undefined) this.lowest += 1;
      else if (this.taken[variable] === 0 && this.degree[variable] === this.lowest) {
        this.taken[variable] = 1;
        return variable;
      }
    }
  }

  /** One row less for a variable. Where it was put before, it is passed over. */
  lower(variable: number): void {
    if (this.taken[variable] === 1) return;
    this.degree[variable]! -= 1;
    this.put(variable);
  }

  private put(variable: number): void {
    const degree = this.degree[variable]!;
    const list = this.byDegree[degree] ?? [];
    this.byDegree[degree] = list;
    list.push(variable);
    this.lowest = Math.min(this.lowest, degree);
  }
}
