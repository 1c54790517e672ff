import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { program } from '../support/program.ts';
import { freePort } from './free-port.ts';

export { freePort } from './free-port.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The command as a process of its own, as a user starts it. */
export function start(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Record<string, string>;
    /** What the process loads first: paths of sources. */
    readonly preload?: readonly string[];
  } = {},
) {
  const child: ChildProcess = spawn(
    process.execPath,
    [...program('src/cli/main.ts', ...(options.preload ?? [])), ...args],
    {
      cwd: options.cwd ?? root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...options.env },
    },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  const watchers: { text: string; done: () => void }[] = [];
  child.stdout!.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const watcher of watchers) if (stderr.includes(watcher.text)) watcher.done();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      for (const watcher of watchers) watcher.done();
      resolve({ code, stdout, stderr });
    });
  });
  return {
    child,
    ended,
    /** Resolves with stdout so far once it holds `text` and the line's end, or when the process has ended. */
    printed: async (text: string) => {
      while (!stdout.slice(stdout.indexOf(text)).includes('\n') || !stdout.includes(text)) {
        if (child.exitCode !== null) break;
        await new Promise((resolve) => child.stdout!.once('data', resolve).once('close', resolve));
      }
      return stdout;
    },
    /** Resolves with stderr so far once it holds `text`, or when the process has ended. */
    said: (text: string) =>
      new Promise<string>((resolve) => {
        if (stderr.includes(text) || child.exitCode !== null) return resolve(stderr);
        watchers.push({ text, done: () => resolve(stderr) });
      }),
  };
}

export const parley = (...args: readonly string[]) => start(args).ended;

/** The command inside this process, for what ends before anything is started. */
export async function inProcess(...args: readonly string[]): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    stdout += String(chunk);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    stderr += String(chunk);
    return true;
  });
  try {
    const code = await runCommandLine(args, new AbortController().signal);
    return { code, stdout, stderr };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

/** A temporary folder with keys, terms and mandates of a seller and a buyer. */
export function desk() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'));
  const put = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const [seller, buyer] = [generateIdentity(), generateIdentity()];
  const range = { min: '0', max: '1000000', step: '1', unit: 'USD', decimals: 2 };
  const draft = { parley: 1, subject: 'used car', rule: { name: 'split' }, range };
  const terms = {
    ...draft,
    security: 'semi-honest',
    parties: { seller: seller.publicKey, buyer: buyer.publicKey },
    expires: '2099-01-01T00:00:00Z',
    nonce: 'AAECAwQFBgcICQoLDA0ODw',
  };
  return {
    folder,
    put,
    path: (name: string) => join(folder, name),
    terms,
    draft,
    files: {
      draft: put('draft.json', draft),
      terms: put('terms.json', terms),
      sellerKey: put('seller.key', seller.exportPrivate()),
      buyerKey: put('buyer.key', buyer.exportPrivate()),
      sellerPublic: put('seller.pub', seller.publicKey),
      buyerPublic: put('buyer.pub', buyer.publicKey),
      asks: put('asks.json', { reservation: '451234' }),
      bids: put('bids.json', { reservation: '520001' }),
    },
    seller,
    buyer,
  };
}

/** Two processes strike a deal over TCP: `host` and `join`, each with the flags given. Throws unless both end well; gives the host's copy's path. */
export async function strikeDeal(
  terms: string,
  path: (name: string) => string,
  sides: Readonly<Record<'host' | 'guest', readonly string[]>>,
): Promise<string> {
  const port = await freePort();
  const copies = { host: path('host.agreement'), guest: path('guest.agreement') };
  const host = start([
    ...['host', '--terms', terms, ...sides.host],
    ...['--listen', `127.0.0.1:${port}`, '--wait', '60s', '--out', copies.host],
  ]);
  await host.said('waiting for');
  const guest = start([
    ...['join', '--terms', terms, ...sides.guest],
    ...['--connect', `127.0.0.1:${port}`, '--out', copies.guest],
  ]);
  const ended = [await guest.ended, await host.ended];
  if (ended.some(({ code }) => code !== 0)) throw new Error(ended.map(({ stderr }) => stderr).join());
  if (Buffer.compare(readFileSync(copies.host), readFileSync(copies.guest)) !== 0) {
    throw new Error('the two copies of the agreement differ');
  }
  return copies.host;
}
