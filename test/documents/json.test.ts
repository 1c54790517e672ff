import fc from 'fast-check';
import { visit } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import {
  canonicalBytes,
  canonicalText,
  decodeBase64url,
  decodeText,
  encodeBase64url,
  MAX_DEPTH,
  parseJson,
} from '../../src/documents/json.ts';

const refused = expect.objectContaining({ code: 'ERR_JSON' });

describe('parseJson', () => {
  it('gives what JSON.parse gives when no key stands twice', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(parseJson(text, 'it')).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":1}',
    '[{"x":[{"b":{},"c":1,"b":{}}]}]',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
  ])('refuses a key that stands twice: %s', (text) => {
    expect(() => parseJson(text, 'it')).toThrowError(refused);
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it('finds the key that an independent reader finds', () => {
    const key = fc.constantFrom('a', 'b', '\\u0061', '"', '\\\\', '{', ',', '').map((name) => {
      return `"${name === '"' ? '\\"' : name}"`;
    });
    const { value } = fc.letrec((again) => ({
      value: fc.oneof({ maxDepth: 4 }, key, fc.constantFrom('1', 'null'), again('array'), again('object')),
      array: fc.array(again('value'), { maxLength: 3 }).map((items) => `[${items.join(' , ')}]`),
      object: fc
        .array(fc.tuple(key, again('value')), { maxLength: 4 })
        .map((members) => `{ ${members.map(([name, one]) => `${name}: ${one}`).join(',')} }`),
    }));
    let found = 0;
    fc.assert(
      fc.property(value as fc.Arbitrary<string>, (text) => {
        const expected = twiceByJsoncParser(text);
        const read = () => parseJson(text, 'it');
        if (expected === undefined) expect(read).not.toThrow();
        else expect(read).toThrowError(/twice in one object$/);
        if (expected !== undefined) found += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(found).toBeGreaterThan(10);
  });

  it('lets the same key stand in different objects', () => {
    expect(parseJson('{"a":{"a":1},"b":[{"a":1},{"a":1}]}', 'it')).toEqual({
      a: { a: 1 },
      b: [{ a: 1 }, { a: 1 }],
    });
  });

  it.each([
    '',
    '{',
    '{"a":1,}',
    '[1,]',
    "{'a':1}",
    '// c\n1',
    '1 2',
    'NaN',
    '01',
    '\uFEFF\uFEFF1',
    'undefined',
  ])('refuses what is not JSON: %s', (text) => {
    expect(() => parseJson(text, 'it')).toThrowError(refused);
  });

  it('refuses a text that is too long or too deep, and quotes none of it', () => {
    expect(() => parseJson('[1,2,3]', 'it', 6)).toThrowError(refused);
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(parseJson(nested(MAX_DEPTH), 'it')).toEqual(JSON.parse(nested(MAX_DEPTH)));
    for (const depth of [MAX_DEPTH + 1, 2e5]) {
      expect(() => parseJson(nested(depth), 'it')).toThrowError(refused);
    }
    expect(() => parseJson('{"reservation": "424242"', 'it')).toThrowError(
      expect.objectContaining({ message: expect.not.stringContaining('4242') }),
    );
  });
});

/** The first key that stands twice in one object, as jsonc-parser reads the text. */
function twiceByJsoncParser(text: string): string | undefined {
  const open: Set<string>[] = [];
  let found: string | undefined;
  visit(text, {
    onObjectBegin: () => {
      open.push(new Set());
    },
    onObjectProperty: (key) => {
      if (open.at(-1)!.has(key)) found ??= key;
      open.at(-1)!.add(key);
    },
    onObjectEnd: () => {
      open.pop();
    },
  });
  return found;
}
describe('parseJson, of bytes', () => {
  const text = '{"subject":"Büro “am Fluß” 🏢","rule":{"name":"split"}}';
  const utf16 = (bom: boolean) => Buffer.from(`${bom ? '\uFEFF' : ''}${text}`, 'utf16le');

  it.each<[string, Uint8Array]>([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte-order mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16, little-endian', utf16(true)],
    ['UTF-16, big-endian', utf16(true).swap16()],
  ])('reads %s', (_, bytes) => {
    expect(parseJson(new Uint8Array(bytes), 'it')).toEqual(JSON.parse(text));
  });

  it.each<[string, Uint8Array, string]>([
    ['Latin-1', Buffer.from('{"subject":"café"}', 'latin1'), 'UTF-8'],
    ['UTF-16 without a mark', utf16(false), 'UTF-16'],
    ['big-endian UTF-16 without a mark', utf16(false).swap16(), 'UTF-16'],
    ['UTF-16 cut in the middle', utf16(true).subarray(0, -1), 'UTF-16'],
    ['half of a surrogate pair in UTF-16', Buffer.from('\uFEFF"\uD800"', 'utf16le'), 'UTF-16'],
    ['half of a surrogate pair in UTF-8', Buffer.from('22eda08022', 'hex'), 'UTF-8'],
    ['an overlong form', Buffer.from('22c0af22', 'hex'), 'UTF-8'],
  ])('says what is wrong with %s', (_, bytes, encoding) => {
    expect(() => parseJson(new Uint8Array(bytes), 'the file')).toThrowError(
      expect.objectContaining({
        code: 'ERR_JSON',
        message: expect.stringMatching(`^the file .*${encoding}`),
        hint: 'save it again as UTF-8',
      }),
    );
  });

  it('refuses bytes that are too many before it decodes them', () => {
    expect(() => parseJson(new Uint8Array(7).fill(0x20), 'it', 2)).toThrowError(/too long/);
    expect(parseJson(Buffer.from('"€"'), 'it', 3)).toBe('€');
  });

  it('throws nothing but ERR_JSON, and what it takes is written and read again to the same', () => {
    const nearly = fc.json({ stringUnit: 'binary' }).chain((json) =>
      fc.record({ place: fc.nat(json.length), byte: fc.nat(255) }).map(({ place, byte }) => {
        const bytes = Buffer.from(json);
        if (place < bytes.length) bytes[place] = byte;
        return new Uint8Array(bytes);
      }),
    );
    let taken = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          nearly,
          fc.json().map((json) => new Uint8Array(Buffer.from(json))),
        ),
        (bytes) => {
          let value: unknown;
          try {
            value = parseJson(bytes, 'it');
          } catch (error) {
            expect(error).toMatchObject({ code: 'ERR_JSON' });
            return;
          }
          taken += 1;
          const written = canonicalText(value);
          expect(canonicalText(parseJson(written, 'it'))).toBe(written);
          expect(canonicalText(JSON.parse(decodeText(bytes, 'it')))).toBe(written);
        },
      ),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(200);
  });
});

describe('parseJson refuses what JSON.parse takes', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

  it.each([
    ['more levels than the limit', nested(MAX_DEPTH + 1)],
    ['levels without end', nested(200_000)],
    ['levels without end in objects', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`],
    ['levels behind a string that seems to end', `["\\\\\\"",${nested(MAX_DEPTH)}]`],
    ['a number that is infinite', '[1e400]'],
    ['a negative one', '{"a":-1e400}'],
    ['a number that is read as 0', '[1e-400]'],
    ['a whole number that is rounded', '9007199254740993'],
    ['one of 25 digits', '1000000000000000000000000'],
    ['a lone surrogate', '["\\ud800"]'],
    ['a lone surrogate in a key', '{"\\uDFFF":1}'],
    ['two surrogates in the wrong order', '["\\udc00\\ud800"]'],
    ['__proto__', '{"__proto__":{"polluted":true}}'],
    ['__proto__ in whatever form', '[{"a":{"\\u005f_proto__":1}}]'],
  ])('%s', (_, text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(() => parseJson(text, 'it')).toThrowError(refused);
    expect(() => parseJson(Buffer.from(text), 'it')).toThrowError(refused);
  });

  it.each([
    nested(MAX_DEPTH),
    `[${'[],'.repeat(1000)}[]]`,
    `["${'['.repeat(1000)}","${'\\"['.repeat(1000)}"]`,
    '[0,-0,0.0,0e5,1e-300,1E+300,0.1,1.0,9007199254740992,-9007199254740991,295147905179352830000]',
    '["\\ud83d\\ude00","__proto__"]',
    '{"constructor":1,"toString":2,"prototype":3,"toJSON":4}',
  ])('and nothing else: %s', (text) => {
    expect(parseJson(text, 'it')).toEqual(JSON.parse(text));
    expect(() => canonicalText(parseJson(text, 'it'))).not.toThrow();
  });

  it('without an unsafe character in its message', () => {
    const hidden = '{"\u202e\u200b":1,"\u202e\u200b":2}';
    expect(() => parseJson(hidden, 'it')).toThrowError(/the key “\uFFFD\uFFFD” twice/);
  });
});

describe('RFC 8785', () => {
  it('section 3.2.2 and 3.2.4: the sample object', () => {
    const input = `{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}`;
    const expected =
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333' +
      '333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e412742' +
      '5c225c5c5c5c5c222f227d';
    expect(Buffer.from(canonicalBytes(parseJson(input, 'it'))).toString('hex')).toBe(expected);
  });

  it('section 3.2.3: keys sort by UTF-16 code units', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalText(input)) as object).slice(1)).toEqual([
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
    expect(canonicalText(input)).toMatch(/^\{"\\r":"Carriage Return","1":"One",/);
  });

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: %s', (bits, expected) => {
    expect(canonicalText(Buffer.from(bits, 'hex').readDoubleBE())).toBe(expected);
  });

  it('refuses what has no such form, with a code', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    const deep = Array.from({ length: 200_000 }).reduce<unknown>((inner) => [inner], 1);
    for (const value of [
      ...[Number.NaN, Number.POSITIVE_INFINITY, '\ud800', 'a\udc00b', 1n, Symbol('x'), () => 1, undefined],
      ...[[undefined], new Array(2), new Date(0), circle, deep, { '\ud800': 1 }],
    ]) {
      expect(() => canonicalText(value)).toThrowError(refused);
      expect(() => canonicalText({ value: [value] })).toThrowError(refused);
    }
    expect(canonicalText({ absent: undefined, held: '😀' })).toBe('{"held":"😀"}');
  });
});

describe('base64url', () => {
  it('round-trips, and decodes nothing but its own encoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
      }),
    );
    // Stray bits, padding, the other alphabet, white space.
    for (const text of ['AB', 'AAB', 'AA==', '+/+/', 'AA A', 'A', 'AA\n', 'ÄA']) {
      expect(decodeBase64url(text)).toBeUndefined();
    }
  });
});
