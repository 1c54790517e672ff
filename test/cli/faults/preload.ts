/** A file system with a fault: `node --import …/preload.ts`, with a `Plan` in the environment. Reads are never touched. */
import fs, { type PathLike } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { PLAN, type Plan } from './plan.ts';

const plan = JSON.parse(process.env[PLAN]!) as Plan;
const note = fs.appendFileSync;
const paths = new WeakMap<object, string>();
let steps = 0;
/** Steps so far that `plan.after` fits. */
let fitting = 0;

/** What a step needs of the system. */
type Need = 'room' | 'permission';
// biome-ignore lint/suspicious/noExplicitAny: methods of every shape are wrapped
type Method = (this: any, ...args: any[]) => any;

const isOurs = (path: unknown): path is PathLike =>
  (typeof path === 'string' || path instanceof URL) && resolve(String(path)).startsWith(plan.under);

/** What a file is: a log, a file on its way to its name, a lock, or itself. */
function kindOf(path: string): string {
  if (basename(dirname(path)) === 'locks') return 'lock';
  if (path.endsWith('.log')) return 'log';
  return basename(path).startsWith('.parley-') ? 'temporary' : basename(path);
}

/** Counts a step. Throws what the system says of it; `half` does a part of it first, if the process is to be killed there. */
function step(name: string, path: string, need: Need, half?: () => unknown): void {
  const index = steps++;
  const line = `${name} ${kindOf(path)}`;
  note(plan.steps, `${line}\n`);
  const { at, after } = plan;
  const due = at === undefined ? after !== undefined && fitting >= after.times : index >= at;
  if (after !== undefined && new RegExp(after.step).test(line)) fitting += 1;
  if (!due) return;
  if (plan.fault === 'kill') {
    half?.();
    process.kill(process.pid, 'SIGKILL');
    for (;;); // not one step further
  }
  const refused = { ENOSPC: need === 'room', EACCES: need === 'permission', EROFS: true }[plan.fault!];
  if (!refused) return;
  const error = Object.assign(new Error(`${plan.fault}: ${name}`), { code: plan.fault, syscall: name, path });
  throw Object.assign(error, { errno: -1 });
}

function wrap(object: object, name: string, around: (original: Method) => Method): void {
  const methods = object as Record<string, Method>;
  methods[name] = around(methods[name]!);
}

for (const name of ['link', 'rename', 'unlink', 'mkdir'] as const) {
  wrap(
    fs.promises,
    name,
    (original) =>
      async function (path, ...rest) {
        if (isOurs(path)) {
          step(name, String(name === 'link' || name === 'rename' ? rest[0] : path), 'permission');
          if (name === 'link' && !plan.links) throw Object.assign(new Error('no links'), { code: 'EPERM' });
        }
        return original.call(this, path, ...rest);
      },
  );
}
wrap(
  fs.promises,
  'open',
  (original) =>
    async function (path, flags, ...rest) {
      const makes =
        typeof flags === 'number' ? (flags & fs.constants.O_CREAT) !== 0 : /^[wa]/.test(flags ?? 'r');
      if (isOurs(path) && makes) step('open', String(path), 'permission');
      const file = await original.call(this, path, flags, ...rest);
      if (isOurs(path)) paths.set(file, String(path));
      return file;
    },
);
wrap(
  fs,
  'appendFileSync',
  (original) =>
    function (path, ...rest) {
      if (isOurs(path)) step('append', String(path), 'room');
      return original.call(this, path, ...rest);
    },
);

const probe = await fs.promises.open(new URL(import.meta.url), 'r');
const handles = Object.getPrototypeOf(probe) as object;
await probe.close();
/** What writes to a file that is open, with its own half of the step. */
function wroteTo(this: { readonly fd: number }, name: string, data: unknown, position: number | null): void {
  const path = paths.get(this);
  if (path === undefined) return;
  const bytes = typeof data === 'string' || data instanceof Uint8Array ? Buffer.from(data) : undefined;
  const record = /"type":"(\w+)"/.exec(bytes?.toString() ?? '')?.[1];
  const half = bytes && (() => fs.writeSync(this.fd, bytes, 0, bytes.length >> 1, position));
  step(record === undefined ? name : `${name} ${record}`, path, 'room', half);
}

for (const name of ['write', 'appendFile', 'truncate', 'sync'] as const) {
  wrap(
    handles,
    name,
    (original) =>
      async function (data, ...rest) {
        wroteTo.call(this, name, data, rest[2] ?? null);
        return original.call(this, data, ...rest);
      },
  );
}
wrap(
  fs.promises,
  'writeFile',
  (original) =>
    async function (file, data, ...rest) {
      if (typeof file === 'object' && file !== null) wroteTo.call(file, 'write', data, null);
      return original.call(this, file, data, ...rest);
    },
);
syncBuiltinESMExports();
