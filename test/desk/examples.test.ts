import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../src/link/endpoint.ts';
import { listenAt } from '../../src/node/net/network.ts';
import { serveRelay } from '../../src/node/net/relay.ts';
import { program } from '../support/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = (name: string, ...args: string[]) => [...program(`examples/${name}.ts`), ...args];

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function relay(): Promise<string> {
  const listener = await listenAt(parseEndpoint('ws://127.0.0.1:0')!);
  open.push(serveRelay([listener]));
  return `ws://127.0.0.1:${listener.address.port}`;
}

/** Starts the seller; gives its invite, and all that it prints. */
async function seller(
  ...args: string[]
): Promise<{ readonly invite: string; readonly ended: Promise<string> }> {
  const child = spawn(process.execPath, command('seller', ...args), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const ended = new Promise<string>((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve(printed) : reject(new Error(`exit ${code}`))));
  });
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('\n')) resolve();
    });
    child.once('close', () => resolve());
  });
  return { invite: printed.split('\n')[0]!, ended };
}

async function buyer(invite: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command('buyer', invite), { cwd: root }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}

describe('the examples of a deal by invite', () => {
  it.each(['seller', 'buyer'])('%s takes at most fifteen lines', (name) => {
    const lines = readFileSync(`${root}/examples/${name}.ts`, 'utf8').split('\n');
    expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15);
  });

  it.each([
    ['directly over TCP', async () => [], /@127\.0\.0\.1:\d+$/],
    ['through a relay', async () => [await relay()], /@relay:ws:/],
  ] as const)(
    'two programs strike one %s',
    async (_, args, place) => {
      const { invite, ended } = await seller(...(await args()));
      expect(invite).toMatch(place);
      const [, outcome] = await Promise.all([ended, buyer(invite)]);
      const [, sold] = (await ended).trimEnd().split('\n');
      expect(JSON.parse(sold!)).toEqual(JSON.parse(outcome));
      expect(JSON.parse(outcome)).toMatchObject({
        deal: true,
        price: expect.stringMatching(/^(4[5-9]|5[012])\d{4}$/),
      });
    },
    60_000,
  );
});
