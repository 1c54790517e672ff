import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileLedger } from '../../src/node.ts';
import { inProcess } from '../cli/support.ts';
import { negotiateOn, termsOf } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-shown-'));
const range = { min: '0', max: '1000', unit: 'USD', decimals: 2 };
const car = { parley: 1, subject: 'used car', rule: { name: 'zopa' }, range };

/** What `terms check` says of a draft. */
function check(draft: object) {
  const path = join(folder, 'draft.json');
  writeFileSync(path, JSON.stringify(draft));
  return inProcess('terms', 'check', path);
}

const issues = (...values: string[]) => [{ name: 'Delivery', values }];
const menu = (...values: string[]) => ({
  parley: 1,
  subject: 'supply contract',
  rule: { name: 'menu', solution: 'nash' },
  menu: { issues: issues(...values) },
});

describe('B4: a menu is accepted by its values, and rated by their names', () => {
  test('B4: every value is shown, in the order of the options', async () => {
    const { stderr } = await check(menu('60 days', '45 days', '9 years'));
    expect(stderr).toMatch(/60 days.*45 days.*9 years/s);
  });

  const ratings = { Delivery: { weight: 1, values: { '45 days': 1, '60 days': 0.1 } } };
  const named = { reservation: 0.3, ratings } as never;
  const anyDelivery = { reservation: 0.1, utilities: [0.9, 0.8] };
  const terms = (...values: string[]) =>
    termsOf({ rule: { name: 'menu', solution: 'nash' }, menu: { issues: issues(...values) } });

  for (const values of [
    ['45 days', '60 days'],
    ['60 days', '45 days'],
  ]) {
    test(`B4: ratings by name find their values in a menu of ${values.join(' and ')}`, async () => {
      const came = await negotiateOn(terms(...values), { mandate: anyDelivery }, { mandate: named });
      expect(came.outcome).toMatchObject({ deal: true, option: { values: { Delivery: '45 days' } } });
    });
  }
});

/** Look like "used car", or like nothing, on any screen. */
const lookalikes = [
  'used\u200bcar',
  'used car\u200d',
  'used car\u2060',
  'used c\u00adar',
  'used car\ufe0f',
  'used car\u{e0100}',
  'used car\u115f',
  'used car\u3164',
  'used\u2800car',
  'used car\ue000',
  'used car\u17b4',
  'used car\u180b',
  'used car\u034f',
];

describe('B5: what looks the same is the same, and what is counted is shown', () => {
  test('B5: text in other scripts, and emoji, are fine', async () => {
    for (const subject of ['café', 'Straße 5', '中古車', 'سيارة', 'used car 🚗']) {
      expect((await check({ ...car, subject })).code, subject).toBe(0);
    }
  });

  test('B5: no subject holds characters that nobody sees', async () => {
    const accepted: string[] = [];
    for (const subject of lookalikes) {
      if ((await check({ ...car, subject })).code === 0) accepted.push(encodeURI(subject));
    }
    expect(accepted).toEqual([]);
  });

  test('B5: no two values of a menu look alike', async () => {
    expect((await check(menu('45 days', '45 days\u200b', '60 days'))).code).toBe(2);
  });

  test('B5: the matter is shown', async () => {
    expect((await check({ ...car, matter: 'vehicle 4711' })).stderr).toContain('vehicle 4711');
  });

  test('B5: the subject is quoted where people read it', async () => {
    expect((await check({ ...car, subject: 'used car: a negotiation by the rule ‘zopa’' })).stderr).toMatch(
      /[“"‘]used car: a/,
    );
  });

  for (const [one, other] of [
    ['STRASSE 5', 'Straße 5'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['vehicle-4711', 'vehicle\u20114711'],
  ] as const) {
    test(`B5: ${one} and ${other} are one matter`, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'parley-matters-'));
      onTestFinished(() => rm(directory, { recursive: true }));
      const ledger = await fileLedger(directory);
      for (const subject of [one, other]) {
        const came = await negotiateOn(
          termsOf({ subject }),
          { mandate: { reservation: 400n } },
          { mandate: { reservation: 500n } },
          { right: { ledger } },
        );
        expect(came.ended).toEqual(['ok', 'ok']);
      }
      const [peer] = await ledger.list();
      expect(new Set(peer!.attempts.map(({ matter }) => matter)).size).toBe(1);
    });
  }
});

describe('B6: an amount is what it looks like', () => {
  test('B6: a unit that reads on from the digits before it is refused', async () => {
    const accepted: string[] = [];
    for (const unit of ['0', '00', '500', '.', ',', '-5', ',000']) {
      if ((await check({ ...car, range: { ...range, unit } })).code === 0) accepted.push(unit);
    }
    expect(accepted).toEqual([]);
  });

  test('B6: other units are fine', async () => {
    for (const unit of ['USD', '€', '$', 'm2', 'kg']) {
      expect((await check({ ...car, range: { ...range, unit } })).code, unit).toBe(0);
    }
  });
});
