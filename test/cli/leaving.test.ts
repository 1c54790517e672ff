import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeAll, hasTerminals, inviteOf, joins, person, type Terminal, type } from './pseudo-terminal.ts';
import { freePort } from './support.ts';

vi.setConfig({ testTimeout: 120_000 });
afterEach(closeAll);

const draft = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000000', unit: 'USD', decimals: 2 },
  security: 'semi-honest',
};
const full = process.env.PARLEY_FULL !== undefined;

async function meet() {
  const [seller, buyer] = [person(), person()];
  seller.put('car.json', draft);
  const host = type(
    seller,
    `parley host --terms car.json --role seller --listen 127.0.0.1:${await freePort()}`,
  );
  return { host, guest: joins(buyer, await inviteOf(host)) };
}

/** Brings a meeting to where each prompt waits for its answer. */
const prompts = {
  'the joiner, asked to accept': async () => {
    const { host, guest } = await meet();
    await guest.sees('Accept? [y/N]');
    await host.sees('is reading the terms');
    return { leaves: guest, stays: host };
  },
  'the host, while the joiner reads': async () => {
    const { host, guest } = await meet();
    await guest.sees('Accept? [y/N]');
    await host.sees('is reading the terms');
    return { leaves: host, stays: guest };
  },
  'the joiner, asked for a figure': async () => {
    const { host, guest } = await meet();
    await guest.answers('Accept? [y/N]', 'y\r');
    await guest.sees('your limit (not shown):');
    await host.sees('your limit (not shown):');
    return { leaves: guest, stays: host };
  },
  'the host, asked for a figure': async () => {
    const { host, guest } = await meet();
    await guest.answers('Accept? [y/N]', 'y\r');
    await guest.sees('your limit (not shown):');
    await host.sees('your limit (not shown):');
    return { leaves: host, stays: guest };
  },
  'the host, asked once more, while the joiner waits': async () => {
    const { host, guest } = await meet();
    await guest.answers('Accept? [y/N]', 'y\r');
    await guest.answers('your limit (not shown):', '5200\r');
    await guest.answers('once more, to be sure:', '5200\r');
    await guest.sees('waiting for the seller’s figure');
    await host.answers('your limit (not shown):', '4500\r');
    await host.sees('once more, to be sure:');
    return { leaves: host, stays: guest };
  },
  'the joiner, waiting, while the host is asked': async () => {
    const { host, guest } = await meet();
    await guest.answers('Accept? [y/N]', 'y\r');
    await guest.answers('your limit (not shown):', '5200\r');
    await guest.answers('once more, to be sure:', '5200\r');
    await guest.sees('waiting for the seller’s figure');
    await host.sees('your limit (not shown):');
    return { leaves: guest, stays: host };
  },
} as const;

const ways = {
  'Ctrl-C': async (leaves: Terminal) => {
    await leaves.press('\u0003');
    expect(await leaves.ended).toBe(130);
    expect(leaves.last()).toMatch(/^(\^C)?parley: interrupted/);
  },
  'closing the window': (leaves: Terminal) => leaves.closeWindow(),
  'a crash': async (leaves: Terminal) => leaves.crash(),
};

type Prompt = keyof typeof prompts;
type Way = keyof typeof ways;

const everyone = Object.keys(prompts) as Prompt[];
const cases: (readonly [Prompt, Way])[] = full
  ? everyone.flatMap((prompt) => (Object.keys(ways) as Way[]).map((way) => [prompt, way] as const))
  : [
      ['the joiner, asked to accept', 'closing the window'],
      ['the host, asked for a figure', 'Ctrl-C'],
      ['the host, asked once more, while the joiner waits', 'a crash'],
    ];

describe.runIf(hasTerminals)('one side leaves', () => {
  it.each(cases)('%s, by %s: the other has one line, and ends', async (prompt, way) => {
    const { leaves, stays } = await prompts[prompt]();
    await ways[way](leaves);
    expect(await stays.ended).toBe(1);
    expect(stays.last()).toMatch(
      /^parley: the (other side (left|stopped|hung)|connection to the other side broke)/,
    );
    expect(stays.screen().match(/^parley:/gm)).toHaveLength(1);
  });

  it('the joiner declines, and both know what to do next', async () => {
    const { host, guest } = await meet();
    await guest.answers('Accept? [y/N]', 'what?\r');
    await guest.sees('that is neither yes nor no');
    await guest.answers('Accept? [y/N]', '\r');
    expect([await guest.ended, await host.ended]).toEqual([1, 1]);
    expect(guest.last()).toMatch(
      /^parley: you declined the terms; nothing private was sent; ask for other terms/,
    );
    expect(host.last()).toMatch(
      /^parley: the other side declined the terms; nothing private was sent; agree on other/,
    );
  });

  it.each(full ? (Object.keys(ways) as Way[]) : (['closing the window'] as const))(
    'a host that has not said yet which side it is, by %s',
    async (way) => {
      const seller = person();
      seller.put('car.json', draft);
      const host = type(seller, 'parley host --terms car.json');
      await host.sees('Which side are you');
      await ways[way](host);
      await host.ended;
    },
  );

  it('Ctrl-C ends a host that waits, and one that nobody comes to says so', async () => {
    const seller = person();
    seller.put('car.json', draft);
    const waits = type(seller, `parley host --terms car.json --role seller --listen 127.0.0.1:0`);
    await waits.answers('Ctrl-C ends it', '\u0003');
    expect(await waits.ended).toBe(130);
    const expires = type(seller, 'parley host --terms car.json --role seller --listen 127.0.0.1:0 --wait 1s');
    expect(await expires.ended).toBe(1);
    expect(expires.last()).toMatch(
      /^parley: nobody came within 1s, so the invite has expired; host again and send/,
    );
  });

  it('a wrong figure is refused with what would be right, and a wrong passphrase is no way in', async () => {
    const someone = person();
    const made = type(someone, 'parley keygen --out my.key --passphrase');
    await made.answers('at least 8 characters (not shown):', 'short\r');
    await made.sees('too short');
    await made.answers('at least 8 characters (not shown):', 'correct horse\r');
    await made.answers('once more, to be sure:', 'correct horse\r');
    expect(await made.ended).toBe(0);
    const who = type(someone, 'parley whoami --identity my.key');
    await who.answers('the passphrase of my.key (not shown):', 'wrong horse\r');
    await who.sees('the passphrase does not open this key');
    await who.answers('the passphrase of my.key (not shown):', 'correct horse\r');
    await who.sees(/fingerprint {2}[\w-]{43}/);
    expect(await who.ended).toBe(0);
    expect(made.screen() + who.screen()).not.toContain('horse');
  });
});
