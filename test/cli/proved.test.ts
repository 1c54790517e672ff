import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { flipped } from '../escrow/support.ts';
import { desk, inProcess } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const file = (name: string) => fileURLToPath(new URL(`../fixtures/v1/${name}.json`, import.meta.url));

it('verify reads outcomes that are proved without the last signature, or by an arbiter', async () => {
  for (const [name, proof] of [
    ['arbiter-opened', 'opened'],
    ['arbiter-resolved', 'resolved'],
  ] as const) {
    const ended = await inProcess('verify', file(name), '--unpinned', '--json');
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      valid: true,
      pinned: false,
      proof,
      outcome: { price: '500' },
    });
    expect(ended.stderr).toContain('proved outcome of unknown keys on “used car”: deal at 500 USD');
  }
  const kind = await inProcess('verify', file('arbiter-opened'), '--engagement', '--json');
  expect(JSON.parse(kind.stdout)).toEqual({ valid: false, code: 'ERR_AGREEMENT_KIND' });
  const { path } = desk();
  writeFileSync(path('changed'), flipped(readFileSync(file('arbiter-opened')), 8 * 5000));
  const changed = await inProcess('verify', path('changed'), '--json');
  expect(changed.code).toBe(1);
  expect(JSON.parse(changed.stdout)).toMatchObject({ valid: false });
});
