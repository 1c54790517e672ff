import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { closeAll, hasTerminals, inviteOf, joins, person, type } from './pseudo-terminal.ts';
import { freePort, inProcess } from './support.ts';

vi.setConfig({ testTimeout: 120_000 });
afterEach(closeAll);

const issues = [
  { name: 'Price', values: ['4.37', '4.12'] },
  { name: 'Delivery', values: ['60 days', '45 days'] },
];
const draft = {
  parley: 1,
  subject: 'supply contract',
  rule: { name: 'menu', solution: 'nash', version: 2 },
  menu: { issues },
  security: 'semi-honest',
};
const rated = (price: readonly number[], delivery: readonly number[]) => ({
  reservation: 0.3,
  ratings: {
    Delivery: { weight: 0.5, values: { '45 days': delivery[1], '60 days': delivery[0] } },
    Price: { weight: 0.5, values: { '4.12': price[1], '4.37': price[0] } },
  },
});

it.runIf(hasTerminals)(
  'B4: a person is shown a menu whole, accepts it, and rates it at prompts',
  async () => {
    const [host, guest] = [person(), person()];
    host.put('draft.json', draft);
    host.put('mine.json', rated([0.2, 1], [1, 0.4]));
    const hosting = type(
      host,
      `parley host --terms draft.json --role a --mandate mine.json --listen 127.0.0.1:${await freePort()}`,
    );
    const joining = joins(guest, await inviteOf(hosting));
    await joining.sees('“Price”: 1 “4.37”, 2 “4.12”');
    await joining.sees('“Delivery”: 1 “60 days”, 2 “45 days”');
    await joining.answers(/Accept\?.*\[y\/N/, 'y\r');
    await joining.answers('or Enter to rate the options here:', '\r');
    await joining.answers('How much does “Price” matter to you?', '1\r');
    await joining.answers('How much does “Delivery” matter to you?', '9\r');
    await joining.answers('how good is “4.37”?', '10\r');
    await joining.answers('how good is “4.12”?', '0\r');
    await joining.answers('how good is “60 days”?', '0\r');
    await joining.answers('how good is “45 days”?', '10\r');
    await joining.sees('100  “4.37”, “45 days”');
    await joining.answers('The fewest points that you would accept', '50\r');
    await joining.answers('Enter if that is right', '\r');
    await joining.answers('A new file to keep this in', 'ratings.json\r');
    expect([await hosting.ended, await joining.ended]).toEqual([0, 0]);
    for (const side of [hosting, joining]) {
      expect(side.screen()).toContain('(“Price”: “4.12”, “Delivery”: “45 days”)');
    }
    const kept = JSON.parse(readFileSync(join(guest.folder, 'ratings.json'), 'utf8'));
    expect(kept).toMatchObject({ reservation: 0.5, ratings: { Price: { weight: 0.1 } } });
    const agreement = readdirSync(guest.folder).find((name) => name.startsWith('agreement-'))!;
    const { code, stdout } = await inProcess('show', join(guest.folder, agreement));
    expect(code).toBe(0);
    expect(stdout).toContain('“Delivery”: 1 “60 days”, 2 “45 days”');
  },
);
