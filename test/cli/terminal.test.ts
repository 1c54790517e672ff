import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { desk, freePort, start } from './support.ts';

const { files, path } = desk();
const root = fileURLToPath(new URL('../..', import.meta.url));
/** util-linux `script` gives the command a terminal of its own. */
const hasTerminals = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

/** The command in a pseudo-terminal: what it shows, and typing once it has shown something new. */
function inTerminal(args: readonly string[]) {
  const command = [process.execPath, '--import', import.meta.resolve('tsx'), 'src/cli/main.ts', ...args]
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
    await guest.answer('once more, to be sure:', '5200.01 USD\r');
    expect(await guest.ended).toBe(0);
    expect((await host.ended).code).toBe(0);
    expect(guest.screen()).toContain('deal at 4,856.17 USD');
    expect(guest.screen()).not.toMatch(/5,?200|plenty/);
    const saved = readFileSync(path(`guest-${port}.agreement`));
    expect(Buffer.compare(saved, readFileSync(path(`host-${port}.agreement`)))).toBe(0);
  });

  it('asks for terms, again where an answer cannot be used', async () => {
    const out = path('asked.json');
    const asking = inTerminal(['terms', 'new', '--rounds', '2', '--out', out]);
    await asking.answer('What is negotiated?', 'a used car\r');
    await asking.answer('Which rule? [split]', 'auction\r');
    await asking.answer('that is none of the choices', '');
    await asking.answer('Which rule? [split]', '\r');
    await asking.answer('The unit of prices', 'USD\r');
    await asking.answer('Digits after the point? [2]', '\r');
    await asking.answer('The lowest price', '0\r');
    await asking.answer('The highest?', '10,000 USD\r');
    await asking.answer('In steps of? [0.01]', '5\r');
    await asking.answer('Where between the two limits', '1/4\r');
    await asking.answer('Open for how long', '12h\r');
    expect(await asking.ended).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      subject: 'a used car',
      rule: { name: 'split', sellerShare: '1/4', rounds: 2 },
      range: { min: '0', max: '1000000', step: '500', unit: 'USD', decimals: 2 },
      expires: expect.stringMatching(/Z$/),
    });
  });

  it('asks for a menu, and Ctrl-C leaves nothing behind', async () => {
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
