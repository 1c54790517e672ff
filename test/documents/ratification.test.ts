import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { SignableDocument, serializeJws } from '../../src/documents/jws.ts';
import { readRatification, signRatification } from '../../src/documents/ratification.ts';
import type { RatifyTerms } from '../../src/documents/ratify-terms.ts';
import { completeTerms, formatTime, parseTerms } from '../../src/documents/terms.ts';
import { secondsOf } from '../../src/documents/time.ts';
import { BY, board, deal, keys, publish, ratified, sellers } from './ratifying.ts';
import { anyPrice, buyer, completion, draft, seller } from './support.ts';

beforeAll(() => loadSodium());

describe('a ratification', () => {
  it('is read strictly', async () => {
    const of = deal(1);
    const side = { members: keys };
    const yes = await signRatification(of, 'yes', board[1]!);
    expect(readRatification(serializeJws(yes), side)).toMatchObject({ member: keys[1], answer: 'yes' });
    const code = (document: Uint8Array | object, members = keys) => {
      try {
        readRatification(document, { members });
      } catch (error) {
        return (error as { code: string }).code;
      }
      return undefined;
    };
    expect(code(yes, [keys[0]!])).toBe('ERR_RATIFICATION_SIGNERS');
    const both = {
      ...yes,
      signatures: [(await signRatification(of, 'yes', board[0]!)).signatures[0]!, ...yes.signatures],
    };
    expect(code(both)).toBe('ERR_RATIFICATION_SIGNERS');
    const payload = { parley: 1, outcome: encodeBase64url(new Uint8Array(32)), answer: 'maybe' };
    for (const changed of [payload, { ...payload, answer: 'yes', more: 1 }, { parley: 1, answer: 'yes' }]) {
      const document = new SignableDocument('parley-ratification+jws', changed);
      const made = document.assemble({ key: keys[0]!, signature: await document.sign(board[0]!) });
      expect(code(made)).toBe('ERR_RATIFICATION_FORMAT');
    }
    const other = new SignableDocument('parley-receipt+jws', { ...payload, answer: 'yes' });
    expect(code(other.assemble({ key: keys[0]!, signature: await other.sign(board[0]!) }))).toBe(
      'ERR_RATIFICATION_SIGNERS',
    );
  });
});

describe('terms with ratify', () => {
  const expires = secondsOf(completion.expires);
  const side = { members: keys, threshold: 2, by: BY };
  const invalid = (ratify: unknown, more: object = {}) =>
    expect(() =>
      completeTerms({ ...draft, publish, ...more, ratify: ratify as RatifyTerms }, completion, anyPrice),
    ).toThrowError(expect.objectContaining({ code: 'ERR_TERMS_INVALID' }));

  it('leave members a day after the outcome can last be bound', () => {
    const day = formatTime(1_000 * (expires + 86_400));
    expect(ratified({ seller: { ...side, by: day } }).ratify).toEqual({ seller: { ...side, by: day } });
    invalid({ seller: { ...side, by: formatTime(1_000 * (expires + 86_399)) } });
  });

  it('name a place of publication', () => invalid({ seller: side }, { publish: undefined }));

  it('name one side or both, by their roles, with members that are neither on the other side nor the other side', () => {
    invalid({});
    invalid({ host: side });
    invalid({ seller: side, buyer: { ...side, members: [keys[0]!], threshold: 1 } });
    invalid({ seller: { ...side, members: [...keys, buyer.publicKey] } });
    invalid({ seller: { ...side, threshold: 4 } });
    invalid({ seller: { ...side, threshold: 0 } });
    invalid({ seller: { ...side, members: [...keys, keys[0]] } });
    invalid({ seller: { ...side, more: 1 } });
    invalid({ seller: { ...side, by: '9001-01-01T00:00:00Z' } });
    invalid({ seller: { ...side, by: '2027-01-08' } });
    const own = { ...side, members: [...keys, seller.publicKey] };
    expect(ratified({ seller: own }).ratify!.seller!.members).toHaveLength(4);
  });

  it('name no delegate, who would ratify what it has agreed to itself', () => {
    const certificate = encodeBase64url(new Uint8Array(32));
    const own = { ...side, members: [...keys, seller.publicKey] };
    invalid({ seller: own }, { mandates: { seller: certificate } });
    const terms = { ...draft, publish, ratify: { seller: own }, mandates: { buyer: certificate } };
    expect(() => completeTerms(terms, completion, anyPrice)).not.toThrow();
  });

  it('are the same when they are read again', () => {
    const terms = ratified(sellers(2));
    expect(parseTerms(JSON.parse(JSON.stringify(terms)), anyPrice)).toEqual(terms);
    const { publish: _, ...without } = terms;
    expect(() => parseTerms(without, anyPrice)).toThrowError(
      expect.objectContaining({ code: 'ERR_TERMS_INVALID' }),
    );
  });
});
