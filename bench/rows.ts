/** One figure of a benchmark. */
export interface Row {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** How it was measured. */
  readonly note: string;
}

/** The middle one of some measurements (the upper of two). */
export function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1]!;
}

/** Rounded to three significant digits, or to whole numbers where those are longer. */
export function rounded(value: number): number {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return Number(value.toFixed(digits));
}

/** A table that a person can read. */
export function table(rows: readonly Row[]): string {
  const wide = Math.max(...rows.map(({ id }) => id.length));
  return rows
    .map(({ id, value, unit, note }) => {
      const figure = value.toLocaleString('en-US', { maximumFractionDigits: 2 });
      return `${id.padEnd(wide)}  ${figure.padStart(14)} ${unit.padEnd(8)} ${note}`;
    })
    .join('\n');
}
