import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confusable, looksOf } from '../../src/documents/confusable.ts';
import { foldText } from '../../src/documents/fold.ts';
import { findUnclear, isPlainText, quoted, toPlainText } from '../../src/documents/text.ts';
import { everyCharacter } from './support.ts';

describe('findUnclear', () => {
  const hidden =
    'ad 34f 115f 1160 17b4 180b 180e 200b 200c 200d 2060 2062 2800 3164 fe0f fe00 ffa0 feff fffc e000 f8ff e0100 ' +
    'e0041 f0000 10fffd 1d159 1d173 a0 1680 2003 202f 205f 3000 2028 2029 202e 200f 61c 2066 600 7 85 378 ffff';

  it.each(hidden.toUpperCase().split(' '))('finds U+%s in the middle of a word, and says which', (code) => {
    const character = String.fromCodePoint(Number.parseInt(code, 16));
    expect(findUnclear(`used c${character}ar`)).toContain(`U+${code.padStart(4, '0')})`);
    expect(toPlainText(`used c${character}ar`)).toBe('used c\uFFFDar');
  });

  it('finds by property, of all assigned code points: what is ignorable, a control, for private use, or a separator', () => {
    const unseen =
      /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Variation_Selector}\p{White_Space}]/u;
    const missed = everyCharacter()
      .flat()
      .filter(
        (character) =>
          character !== ' ' && unseen.test(character) && findUnclear(`a${character}`) === undefined,
      );
    expect(missed).toEqual([]);
  });

  it('finds a text of spaces, and a mark without a letter', () => {
    expect(findUnclear('  ')).toBeDefined();
    expect(findUnclear('\u0301a')).toBeDefined();
    expect(findUnclear('car \u030b')).toBeDefined(); // looks like a quotation mark
    expect(findUnclear('')).toBeUndefined();
  });

  it.each([
    ...[
      'used car',
      '45 days',
      'm2',
      '€',
      '$',
      '½ m²',
      'Büro, 3. Stock – “am Fluß” 🏢',
      'Ελλάδα',
      'машина',
      '車両',
      '자동차',
    ],
    ...[
      'سيارة',
      'מכונית',
      'गाड़ी',
      'ខ្មែរ',
      'ভাড়া',
      '5 % − 3 %',
      "l'été",
      'C++',
      '🇨🇭 und 👨‍👩‍👧',
      '❤️',
      '1️⃣',
      '✌🏽',
      'O’Neil',
    ],
  ])('finds nothing in %s', (text) => {
    expect(isPlainText(text)).toBe(true);
    expect(findUnclear(text)).toBeUndefined();
    expect(toPlainText(text)).toBe(text);
  });

  it.each([
    '😀\uFE0F',
    '👨\u200D',
    '\u200D👧',
    'a\u200Db',
    '👨\u200D\u200D👧',
    '❤️\u200B',
    '1\uFE0F',
    '©\uFE0E',
  ])('finds joiners and selectors that no emoji has: %j', (text) => {
    expect(findUnclear(text)).toBeDefined();
    expect(toPlainText(text)).toContain('\uFFFD');
  });
});

describe('toPlainText', () => {
  it('gives plain and clear text, whatever it is given, and leaves that as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const shown = toPlainText(text);
        expect(isPlainText(shown)).toBe(true);
        expect(toPlainText(shown)).toBe(shown);
        expect(shown).not.toMatch(/(?! )[\p{C}\p{Z}]/u);
      }),
    );
  });
});

describe('foldText', () => {
  it.each([
    ['STRASSE 5', 'Straße 5', 'STRAẞE 5'],
    ['ΟΔΟΣ', 'οδος', 'οδοσ'],
    ['ΑΣ‚Α', "ΑΣ'Α", 'ας’α'],
    ['vehicle-4711', 'vehicle\u20114711', 'vehicle–4711', 'vehicle−4711', 'vehicle—4711', 'vehicle－4711'],
    [
      'USED CAR',
      'used car',
      '  used \u00a0 car ',
      'ｕｓｅｄ ｃａｒ',
      'used\u200B car',
      'used c\u00ADar',
      'used car\uFE0F',
    ],
    ['ﬁnal offer', 'FINAL OFFER', 'final\u2003offer'],
    ['Ana’s flat', "ana's flat"],
    ['café', 'cafe\u0301', 'CAFÉ'],
    ['10 m²', '10 m2'],
    ['ǰ', 'J\u030C'],
    ['ᾳ', 'αι'],
  ])('takes %s and its other spellings for one', (first, ...others) => {
    for (const other of others) expect(foldText(other)).toBe(foldText(first));
  });

  it('keeps apart what differs to the eye', () => {
    const texts = [
      'used car',
      'used cart',
      'usedcar',
      'used car 2',
      'büro',
      'buro',
      'used cаr',
      '-5',
      '5',
      '5 days',
      '6 days',
    ];
    expect(new Set(texts.map(foldText)).size).toBe(texts.length);
  });

  it('is idempotent on every character, alone and inside a word', () => {
    for (const characters of everyCharacter()) {
      for (const text of [characters.join(' '), characters.join('b a')]) {
        expect(foldText(foldText(text))).toBe(foldText(text));
      }
    }
  });

  it('is idempotent on any string', () => {
    const nasty = fc.constantFrom(
      ...'aAsSßẞΣςσİıſKÅﬁ-–−’" \u00a0\u200b\u200d\u00ad\u0301\u0345\u0307\u0338\u0374ͺᾳǅ\uFEFFㅤ힣각ᄀ',
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 1 })) }),
        (text) => {
          expect(foldText(foldText(text))).toBe(foldText(text));
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe('looksOf', () => {
  it.each([
    ['vehicle 4711', 'vehic1e 47ll'],
    ['сосо', 'coco'],
    ['ΡΑΡΑ', 'papa'],
    ['fІat 1O', 'Flat 10'],
    ['café', 'cafe'],
    ['НОТ', 'hot'],
  ])('is the same for %j and %j, which are two matters', (one, other) => {
    expect(foldText(one)).not.toBe(foldText(other));
    expect(looksOf(one)).toBe(looksOf(other));
  });

  it('differs for what nobody takes for one another', () => {
    expect(looksOf('7⁄8 ∶ a·b′')).toBe(looksOf("7/8 : a.b'"));
    expect(looksOf('vehicle 4711')).not.toBe(looksOf('vehicle 4712'));
    expect(looksOf('Москва')).not.toBe(looksOf('Moskau'));
  });
});

describe('quoted', () => {
  it('cannot be ended by what is in it', () => {
    expect(quoted('car” for “free')).toBe('“car\\” for \\“free”');
    expect(quoted('C:\\')).toBe('“C:\\\\”');
    for (const mark of [...'“”„‟"″ˮ״❝❞〞＂', "''", '’’', '′’']) {
      const shown = quoted(`car${mark}, 2 ${mark}free`);
      expect(shown.slice(1, -1).replaceAll(/\\./gu, ''), mark).not.toContain(mark);
    }
    expect(quoted("l'été, 6′ 2")).toBe("“l'été, 6′ 2”");
    expect(quoted(' a  b ')).toBe('“\\ a \\ b\\ ”');
    expect(quoted('a\u202eb')).toBe('“a\uFFFDb”');
  });
});

describe('confusable', () => {
  it('points out words whose letters come from alphabets that look alike', () => {
    expect(confusable('a used cаr, and a раypal account')).toEqual([
      { word: 'cаr', alphabets: ['Latin', 'Cyrillic'] },
      { word: 'раypal', alphabets: ['Latin', 'Cyrillic'] },
    ]);
    expect(confusable('10 kΩ')).toEqual([{ word: 'kΩ', alphabets: ['Latin', 'Greek'] }]);
  });

  it('says nothing of words in one alphabet, of digits, or of scripts that are written together', () => {
    for (const text of [
      'used car',
      'Москва and Paris',
      '東京タワーは高い',
      'iPhone用ケース',
      '5m2',
      'µm',
      '',
    ]) {
      expect(confusable(text)).toEqual([]);
    }
  });
});
