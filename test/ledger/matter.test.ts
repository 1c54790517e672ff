import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { canonicalText, encodeBase64url } from '../../src/documents/json.ts';
import { type Limits, normaliseMatter } from '../../src/ledger/index.ts';
import { CHAIN_START, encodeLine, headerOf } from '../../src/ledger/lines.ts';
import { fileLedger } from '../../src/node/store/index.ts';
import { everyCharacter } from '../documents/support.ts';

/** The form that matters were recorded in up to version 0.1.0. */
function formerly(subject: string): string {
  return subject.normalize('NFKC').toLowerCase().normalize('NFKC').replace(/\s+/gu, ' ').trim();
}

describe('a matter that an earlier version has recorded', () => {
  it('has the same form now as its subject has, for every character', () => {
    for (const characters of everyCharacter()) {
      for (const between of [' ', 'b a', 'Σ']) {
        const text = characters.join(between);
        expect(normaliseMatter(formerly(text))).toBe(normaliseMatter(text));
      }
    }
  });

  it('has the same form now as its subject has, for any string', () => {
    const nasty = fc.constantFrom(
      ...'aAsSßẞΣςσİıſKÅﬁ-–−’" \t\u00a0\u200b\u200d\u00ad\u0301\u0345\u0307\u0338ͺᾳǅ\uFEFFㅤ힣각ᄀ',
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 1 })) }),
        (text) => {
          expect(normaliseMatter(formerly(text))).toBe(normaliseMatter(text));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['Straße 5', 'STRASSE 5'],
    ['vehicle‑4711', 'vehicle-4711'],
    ['used car\u200b', 'used car'],
    ['οδος', 'ΟΔΟΣ'],
  ])('counts: an outcome released on %j uses up the attempt on %j', async (recorded, now) => {
    const directory = mkdtempSync(join(root, 'ledger-'));
    const peer = new Uint8Array(32).fill(9);
    const digest = (byte: number) => encodeBase64url(new Uint8Array(32).fill(byte));
    const common = {
      matter: formerly(recorded),
      session: digest(1),
      question: digest(2),
      own: digest(3),
      peer: digest(4),
      time: '2026-11-22T10:00:00Z',
    };
    expect(common.matter).not.toBe(normaliseMatter(now));
    const log = '09'.repeat(32);
    const records = [
      { type: 'sealed', ...common, seal: { bid: '1' } },
      { type: 'released', ...common, bits: 1 },
    ];
    let [chain, text] = [CHAIN_START, ''];
    for (const one of [headerOf(log), ...records.map(canonicalText)]) {
      const line = new TextDecoder().decode(encodeLine(one, chain));
      chain = line.slice(0, CHAIN_START.length);
      text += line;
    }
    writeFileSync(join(directory, `${log}.log`), text);

    const ledger = await fileLedger(directory);
    const limits: Limits = { rule: 'split', attempts: 1, bits: 1, maxDisclosure: undefined, shown: true };
    const session = await ledger.begin(peer, now);
    const attempt = (own: number) => ({
      question: new Uint8Array(32).fill(2),
      own: new Uint8Array(32).fill(own),
      peer: new Uint8Array(32).fill(4),
      session: new Uint8Array(32).fill(5),
    });
    expect(await session.previousSeals(attempt(3).question)).toEqual([
      { seal: { bid: '1' }, own: digest(3), required: true, returned: false },
    ]);
    expect(() => session.admit(attempt(7), limits)).toThrowError(
      expect.objectContaining({ code: 'ERR_SEAL_CHANGED' }),
    );
    session.admit(attempt(3), limits);
    await session.sealed({ bid: '1' });
    await session.released();
    await session.agreed(new Uint8Array(32));
    expect(() => session.admit(attempt(7), limits)).toThrowError(
      expect.objectContaining({ code: 'ERR_ATTEMPTS_EXHAUSTED' }),
    );
    await session.end();
    expect((await ledger.list())[0]!.attempts).toMatchObject([{ matter: normaliseMatter(now), releases: 1 }]);
  });
});

const root = mkdtempSync(join(tmpdir(), 'parley-matter-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
