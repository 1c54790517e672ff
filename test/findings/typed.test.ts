import { afterEach, describe, expect, test } from 'vitest';
import { fingerprint, formatInvite, generateIdentity, parseInvite } from '../../src/index.ts';
import { closeAll, hasTerminals, person, type } from '../cli/pseudo-terminal.ts';
import { inProcess } from '../cli/support.ts';

afterEach(closeAll);

/** `terms new` with flags: the exit code, the terms, and what was said. */
async function make(flags: Record<string, string>) {
  const given = { subject: 'car', rule: 'zopa', unit: 'USD', min: '0', max: '9000', expires: '7d', ...flags };
  const args = Object.entries(given)
    .filter(([, value]) => value !== '')
    .flatMap(([flag, value]) => [`--${flag}`, value]);
  const { code, stdout, stderr } = await inProcess('terms', 'new', ...args);
  return { code, stderr, terms: code === 0 ? JSON.parse(stdout) : undefined };
}

const issue = (text: string) => ({ rule: 'menu', unit: '', min: '', max: '', issue: text });

describe('C2: the matter can be named', () => {
  test('C2: terms new takes one', async () => {
    expect((await make({ matter: 'vehicle 4711' })).terms).toMatchObject({ matter: 'vehicle 4711' });
  });
});

describe('C4: an answer that cannot be right is not taken', () => {
  for (const [name, flags] of Object.entries({
    'no time at all': { expires: '0d' },
    'a comma that may part values, or thousands': issue('Salary: 60,000, 65,500'),
  })) {
    test(`C4: ${name}`, async () => {
      expect((await make(flags)).code).toBe(2);
    });
  }

  test('C4: 40 digits after the point', async () => {
    expect((await make({ decimals: '40' })).code).toBe(2);
  });

  describe.runIf(hasTerminals)('at a terminal', () => {
    test('C4: it is asked for again at once', async () => {
      const asks = type(person(), 'parley terms new --subject car --rule zopa --unit USD');
      await asks.answers('Digits after the point?', '40\r');
      expect(await asks.sees(/Digits after the point\?|The lowest price/)).toContain('Digits');
      await asks.press('2\r');
      await asks.answers('The lowest price there could be?', '10\r');
      await asks.answers('The highest?', '5\r');
      expect(await asks.sees(/The highest\?|In steps of\?/)).toBe('The highest?');
    });
  });
});

describe('C5: what people write is understood', () => {
  for (const [typed, unit, min] of [
    ['$4,500', 'USD', '450000'],
    ['€4,500', 'EUR', '450000'],
    ["4'500", 'CHF', '450000'],
    ['4.5k', 'USD', '450000'],
  ] as const) {
    test(`C5: ${typed}, as an amount in ${unit}`, async () => {
      const { terms, stderr } = await make({ min: typed, unit });
      expect(terms?.range.min, stderr).toBe(min);
    });
  }

  test('C5: 4.500,00 is understood, or answered with what was perhaps meant', async () => {
    const { terms, stderr } = await make({ min: '4.500,00', unit: 'EUR' });
    if (terms === undefined) expect(stderr).toContain('4,500.00');
    else expect(terms.range.min).toBe('450000');
  });

  test('C5: a rule with a capital letter, or by its number', async () => {
    expect((await make({ rule: 'Split' })).terms?.rule.name).toBe('split');
    expect((await make({ rule: '1' })).terms?.rule.name).toBe('zopa');
  });

  for (const expires of ['2999-12-24', '3 days']) {
    test(`C5: a deadline of ${expires}`, async () => {
      expect(String((await make({ expires })).terms?.expires)).toMatch(/^\d{4}-\d\d-\d\dT/);
    });
  }

  test('C5: yen have no cents', async () => {
    expect((await make({ unit: 'JPY' })).terms?.range.decimals).toBe(0);
  });
});

test('C6: a rule that tells nearly everything is nobody’s by default', async () => {
  const { terms } = await make({ rule: '' });
  expect(terms?.rule.name).not.toBe('split');
});

describe('C8: an invite comes through what people do to it', async () => {
  const host = await fingerprint(generateIdentity().publicKey);
  const endpoint = { transport: 'tcp', host: '192.0.2.7', port: 4466, path: '' } as const;
  const line = formatInvite({
    host,
    secret: new Uint8Array(16).fill(5),
    place: { kind: 'direct', endpoint },
  });

  test('C8: as it is', () => {
    expect(parseInvite(line)).toMatchObject({ host, place: { endpoint } });
  });

  for (const [name, mangle] of Object.entries({
    'in quotes': (text: string) => `“${text}”`,
    'in straight quotes': (text: string) => `"${text}"`,
    'with blanks around it': (text: string) => `  ${text}\n`,
    'wrapped over two lines': (text: string) => `${text.slice(0, 50)}\n  ${text.slice(50)}`,
    'with the command before it': (text: string) => `parley join ${text}`,
  })) {
    test(`C8: ${name}`, () => {
      let read: unknown;
      expect(() => {
        read = parseInvite(mangle(line));
      }).not.toThrow();
      expect(read).toMatchObject({ host, place: { endpoint } });
    });
  }
});
