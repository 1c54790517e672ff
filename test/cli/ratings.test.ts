import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { menuEntry } from '../../protocols/menu/entry.ts';
import { Questions } from '../../src/cli/terminal/questions.ts';
import { askForRatings } from '../../src/cli/terminal/ratings.ts';

const menu = {
  issues: [
    { name: 'Price', values: ['4.37', '4.12'] },
    { name: 'Delivery', values: ['60 days', '45 days'] },
  ],
};
const folder = mkdtempSync(join(tmpdir(), 'parley-ratings-'));

/** What a person is shown who types these lines, and what they are taken to mean. */
async function asked(given: Parameters<typeof askForRatings>[0], typed: readonly string[]) {
  const left = [...typed];
  let shown = '';
  const said = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    shown += String(chunk);
    return true;
  });
  const questions: Questions = Object.create(Questions.prototype);
  Object.assign(questions, {
    async line(prompt: string) {
      shown += `${prompt}\n`;
      if (left.length === 0) throw new Error(`nobody answers: ${prompt}`);
      return left.shift()!;
    },
  });
  try {
    return { mandate: await askForRatings(given, questions), shown, left };
  } finally {
    said.mockRestore();
  }
}

describe('B4: a menu is rated at prompts', () => {
  it('issue by issue, with the ranking before it is taken, and kept in a private file', async () => {
    const path = join(folder, 'mine.json');
    const marks = ['6', '4', '10', '0', '2', '10'];
    const { mandate, shown } = await asked(menu, [...marks, '35', '', path]);
    expect(mandate).toEqual({
      reservation: 0.35,
      ratings: {
        Price: { weight: 0.6, values: { '4.37': 1, '4.12': 0 } },
        Delivery: { weight: 0.4, values: { '60 days': 0.2, '45 days': 1 } },
      },
    });
    expect(shown).toContain('How much does “Delivery” matter to you?');
    expect(shown).toContain('“Delivery”: how good is “45 days”?');
    expect(shown.match(/^ +\d+ {2}“.*$/gm)).toEqual([
      '  100  “4.37”, “45 days”',
      '   68  “4.37”, “60 days”',
      '   40  “4.12”, “45 days”',
      '    8  “4.12”, “60 days”',
    ]);
    expect(shown).toContain('You would accept 3 of 4 options.');
    const kept = JSON.parse(readFileSync(path, 'utf8'));
    expect(menuEntry(menu, kept)).toEqual(menuEntry(menu, mandate));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('again, if the ranking is not what was meant, and any mark that is none', async () => {
    const first = ['0', '0', 'much', '1', '1', '10', '11', '5', '0', '10'];
    const second = ['1', '0', '10', '0', '5,5', '0'];
    const { mandate, shown } = await asked(menu, [...first, '50', 'again', ...second, '100', 'right', '']);
    expect(mandate).toMatchObject({
      reservation: 1,
      ratings: { Price: { weight: 1 }, Delivery: { weight: 0, values: { '60 days': 0.55 } } },
    });
    expect(shown).toContain('Something has to matter more than nothing.');
    expect(shown.match(/that is no number from 0 to 10;/g)).toHaveLength(2);
    expect(shown).toContain('You would accept 2 of 4 options.');
    expect(existsSync(join(folder, 'again'))).toBe(false);
  });

  it('by option, where there is one issue; only the best and the worst of many are shown', async () => {
    const values = Array.from({ length: 30 }, (_, i) => `option ${i}`);
    const { mandate, shown } = await asked({ issues: [{ name: 'Option', values }] }, [
      ...values.map((_, i) => String(i % 11)),
      '100',
      '',
      '',
    ]);
    expect(mandate).toMatchObject({ reservation: 1, ratings: { 'option 10': 1, 'option 11': 0 } });
    expect(shown.match(/^ +\d+ {2}“.*$/gm)).toHaveLength(9);
    expect(shown).toContain('21 more in between');
    expect(shown).toContain('You would accept 2 of 30 options.');
  });

  it('or not at all, to accept none', async () => {
    expect(
      (await asked({ issues: [{ name: 'Option', values: ['a', 'b'] }] }, ['1', '2', 'none'])).mandate,
    ).toEqual({ abstain: true });
  });

  it('does not write over a file, and asks for another', async () => {
    const path = join(folder, 'taken.json');
    const marks = ['1', '2', '50', ''];
    const one = { issues: [{ name: 'Option', values: ['a', 'b'] }] };
    await asked(one, [...marks, path]);
    const { shown } = await asked(one, [...marks, path, '']);
    expect(shown).toContain('never overwritten');
  });
});
