import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { program } from '../support/program.ts';

/** util-linux `script` gives a command a terminal of its own. */
export const hasTerminals = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

/** Milliseconds to wait for something to be shown. */
const PATIENCE = 30_000;

/** A person with a terminal of 80 columns, a folder and a home of their own. */
export interface Person {
  readonly folder: string;
  readonly home: string;
  /** What is different for their commands. */
  readonly env: Readonly<Record<string, string | undefined>>;
  put(name: string, content: unknown): string;
}

export function person(): Person {
  const folder = mkdtempSync(join(tmpdir(), 'parley-person-'));
  return {
    folder,
    home: join(folder, 'home'),
    env: { PARLEY_HOME: join(folder, 'home') },
    put(name, content) {
      const path = join(folder, name);
      writeFileSync(path, JSON.stringify(content));
      return path;
    },
  };
}

/** A text as it was before lines were broken at 80 columns: a line goes on below if the next word had no room in it. */
function unwrapped(text: string): string {
  const [first = '', ...lines] = text.split('\n');
  let last = first;
  return lines.reduce((whole, line) => {
    const [word = ''] = line.trimStart().split(' ');
    const goesOn = word !== '' && last !== '' && last.length <= 80 && last.length + 1 + word.length > 80;
    last = line;
    return goesOn ? `${whole} ${line.trimStart()}` : `${whole}\n${line}`;
  }, first);
}

const open = new Set<ChildProcess>();

/** What is left to be seen on a terminal, without control sequences, and without lines that were taken away again. */
export function left(raw: string): string {
  const lines = raw.split('\n').map((line) => line.split('\r\u001b[K').at(-1)!);
  return stripVTControlCharacters(lines.join('\n')).replaceAll('\r', '');
}

/** `parley ARGUMENTS` as a person types it into their terminal; `redirected` is what stands behind it. */
export function type({ folder, env }: Person, line: string, redirected = '') {
  const words = [process.execPath, ...program('src/cli/main.ts')];
  const command = line.replace(/^parley /, `${words.map((word) => `'${word}'`).join(' ')} `);
  const child: ChildProcess = spawn(
    'script',
    ['-qec', `stty cols 80; exec ${command} ${redirected}`, '/dev/null'],
    {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env, SHELL: '/bin/sh', TERM: 'xterm', NO_COLOR: '1' },
    },
  );
  open.add(child);
  let raw = '';
  let read = 0;
  let wake = () => {};
  child.stdin!.on('error', () => undefined);
  child.stdout!.on('data', (chunk: Buffer) => {
    raw += chunk.toString();
    wake();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      open.delete(child);
      wake();
      resolve(code);
    });
  });
  const screen = () => left(raw);
  const sees = async (text: string | RegExp): Promise<string> => {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const rest = screen().slice(read);
      const at = typeof text === 'string' ? rest.indexOf(text) : rest.search(text);
      if (at >= 0) {
        const found = typeof text === 'string' ? text : text.exec(rest)![0];
        read += at + found.length;
        return found;
      }
      const over = child.exitCode !== null || child.signalCode !== null || Date.now() > deadline;
      if (over) throw new Error(`no ${text} in:\n${screen()}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 1_000);
      });
    }
  };
  return {
    ended,
    screen,
    /** All that was written to the terminal. */
    raw: () => raw,
    /** Waits until something new has been shown, and gives it. */
    sees,
    /** Waits for a prompt, then types. */
    async answers(prompt: string | RegExp, typed: string) {
      await sees(prompt);
      child.stdin!.write(typed);
    },
    async press(key: string) {
      child.stdin!.write(key);
    },
    /** The last line that is not empty, whole. */
    last: () => unwrapped(screen()).trimEnd().split('\n').at(-1)!,
    /** Closes the terminal window, and waits until nothing is left of what ran in it. */
    async closeWindow() {
      const inside = descendants(child.pid!);
      child.kill('SIGKILL');
      for (let tries = 0; inside.some(isAlive); tries++) {
        if (tries > 200) throw new Error('something went on running');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    /** Ends what runs in the terminal without a chance to say anything, like a crash or a power cut. */
    crash() {
      for (const pid of descendants(child.pid!)) process.kill(pid, 'SIGKILL');
    },
  };
}

/** Closes what a test has left open. */
export function closeAll(): void {
  for (const child of open) child.kill('SIGKILL');
}

export type Terminal = ReturnType<typeof type>;

/** The invite that a host says to send, below what starts `join`. */
export async function inviteOf(host: Terminal): Promise<string> {
  await host.sees(/^npx parley-mpc join( --stdio)?$/m);
  return host.sees(/^parley1-[\w-]{72}@\S+$/m);
}

/** `parley join`, typed by a person who then pastes an invite. */
export function joins(person: Person, invite: string, flags = '', redirected = ''): Terminal {
  const guest = type(person, `parley join ${flags}`, redirected);
  void guest.answers('the invite that you were sent:', `${invite}\r`).catch(() => undefined); // seen where it is awaited
  return guest;
}

function descendants(of: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number) as [number, number]);
  const children = table.filter(([, parent]) => parent === of).map(([pid]) => pid);
  return children.flatMap((pid) => [pid, ...descendants(pid)]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
