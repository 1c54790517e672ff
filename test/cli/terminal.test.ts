import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { program } from '../support/program.ts';
import { left } from './pseudo-terminal.ts';
import { desk, freePort, start } from './support.ts';

const { files, path } = desk();
const root = fileURLToPath(new URL('../..', import.meta.url));
/** util-linux `script` gives the command a terminal of its own. */
const hasTerminals = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

/** The command in a pseudo-terminal: what it shows, and typing once it has shown something new. */
function inTerminal(args: readonly string[]) {
  const command = [process.execPath, ...program('src/cli/main.ts'), ...args]
    .map((word) => `'${word}'`)
    .join(' ');
  const child: ChildProcess = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm' },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let screen = '';
  let read = 0;
  let wake = () => {};
  child.stdout!.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    wake();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      wake();
      resolve(code);
    });
  });
  return {
    ended,
    screen: () => screen,
    async answer(prompt: string, typed: string) {
      while (!screen.includes(prompt, read)) {
        if (child.exitCode !== null) throw new Error(`no ${prompt} in: ${screen}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      read = screen.indexOf(prompt, read) + prompt.length;
      child.stdin!.write(typed);
    },
  };
}

async function meet() {
  const port = await freePort();
  const host = start([
    ...['host', '--terms', files.terms, '--mandate', files.asks, '--identity', files.sellerKey],
    ...['--listen', `127.0.0.1:${port}`, '--wait', '60s', '--out', path(`host-${port}.agreement`)],
  ]);
  await host.said('waiting for');
  const guest = inTerminal([
    ...['join', '--terms', files.terms, '--identity', files.buyerKey, '--connect', `127.0.0.1:${port}`],
    ...['--out', path(`guest-${port}.agreement`)],
  ]);
  return { host, guest, port };
}

vi.setConfig({ testTimeout: 120_000 });

describe.runIf(hasTerminals)('at a terminal', () => {
  it('asks twice without echo until both figures are the same', async () => {
    const { host, guest, port } = await meet();
    await guest.answer('your limit (not shown):', '5,200.02\r');
    await guest.answer('once more, to be sure:', '5,200.03\r');
    await guest.answer('the two figures differ', '');
    await guest.answer('your limit (not shown):', 'plenty\r');
    await guest.answer('that is not an amount', '');
    await guest.answer('your limit (not shown):', '5,200.01\r');
    await guest.answer('Enter if this is right, or once more, to be sure:', '');
    await guest.answer('5,200.01 USD or less', '5200.01 USD\r');
    expect(await guest.ended).toBe(0);
    expect((await host.ended).code).toBe(0);
    expect(guest.screen()).toContain('deal at 4,856.17 USD');
    expect(left(guest.screen())).not.toMatch(/5,?200|plenty/);
    const saved = readFileSync(path(`guest-${port}.agreement`));
    expect(Buffer.compare(saved, readFileSync(path(`host-${port}.agreement`)))).toBe(0);
  });

  it('C3: nothing that can be typed ends a hidden prompt', async () => {
    const { host, guest, port } = await meet();
    const junk = [
      '',
      '   ',
      '\t',
      '\u0001\u0002',
      '\u001b[A',
      '\u001b[200~',
      '💶',
      'x'.repeat(5_000),
      '-',
      '1e5',
      '0x20',
      '?',
    ];
    for (const typed of [...junk, ...junk]) await guest.answer('your limit (not shown):', `${typed}\r`);
    await guest.answer('your limit (not shown):', '5200\r');
    await guest.answer('once more, to be sure:', 'junk\r');
    await guest.answer('your limit (not shown):', '5200\r');
    await guest.answer('once more, to be sure:', '\r');
    expect(await guest.ended).toBe(0);
    await host.ended;
    expect(existsSync(path(`guest-${port}.agreement`))).toBe(true);
  });

  it('C3: nor a prompt that shows what is typed', async () => {
    const out = path('junk.json');
    const asking = inTerminal(['terms', 'new', '--subject', 'car', '--unit', 'USD', '--out', out]);
    const junk = ['a\u0001\u0002', '💶', 'x'.repeat(3_000), '-', '0', '?', 'NaN', '\ty'];
    for (const typed of [...junk, ...junk]) await asking.answer('Which rule? [random-split]', `${typed}\r`);
    await asking.answer('Which rule? [random-split]', '\u0004');
    expect(await asking.ended).toBe(130);
    expect(asking.screen()).toContain('interrupted: the input has ended');
    expect(existsSync(out)).toBe(false);
  });

  it('reads a limit back, and asks about one that can mean two', async () => {
    const { host, guest, port } = await meet();
    await guest.answer('your limit (not shown):', '5.200\r');
    await guest.answer('Which number?', '');
    await guest.answer('1 for 5.20 USD, 2 for 5,200.00 USD', '2\r');
    await guest.answer('Enter if this is right, or once more, to be sure:', '');
    await guest.answer('5,200.00 USD or less', '\r');
    expect(await guest.ended).toBe(0);
    await host.ended;
    expect(left(guest.screen())).not.toMatch(/5,?\.?20/);
    expect(existsSync(path(`guest-${port}.agreement`))).toBe(true);
  });

  it('asks for terms, again where an answer cannot be used, and for any of them again', async () => {
    const out = path('asked.json');
    const asking = inTerminal(['terms', 'new', '--rounds', '2', '--out', out]);
    await asking.answer('What is negotiated?', '\r');
    await asking.answer('that is empty', 'a used car\r');
    await asking.answer('Which rule? [random-split]', 'auction\r');
    await asking.answer('that is none of the choices', '');
    await asking.answer('Which rule? [random-split]', 'Split\r');
    await asking.answer('The unit of prices', '0$\r');
    await asking.answer('range.unit begins with what could be read as a part of the figure', '');
    await asking.answer('The unit of prices', 'USD\r');
    await asking.answer('Digits after the point? [2]', '\r');
    await asking.answer('The lowest price', '1.000\r');
    await asking.answer('2  1,000.00 USD', '');
    await asking.answer('Which number?', '2\r');
    await asking.answer('The highest?', '500\r');
    await asking.answer('range: min is above max; the lowest is 1,000.00 USD', '');
    await asking.answer('The highest?', '$10k\r');
    await asking.answer('In steps of? [0.01]', '5\r');
    await asking.answer('Where between the two limits', '0.25\r');
    await asking.answer('Open for how long', '12h\r');
    await asking.answer('4  digits after the point  2', '');
    await asking.answer('6  highest price           10,000.00 USD', '');
    const again = 'Enter to write them, or the number of an answer to change:';
    await asking.answer(again, '99\r');
    await asking.answer('that is no number of an answer', '');
    await asking.answer(again, '5\r');
    await asking.answer('The lowest price there could be?', '0\r');
    await asking.answer('5  lowest price            0.00 USD', '');
    await asking.answer(again, '\r');
    expect(await asking.ended).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      subject: 'a used car',
      rule: { name: 'split', sellerShare: '1/4', rounds: 2 },
      range: { min: '0', max: '1000000', step: '500', unit: 'USD', decimals: 2 },
      expires: expect.stringMatching(/Z$/),
    });
  });

  it('asks for the issues of a menu, takes one out and adds one', async () => {
    const out = path('supply.json');
    const asking = inTerminal(['terms', 'new', '--subject', 'supply', '--rule', 'menu', '--out', out]);
    await asking.answer('Best by which measure', '4\r');
    await asking.answer('Issue 1:', 'Price: 60,000, 65,500\r');
    await asking.answer('1  Price: 60,000; 65,500', '');
    await asking.answer('Which number?', '1\r');
    await asking.answer('Issue 2:', 'Delivery: 45 days, 45 days\r');
    await asking.answer('two values are the same', '');
    await asking.answer('Issue 2:', 'Delivery: 45 days, 60 days\r');
    await asking.answer('Issue 3:', '\r');
    await asking.answer('Open for how long', '3 days\r');
    const again = 'Enter to write them, or the number of an answer to change:';
    await asking.answer(again, '6\r');
    await asking.answer('Issue 3:', 'Colour: red, blue\r');
    await asking.answer(again, '5\r');
    await asking.answer('Issue 2:', '\r');
    await asking.answer(again, '\r');
    expect(await asking.ended).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      rule: { name: 'menu', solution: 'utilitarian' },
      menu: {
        issues: [
          { name: 'Price', values: ['60,000', '65,500'] },
          { name: 'Colour', values: ['red', 'blue'] },
        ],
      },
    });
  });

  it('looks first whether the terms could be written, and Ctrl-C leaves nothing behind', async () => {
    const nowhere = inTerminal(['terms', 'new', '--out', path('no/such/folder.json')]);
    expect(await nowhere.ended).toBe(2);
    expect(nowhere.screen()).not.toContain('?');
    const out = path('menu.json');
    const asking = inTerminal(['terms', 'new', '--subject', 'supply', '--rule', 'menu', '--out', out]);
    await asking.answer('Best by which measure', '\r');
    await asking.answer('Issue 1:', '\r');
    await asking.answer('that is not an issue', '');
    await asking.answer('Issue 1:', 'Price: 4.37, 4.12\r');
    await asking.answer('Issue 2:', '\r');
    await asking.answer('Open for how long', '\u0003');
    expect(await asking.ended).toBe(130);
    expect(existsSync(out)).toBe(false);
  });

  it.runIf(process.env.PARLEY_FULL).each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s at the prompt ends both sides', async (_, key) => {
    const { host, guest } = await meet();
    await guest.answer('your limit (not shown):', key);
    expect(await guest.ended).toBe(130);
    const { code, stderr } = await host.ended;
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^parley: the other side/);
  });
});
