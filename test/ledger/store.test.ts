import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Ledger, memoryStore, START, type Store } from '../../src/ledger/index.ts';
import { fileStore } from '../../src/node/store/index.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let runs = 0;

const log = 'ab'.repeat(32);
const other = 'cd'.repeat(32);

describe.each<[string, () => Promise<Store> | Store]>([
  ['in memory', memoryStore],
  ['in files', () => fileStore(join(root, String(runs++)))],
])('a store %s', (_, make) => {
  it('gives back what was appended, from any position on', async () => {
    const store = await make();
    expect(await store.read(log, START)).toEqual({ continued: true, records: [] });
    expect(await store.list()).toEqual([]);
    const positions = [START];
    for (const text of ['{"n":1}', '{"n":2}', '{"n":"\u00e9\ufffd"}']) {
      positions.push((await store.append(log, text, positions.at(-1)!))!);
    }
    await store.append(other, '{}', START);
    expect((await store.list()).sort()).toEqual([log, other]);
    for (const [index, position] of positions.entries()) {
      const { continued, records } = await store.read(log, position);
      expect(continued).toBe(true);
      expect(records.map((record) => record.position)).toEqual(positions.slice(index + 1));
    }
    expect((await store.read(log, START)).records.map(({ text }) => text)[2]).toBe('{"n":"\u00e9\ufffd"}');
    expect(await store.pick(log, [positions[3]!, positions[1]!])).toEqual([
      '{"n":"\u00e9\ufffd"}',
      '{"n":1}',
    ]);
    expect(await store.pick(log, [])).toEqual([]);
  });

  it('appends behind the last record only', async () => {
    const store = await make();
    const first = (await store.append(log, '1', START))!;
    const second = (await store.append(log, '2', first))!;
    for (const position of [START, first]) {
      expect(await store.append(log, 'late', position)).toBeUndefined();
    }
    expect((await store.read(log, START)).records.map(({ text }) => text)).toEqual(['1', '2']);
    expect(await store.append(log, '3', second)).toBeDefined();
  });

  it('lets exactly one of many have a place', async () => {
    const store = await make();
    for (let round = 0, last = START; round < 3; round++) {
      const tried = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.append(log, `${round} ${index}`, last)),
      );
      const won = tried.filter((position) => position !== undefined);
      expect(won).toHaveLength(1);
      const { records } = await store.read(log, last);
      expect(records.map(({ position }) => position)).toEqual(won);
      last = won[0]!;
    }
  });

  it('refuses a position that no record has', async () => {
    const store = await make();
    const position = (await store.append(other, '1', START))!;
    await expect(store.pick(log, [position])).rejects.toMatchObject({ code: 'ERR_LEDGER_CORRUPT' });
    await store.append(log, '2', START);
    if (position !== '1') {
      expect(await store.append(log, '3', position)).toBeUndefined();
      expect(await store.read(log, position)).toMatchObject({ continued: false, records: [{ text: '2' }] });
      await expect(store.pick(log, [position])).rejects.toMatchObject({ code: 'ERR_LEDGER_CORRUPT' });
      expect(await store.append(log, '3', 'not a position')).toBeUndefined();
    }
  });

  it('gives a hold to one at a time, and to the next in time', async () => {
    const store = await make();
    const hold = (await store.hold('a', 0))!;
    expect(await store.hold('a', 0)).toBeUndefined();
    const another = (await store.hold('b', 0))!;
    const waiting = store.hold('a', 10_000);
    await hold.release();
    const next = (await waiting)!;
    await hold.release();
    expect(await store.hold('a', 0)).toBeUndefined();
    await next.release();
    await another.release();
    await (await store.hold('a', 0))!.release();
  });

  it('holds a ledger', async () => {
    const store = await make();
    const peer = new Uint8Array(32).fill(9);
    const digest = (fill: number) => new Uint8Array(32).fill(fill);
    const attempt = { question: digest(1), own: digest(2), peer: digest(3), session: digest(4) };
    const limits = { rule: 'split', attempts: 1, bits: 2, maxDisclosure: undefined, shown: true };
    const session = await new Ledger(store).begin(peer, 'car');
    session.admit(attempt, limits);
    await session.sealed({ bid: 1 });
    await session.released();
    await session.end();
    const again = await new Ledger(store).begin(peer, 'car');
    expect(await again.previousSeals(digest(1))).toMatchObject([{ seal: { bid: 1 }, required: true }]);
    expect(() => again.admit({ ...attempt, own: digest(5) }, limits)).toThrowError(
      expect.objectContaining({ code: 'ERR_SEAL_CHANGED' }),
    );
    again.admit(attempt, limits);
    await again.sealed({ bid: 1 });
    await again.released();
    await again.agreed(digest(6));
    await again.end();
    const [summary] = await new Ledger(store).list();
    expect(summary).toMatchObject({ peer, disclosedBits: 2, attempts: [{ matter: 'car', releases: 1 }] });
    expect(summary?.attempts[0]?.agreement).toBeDefined();
  });
});
