import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url, fromHex, toHex, utf8 } from '../../src/crypto/encoding.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

describe('encodings', () => {
  it('are those of Node', () => {
    fc.assert(
      fc.property(bytes, fc.string({ unit: 'grapheme' }), (value, text) => {
        const buffer = Buffer.from(value);
        expect(toHex(value)).toBe(buffer.toString('hex'));
        expect(fromHex(buffer.toString('hex'))).toEqual(value);
        expect(encodeBase64url(value)).toBe(buffer.toString('base64url'));
        expect(decodeBase64url(buffer.toString('base64url'))).toEqual(value);
        expect(utf8(text)).toEqual(new Uint8Array(Buffer.from(text)));
      }),
    );
  });

  it('work for what is longer than one call of String.fromCharCode takes', () => {
    const long = new Uint8Array(200_001).map((_, i) => i);
    expect(decodeBase64url(encodeBase64url(long))).toEqual(long);
  });

  it('refuse base64url that those bytes do not encode to', () => {
    for (const text of [
      'A',
      'AB',
      'AA==',
      'AA=',
      'A A',
      'AA\n',
      '+/',
      'AAB',
      'é',
      '-_-',
      ' ',
      undefined,
      5,
    ]) {
      expect(decodeBase64url(text)).toBeUndefined();
    }
    expect(decodeBase64url('')).toEqual(new Uint8Array(0));
    expect(decodeBase64url('AA')).toEqual(new Uint8Array(1));
  });
});
