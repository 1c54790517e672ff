import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { benchmarks, isPart } from '../../bench/benchmarks.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(`${root}bench/README.md`, 'utf8');

/** What the table of benchmarks says: names, and the ids of their rows, where a word in capitals or an asterisk stands for anything. */
const documented = [
  ...readme.slice(0, readme.indexOf('## How')).matchAll(/^\| `(\w+)` +\| .* \| (.*) \|$/gm),
].map(([, name, ids]) => ({
  name: name!,
  ids: [...ids!.matchAll(/`([^`]+)`/g)].map(([, id]) => id!),
}));
/** The ids in the table of figures. */
const figures = [...readme.matchAll(/^\| `([\w.-]+)` \| [\d.,]+ \|/gm)].map(([, id]) => id!);

function pattern(id: string): RegExp {
  const escaped = id.replaceAll('.', '\\.').replaceAll('*', '.+');
  return new RegExp(`^${escaped.replaceAll(/\b[A-Z]{2,}\b/g, '[\\w-]+')}$`);
}

describe('the benchmarks', () => {
  it('are those of the README, in its order, and can be loaded', { timeout: 120_000 }, async () => {
    expect(documented.map(({ name }) => name)).toEqual(Object.keys(benchmarks));
    for (const load of Object.values(benchmarks)) {
      const { run, parts = [] } = await load();
      expect(run).toBeTypeOf('function');
      expect(new Set(parts).size).toBe(parts.length);
    }
  });

  it('have parts that can be named', () => {
    expect(isPart('home20.price.cold', undefined)).toBe(true);
    expect(isPart('home20.price.cold', 'home20.price')).toBe(true);
    expect(isPart('home20.price.cold', 'home20.price.cold')).toBe(true);
    expect(isPart('home20.price.cold', 'home2')).toBe(false);
    expect(isPart('home20.price', 'home20.price.cold')).toBe(false);
  });

  it('have their ids documented', () => {
    expect(figures.length).toBeGreaterThan(20);
    const patterns = documented.flatMap(({ ids }) => ids).map(pattern);
    expect(figures.filter((id) => !patterns.some((known) => known.test(id)))).toEqual([]);
  });
});

describe.runIf(process.env.PARLEY_FULL)('each benchmark, at a tiny size', () => {
  const rows = new Map<string, number | null>();
  it.each(documented)('$name yields the rows that are documented', { timeout: 600_000 }, async (row) => {
    const measured = await quickly(row.name);
    for (const { id, value } of measured) rows.set(id, value);
    const patterns = row.ids.map(pattern);
    for (const { id } of measured)
      expect(
        patterns.filter((known) => known.test(id)),
        id,
      ).not.toEqual([]);
    for (const known of patterns)
      expect(
        measured.filter(({ id }) => known.test(id)),
        `${known}`,
      ).not.toEqual([]);
    expect(new Set(measured.map(({ id }) => id)).size).toBe(measured.length);
  });

  it('and so every figure of the README has its row', () => {
    expect(figures.filter((id) => !rows.has(id))).toEqual([]);
  });
});

/** The rows of `npm run bench -- --quick --json NAME`. */
async function quickly(name: string): Promise<{ readonly id: string; readonly value: number | null }[]> {
  const line = ['--import', 'tsx', 'bench/main.ts', '--quick', '--json', name];
  const bench = spawn(process.execPath, line, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => bench.once('exit', resolve));
  let said = '';
  for await (const chunk of bench.stdout) said += String(chunk);
  expect(await ended).toBe(0);
  return (JSON.parse(said) as { rows: { id: string; value: number | null }[] }).rows;
}
