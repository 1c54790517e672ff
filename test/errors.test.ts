import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { documents, filled } from '../scripts/reference.ts';
import { adviceFor } from '../src/cli/terminal/advice.ts';
import {
  type ErrorClass,
  type ErrorCode,
  errorEntries,
  errorEntry,
  InputError,
  isParleyError,
  LedgerError,
  ParleyError,
  PeerAbortedError,
  PeerCheatedError,
  PeerLeftError,
  TimeoutError,
} from '../src/errors.ts';
import { pages } from './docs/pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const entries = errorEntries();
const codes = new Set<string>(entries.map(({ code }) => code));
const classOf = (code: string) => errorEntry(code as ErrorCode)?.class;

/** Every source but the table itself: whole, and without its comments. */
const sources = ['src', 'protocols']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  .filter((file) => file.endsWith('.ts') && !file.endsWith('kernel-binary.ts'))
  .filter((file) => file !== 'src/errors/table.ts')
  .map((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return { file, text, code: text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1') };
  });

/**
 * An error of a class that is made with this code, or one of the two alone: `super('ERR_…')`, `refused('ERR_…')`, `new TimeoutError(`. The codes of a kind of document are
 * those of VerificationErrors.
 */
function made({ code }: { code: string }): { name: string | undefined; code: string | undefined }[] {
  const named = [...code.matchAll(/\bnew (\w+Error)(?:<\w+>)?\(/g)].map(([, name]) => ({
    name,
    code: undefined,
  }));
  const coded = [...code.matchAll(/(?<![.\w])(?:new (\w+Error)|\w+)\(\s*'(ERR_[A-Z_]+)'/g)].map(
    ([, name, which]) => ({ name, code: which }),
  );
  const defined = [...code.matchAll(/\b(?:format|signers|signature): '(ERR_[A-Z_]+)'/g)].map(([, which]) => ({
    name: 'VerificationError',
    code: which,
  }));
  return [...named, ...coded, ...defined];
}

/** A part of a document that scripts/reference.ts writes, out of date. */
const part = (name: string) => `<!-- made:${name} -->\n\nold\n\n<!-- /made -->\n`;

describe('the table of errors', () => {
  test('has each code once', () => {
    expect(codes.size).toBe(entries.length);
    expect(codes.size).toBeGreaterThan(60);
  });

  test.each(documents)('%s is what scripts/reference.ts writes', (document) => {
    const written = readFileSync(join(root, document), 'utf8');
    expect(written).toContain('<!-- made:');
    expect(filled(written)).toBe(written);
  });

  test('documents out of date are noticed', () => {
    const text = part('exits') + part('errors');
    expect(filled(text)).not.toBe(text);
    expect(filled(filled(text))).toBe(filled(text));
  });

  test.each([
    ['is missing', part('exits')],
    ['has lost its end', part('errors') + part('exits').replace('<!-- /made -->', '')],
    [
      'stands before one that has lost its beginning',
      part('exits') + part('errors').replace('<!-- made:errors -->', ''),
    ],
    ['is there twice', part('exits') + part('errors') + part('exits')],
  ])('a made part that %s is noticed', (_, text) => {
    expect(() => filled(text)).toThrow(/is not there once/);
  });

  test('has its words in one line, to stand beside others', () => {
    for (const { meaning, action, code } of entries) {
      for (const text of [meaning, action]) expect(text, code).toMatch(/^[^\n]{3,110}[^.\s]$/);
    }
  });
});

describe('what src/ and protocols/ throw', () => {
  test('every code that is made is in the table, with that class', () => {
    const wrong = sources.flatMap((source) =>
      made(source)
        .filter(
          ({ name, code }) =>
            code !== undefined && (!codes.has(code) || (name ?? classOf(code)) !== classOf(code)),
        )
        .map((one) => `${source.file}: ${one.name} ${one.code}`),
    );
    expect(wrong).toEqual([]);
  });

  test('every code of the table is made somewhere', () => {
    const all = sources.flatMap(made);
    const found = new Set(all.map(({ code }) => code));
    expect(all.length).toBeGreaterThan(200);
    expect([...codes].filter((code) => !found.has(code))).toEqual([]);
  });

  test('every class of the table is made somewhere', () => {
    const found = new Set(sources.flatMap(made).map(({ name }) => name));
    expect([...new Set(entries.map((entry) => entry.class))].filter((name) => !found.has(name))).toEqual([]);
  });

  test('comments and documents name codes that exist, of the class that they say', () => {
    const wrong: string[] = [];
    for (const { file, text } of [...sources, ...pages.map((page) => ({ ...page, file: page.path }))]) {
      for (const [, code, more] of text.matchAll(/\b(ERR_[A-Z_]*[A-Z])(_?…|_(?='))?/g)) {
        const known =
          more === undefined ? codes.has(code!) : [...codes].some((one) => one.startsWith(`${code}_`));
        if (!known) wrong.push(`${file}: ${code}`);
      }
      for (const [, name, code] of text.matchAll(/\b([A-Z]\w*Error) `(ERR_[A-Z_]*[A-Z])`/g)) {
        if (classOf(code!) !== name) wrong.push(`${file}: ${name} ${code}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('wrong code is noticed', () => {
    expect(made({ code: "throw new LedgerError(\n  'ERR_USAGE', 'no');" })).toEqual([
      { name: 'LedgerError', code: undefined },
      { name: 'LedgerError', code: 'ERR_USAGE' },
    ]);
    expect(made({ code: "if (['x'].includes('ERR_USAGE') || code === 'ERR_USAGE') return;" })).toEqual([]);
  });
});

describe('an error', () => {
  test('says what to do: what it is given, or what the table says', () => {
    expect(new InputError('ERR_USAGE', 'no', { hint: 'say yes' }).hint).toBe('say yes');
    for (const { code, class: name, action } of entries) {
      expect(new ParleyError<ErrorClass>(code, 'no')).toMatchObject({ code, name, hint: action });
    }
    expect(new PeerCheatedError('a check').hint).toBe(errorEntry('ERR_PEER_CHEATED')!.action);
    expect(new PeerCheatedError('a check', false).hint).toContain('another network');
  });

  test('keeps its cause, and has none otherwise', () => {
    const cause = new RangeError('off by one');
    expect(new TimeoutError('late', { cause }).cause).toBe(cause);
    expect('cause' in new TimeoutError('late')).toBe(false);
  });

  test('is told at the command in its words, unless it says more itself', () => {
    expect(adviceFor(new LedgerError('ERR_PEER_BARRED', 'no'))).toContain('parley ledger --forgive KEY');
    expect(adviceFor(new LedgerError('ERR_PEER_BARRED', 'no', { hint: 'ask Ana' }))).toBe('ask Ana');
    expect(adviceFor(new LedgerError('ERR_SESSION_BUSY', 'no'))).toBe('wait until it ends');
  });

  test('has the type of all codes once it is known to be one', () => {
    const thrown: unknown = new InputError('ERR_USAGE', 'no');
    if (!(thrown instanceof ParleyError)) throw thrown;
    const code: ErrorCode = thrown.code;
    // @ts-expect-error no code at all
    expect(thrown.code === 'ERR_NOTHING').toBe(false);
    expect(code).toBe('ERR_USAGE');
  });

  test('takes only codes of its class', () => {
    // @ts-expect-error a code of another class
    new InputError('ERR_CLOSED', 'no');
    // @ts-expect-error a code of another class
    new ParleyError('ERR_USAGE', 'no');
    // @ts-expect-error no code at all
    new LedgerError('ERR_NOTHING', 'no');
    // @ts-expect-error an InputError is never this
    expect(new InputError('ERR_USAGE', 'no').code === 'ERR_CLOSED').toBe(false);
  });
});

describe('isParleyError', () => {
  test('knows errors of another copy of the package, which instanceof does not', async () => {
    vi.resetModules();
    const copy = await import('../src/errors.ts');
    expect(copy.ParleyError).not.toBe(ParleyError);
    for (const error of [new copy.InputError('ERR_FILE', 'no'), new copy.PeerLeftError()]) {
      expect(error).not.toBeInstanceOf(ParleyError);
      expect(isParleyError(error)).toBe(true);
      expect(copy.isParleyError(error)).toBe(true);
      expect(adviceFor(error)).not.toBe('');
    }
  });

  test('is the same for every class, and false for anything else', () => {
    for (const error of [new PeerLeftError(), new PeerAbortedError(), new PeerCheatedError('a check')]) {
      expect(isParleyError(error)).toBe(true);
    }
    const likeness = { code: 'ERR_USAGE', message: 'no', hint: '', [Symbol.for('parley.error')]: true };
    for (const other of [new Error('ERR_USAGE'), likeness, 'ERR_USAGE', null, undefined]) {
      expect(isParleyError(other)).toBe(false);
    }
  });

  test('leaves no trace in what is written of an error', () => {
    const error = new InputError('ERR_FILE', 'no');
    expect(Reflect.ownKeys(error).filter((key) => typeof key === 'symbol')).toEqual([]);
  });
});
