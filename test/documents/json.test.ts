import fc from 'fast-check';
import { visit } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { duplicateKey, MAX_DEPTH } from '../../src/documents/duplicate-key.ts';
import {
  canonicalBytes,
  canonicalText,
  decodeBase64url,
  encodeBase64url,
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
        expect(duplicateKey(text)).toBe(expected);
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

  it.each(['', '{', '{"a":1,}', '[1,]', "{'a':1}", '// c\n1', '1 2', 'NaN', '01', '\uFEFF1', 'undefined'])(
    'refuses what is not JSON: %s',
    (text) => {
      expect(() => parseJson(text, 'it')).toThrowError(refused);
    },
  );

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

  it('refuses NaN and infinities', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => canonicalText({ value })).toThrow();
    }
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
