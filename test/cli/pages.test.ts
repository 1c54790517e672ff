import { describe, expect, it, vi } from 'vitest';
import { sayInPages } from '../../src/cli/terminal/pages.ts';
import type { Questions } from '../../src/cli/terminal/questions.ts';

/** What is shown and asked of so many lines on a screen of ten rows, where the person answers so. */
async function shown(count: number, answers: readonly string[], above = 0): Promise<string[]> {
  const lines: string[] = [];
  const said = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    lines.push(String(chunk).trimEnd());
    return true;
  });
  const left = [...answers];
  const ask = async (question: string, read: (typed: string) => unknown) => {
    lines.push(question);
    return read(left.shift()!);
  };
  try {
    const all = Array.from({ length: count }, (_, i) => String(i + 1));
    await sayInPages(all, { ask } as unknown as Questions, { rows: 10, above });
    return lines;
  } finally {
    said.mockRestore();
  }
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

describe('sayInPages', () => {
  it('says at once what fits on a screen', async () => {
    expect(await shown(9, [])).toEqual(numbers(1, 9));
  });

  it('says all of the rest, a screen at a time, to who presses Enter', async () => {
    expect(await shown(20, ['', ''])).toEqual([
      ...numbers(1, 8),
      '12 lines more: Enter shows them, q leaves them out',
      ...numbers(9, 16),
      '4 lines more: Enter shows them, q leaves them out',
      ...numbers(17, 20),
    ]);
  });

  it('does not push away what stands above the first screen', async () => {
    expect(await shown(12, ['', ''], 4)).toEqual([
      ...numbers(1, 4),
      '8 lines more: Enter shows them, q leaves them out',
      ...numbers(5, 12),
    ]);
    expect((await shown(12, ['', ''], 40)).slice(0, 2)).toEqual([
      '1',
      '11 lines more: Enter shows them, q leaves them out',
    ]);
  });

  it('leaves out the rest on request', async () => {
    expect((await shown(20, ['q'])).at(-1)).toMatch('12 lines more');
  });
});
