import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { lockIdentity } from '../../src/documents/passphrase.ts';
import { closeAll, hasTerminals, person, type } from '../cli/pseudo-terminal.ts';
import { desk, freePort } from '../cli/support.ts';

vi.mock('../../src/documents/passphrase-cost.ts', () => import('../support/quick-passphrases.ts'));

afterEach(closeAll);

describe.runIf(hasTerminals)('B13, C3: a person at a hidden prompt', () => {
  test('B13: a passphrase keeps the seal key too', async () => {
    const someone = person();
    const { buyer, seller, draft } = desk();
    someone.put('my.key', await lockIdentity(buyer, 'correct horse'));
    someone.put('bids.json', { reservation: '520001' });
    someone.put('terms.json', { ...draft, expires: '2099-01-01T00:00:00Z' });
    someone.put('seller.pub', seller.publicKey);
    const joins = type(
      someone,
      `parley join --terms terms.json --identity my.key --mandate bids.json --role buyer --peer seller.pub --connect 127.0.0.1:${await freePort()}`,
    );
    await joins.answers('the passphrase of my.key (not shown):', 'correct horse\r');
    await joins.ended;
    const kept = readdirSync(someone.folder).filter(
      (file) => file.startsWith('my.key') && !file.endsWith('ledger'),
    );
    const clear = kept.filter((file) => /"[pq]":/.test(readFileSync(join(someone.folder, file), 'utf8')));
    expect(kept.length).toBeGreaterThan(0);
    expect(clear).toEqual([]);
  });

  test('C3: three entries that cannot be read end nothing', async () => {
    const someone = person();
    const made = type(someone, 'parley keygen --out my.key --passphrase');
    for (let i = 0; i < 3; i++) await made.answers('at least 8 characters (not shown):', 'short\r');
    const asked = made.answers('at least 8 characters (not shown):', 'correct horse\r').then(
      () => 'asked again',
      () => 'over',
    );
    expect(await asked).toBe('asked again');
  });

  test('C3: a wrong passphrase is asked for again, however often', { timeout: 120_000 }, async () => {
    const someone = person();
    someone.put('my.key', await lockIdentity(desk().buyer, 'correct horse'));
    const asks = type(someone, 'parley whoami --identity my.key');
    for (let i = 0; i < 3; i++) await asks.answers('the passphrase of my.key (not shown):', 'wrong horse\r');
    await asks.answers('the passphrase of my.key (not shown):', 'correct horse\r');
    expect(await asks.ended).toBe(0);
  });
});
