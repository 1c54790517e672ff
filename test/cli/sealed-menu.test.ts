import { expect, it, vi } from 'vitest';
import { desk, inProcess, strikeDeal } from './support.ts';

vi.setConfig({ testTimeout: 120_000 });

const { files, put, path, terms } = desk();
const { seller: a, buyer: b } = terms.parties;
const menu = put('menu.json', {
  parley: 1,
  subject: 'supply contract',
  rule: { name: 'menu', solution: 'nash' },
  menu: { issues: [{ name: 'Delivery', values: ['60 days', '45 days', '30 days'] }] },
  parties: { a, b },
  expires: '2999-01-01T00:00:00Z',
  nonce: 'A'.repeat(22),
});
const mandates = {
  a: put('a.json', { reservation: 0.35, utilities: [0.1, 0.9, 0.4] }),
  b: put('b.json', { reservation: 0.2, utilities: [1, 0.5, 0.6] }),
};

it('seals a menu, and opens it with the mandates', async () => {
  const agreement = await strikeDeal(menu, path, {
    host: ['--mandate', mandates.a, '--identity', files.sellerKey],
    guest: ['--mandate', mandates.b, '--identity', files.buyerKey],
  });

  const open = (key: string, out: string, ...more: string[]) =>
    inProcess('open', agreement, '--identity', key, '--out', path(out), ...more);
  const without = await open(files.sellerKey, 'a.opening');
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('give that mandate, too') });
  const wrong = await open(files.sellerKey, 'a.opening', '--mandate', mandates.b);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('not the mandate') });
  expect((await open(files.sellerKey, 'a.opening', '--mandate', mandates.a)).code).toBe(0);
  expect((await open(files.buyerKey, 'b.opening', '--mandate', mandates.b)).code).toBe(0);

  const both = ['--opening', path('a.opening'), '--opening', path('b.opening')];
  const verified = await inProcess('verify', '--unpinned', agreement, ...both, '--json');
  expect(verified.code).toBe(0);
  expect(verified.stderr).toContain('the a had entered a minimum of 0.35, which 2 of 3 options met');
  expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true, confirmed: true });
});
