import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { firstDealPage, page, playFirstDeal } from '../../scripts/first-deal.ts';
import {
  closeAll,
  hasTerminals,
  inviteOf,
  joins,
  type Person,
  person,
  type Terminal,
  type,
} from './pseudo-terminal.ts';
import { freePort, inProcess } from './support.ts';

vi.setConfig({ testTimeout: 120_000 });
afterEach(closeAll);

const range = { min: '0', max: '1000000', unit: 'USD', decimals: 2 };
const car = { parley: 1, subject: 'used car', rule: { name: 'split' }, range };
/** Quicker, where what is tested is not the computation. */
const quick = { ...car, security: 'semi-honest' };

/** Two people who have never used Parley; the seller has written a draft. */
function strangers(draft: object = quick): { seller: Person; buyer: Person } {
  const [seller, buyer] = [person(), person()];
  seller.put('car.json', draft);
  return { seller, buyer };
}

const agreementIn = ({ folder }: Person) =>
  readFileSync(join(folder, readdirSync(folder).find((name) => name.startsWith('agreement-'))!));

/** Both people type what they are asked for, and end with one agreement. */
async function deal(host: Terminal, guest: Terminal, seller: Person, buyer: Person) {
  await guest.answers('Accept? [y/N]', 'y\r');
  await host.sees('has accepted the terms');
  await host.answers('your limit (not shown):', '4,500.00\r');
  await host.answers('once more, to be sure:', '4500 USD\r');
  await host.sees('waiting for the buyer’s figure; nothing private has been sent');
  await guest.answers('your limit (not shown):', '5200\r');
  await guest.answers('once more, to be sure:', '5200\r');
  expect([await host.ended, await guest.ended]).toEqual([0, 0]);
  for (const side of [host, guest]) {
    expect(side.screen()).toContain('deal at 4,850.00 USD');
    expect(side.screen()).toContain('the agreement, signed by both, is in agreement-');
    expect(side.screen()).not.toMatch(/5,?200|4,?500/);
  }
  expect(Buffer.compare(agreementIn(seller), agreementIn(buyer))).toBe(0);
}

/** A page without what differs every time. */
function masked(text: string): string {
  return text
    .replaceAll(/parley1-[\w-]+(?=\n@)/g, 'INVITE')
    .replaceAll(/parley1-[\w-]+\n[\w-]+(?=@)/g, 'INVITE')
    .replaceAll(/(?<![\w-])[\w-]{43}(?![\w-])/g, 'FINGERPRINT')
    .replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?/g, 'TIME')
    .replaceAll(/Nonce: [\w-]+/g, 'NONCE')
    .replaceAll(/deal at [\d,.]+/g, 'PRICE')
    .replaceAll(/agreement-[\w-]+\.json/g, 'AGREEMENT');
}

describe.runIf(hasTerminals)('two people who have only been told what to type', () => {
  it('strike a deal although they mistype every answer once, and docs/first-deal.md is what they see', async () => {
    const port = await freePort();
    const played = await playFirstDeal(port);
    for (const { line, exit, screen } of [played.terms, played.host, played.join]) {
      expect(exit, line).toBe(0);
      expect(screen.brokenWords(), line).toEqual([]);
    }
    const [price, again] = [played.host, played.join].map(
      ({ screen }) => /deal at ([\d,.]+) USD/.exec(screen.lines().join('\n'))![1]!,
    );
    expect(again).toBe(price);
    expect(Number(price!.replace(',', ''))).toBeGreaterThanOrEqual(4500);
    expect(Number(price!.replace(',', ''))).toBeLessThanOrEqual(5200);
    for (const { screen } of [played.host, played.join]) {
      const shown = screen
        .lines()
        .join('\n')
        .replaceAll(/deal at .*/g, '');
      expect(shown).not.toMatch(/4[,.]?[56]00|5[,.]?200|52,000|forty/);
    }
    expect(masked(firstDealPage(played, port))).toBe(masked(readFileSync(page, 'utf8')));
  });

  it('strike a deal, with terms as they stand by default', async () => {
    const { seller, buyer } = strangers(car);
    const port = await freePort();
    const host = type(seller, `parley host --terms car.json --listen 127.0.0.1:${port}`);
    await host.sees('made an identity for you');
    await host.answers('Which side are you, seller or buyer?', 'seller\r');
    const invite = await inviteOf(host);
    await host.sees('listening on');
    expect(host.screen()).toContain(
      '127.0.0.1 is this machine itself: nobody outside your own machine can reach it.',
    );
    const guest = joins(buyer, invite);
    await host.sees(/connected with the buyer, [\w-]{43}/);
    await guest.sees(/connected with the seller, [\w-]{43}/);
    await guest.sees('You would be the buyer.');
    await deal(host, guest, seller, buyer);
    for (const side of [host, guest]) {
      const long = side
        .screen()
        .split('\n')
        .filter((line) => line.length > 80 && !line.includes('parley1-'));
      expect(long.filter((line) => !line.includes(seller.folder) && !line.includes(buyer.folder))).toEqual(
        [],
      );
    }
    const verified = await inProcess(
      'verify',
      join(buyer.folder, readdirSync(buyer.folder).find((name) => name.startsWith('agreement-'))!),
    );
    expect(verified.stderr).toContain('valid agreement');
    const again = joins(buyer, invite);
    expect(await again.ended).toBe(1);
    expect(again.last()).toMatch(
      /^parley: nobody is listening at .*; the invite has been used or has expired: ask for a new one/,
    );
  });

  // In the normal run a relay is met in test/readme.test.ts, and by WebSockets in test/desk/examples.test.ts, without anybody who types.
  it.runIf(process.env.PARLEY_FULL)('strike a deal through a relay, over WebSockets', async () => {
    const { seller, buyer } = strangers();
    const port = await freePort();
    const relay = type(person(), `parley relay --listen ws://127.0.0.1:${port}`);
    await relay.sees('relaying on');
    const host = type(seller, `parley host --terms car.json --role seller --relay ws://127.0.0.1:${port}`);
    const invite = await inviteOf(host);
    expect(invite).toMatch(/@relay:ws:\/\/127\.0\.0\.1:\d+$/);
    await host.sees('listening at the relay');
    await deal(host, joins(buyer, invite), seller, buyer);
    await relay.answers('Ctrl-C ends it', '\u0003');
    expect(await relay.ended).toBe(130);
  });

  it.runIf(process.env.PARLEY_FULL)(
    'strike a deal through a relay over TCP, and over WebSockets directly',
    async () => {
      const ports = [await freePort(), await freePort()];
      const relay = type(person(), `parley relay --listen 127.0.0.1:${ports[0]}`);
      await relay.sees('relaying on');
      for (const where of [`--listen ws://127.0.0.1:${ports[1]}`, `--relay 127.0.0.1:${ports[0]}`]) {
        const { seller, buyer } = strangers();
        const host = type(seller, `parley host --terms car.json --role seller ${where}`);
        await deal(host, joins(buyer, await inviteOf(host)), seller, buyer);
      }
      await relay.closeWindow();
    },
  );

  it('strike a deal over pipes that something else connects', async () => {
    const { seller, buyer } = strangers();
    const [forth, back] = [join(seller.folder, 'forth'), join(seller.folder, 'back')];
    execFileSync('mkfifo', [forth, back]);
    const host = type(seller, 'parley host --terms car.json --role seller --stdio', `0<>${back} 1<>${forth}`);
    const invite = await inviteOf(host);
    expect(invite).toMatch(/@stdio$/);
    await deal(host, joins(buyer, invite, '--stdio', `0<>${forth} 1<>${back}`), seller, buyer);
  });
});
