import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, wrap } from '../../protocols/lines.ts';

describe('lines of a text', () => {
  it('break at spaces, and never inside a word', () => {
    const word = fc.stringMatching(/^[a-zé価]{1,20}$/u);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 40, max: 120 }), (words, columns) => {
        const lines = wrap(words.join(' '), { columns });
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
        expect(lines.flatMap((line) => line.split(' '))).toEqual(words);
      }),
    );
  });

  it('stay as they are where they fit, and begin with what is asked for where they do not', () => {
    for (const text of ['', '  a   b']) expect(wrap(text)).toEqual([text]);
    expect(wrap('one two three', { columns: 9, indent: '  ' })).toEqual(['one two', '  three']);
  });

  it('count what a terminal shows', () => {
    expect(columnsOf('価格 e\u0301 \u001b[1mbold\u001b[22m 😀')).toBe(4 + 1 + 1 + 1 + 4 + 1 + 2);
    expect(columnsOf('「。、」ㄅꀀ￥')).toBe(14);
    expect(wrap('価格 価格 価格 価格', { columns: 9 })).toEqual(['価格 価格', '価格 価格']);
  });

  it('cut a word longer than a line, or leave it whole for who copies it', () => {
    const path = `/${'x'.repeat(12)}`;
    expect(wrap(`in ${path} now`, { columns: 10 })).toEqual(['in', path.slice(0, 10), 'xxx now']);
    expect(wrap(`in ${path} now`, { columns: 10, cut: false })).toEqual(['in', path, 'now']);
  });
});
