import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/crypto/random.ts';
import {
  loadSealKey,
  type OpeningContext,
  openSeal,
  type SealOpening,
  sealValue,
  verifyOpening,
} from '../../src/seals/index.ts';
import { alice } from '../paillier/keys.ts';
import { identities, sealKeys } from './run.ts';

const random = seededRandom(new Uint8Array(16).fill(31));
const sealed = sealValue(alice, 450_000n, 64, random);
const context: OpeningContext = {
  agreement: new Uint8Array(32).fill(7),
  party: 'seller',
  identity: identities.a,
  seal: sealed.seal,
};
const opening = openSeal(sealKeys.a, context);
const code = (changed: unknown, within: OpeningContext = context): string | undefined => {
  try {
    verifyOpening(changed, within);
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

describe('an opening', () => {
  it('shows the sealed value, from the key alone, through JSON', () => {
    expect(verifyOpening(JSON.parse(JSON.stringify(opening)), context)).toMatchObject({ value: 450_000n });
    expect(opening.value).toBe('450000');
  });

  it('is refused with any field changed, missing or added', () => {
    const flipped = (text: string) => {
      const bytes = Buffer.from(text, 'base64url');
      bytes[9] = bytes[9]! ^ 1;
      return bytes.toString('base64url');
    };
    const zero = (text: string) => Buffer.alloc(Buffer.from(text, 'base64url').length).toString('base64url');
    const changed: Record<string, unknown> = {
      value: '450001',
      randomness: flipped(opening.randomness),
      proof: flipped(opening.proof),
      parley: 2,
    };
    for (const [name, value] of Object.entries(changed)) {
      expect(code({ ...opening, [name]: value })).toBe('ERR_OPENING_INVALID');
    }
    for (const bad of [
      '-1',
      '0450000',
      '450000 ',
      '1e5',
      String(1n << 64n),
      '9'.repeat(400),
      450_000,
      null,
    ]) {
      expect(code({ ...opening, value: bad })).toBe('ERR_OPENING_INVALID');
    }
    for (const bad of [zero(opening.randomness), opening.randomness.slice(4), `${opening.randomness}=`, 7]) {
      expect(code({ ...opening, randomness: bad })).toBe('ERR_OPENING_INVALID');
    }
    for (const name of Object.keys(opening)) {
      const { [name as keyof SealOpening]: _, ...rest } = opening;
      expect(code(rest)).toBe('ERR_OPENING_INVALID');
    }
    expect(code({ ...opening, more: 1 })).toBe('ERR_OPENING_INVALID');
    expect(code(null)).toBe('ERR_OPENING_INVALID');
    expect(code([opening])).toBe('ERR_OPENING_INVALID');
  });

  it('is refused for another agreement, party or seal', () => {
    const elsewhere = { ...context, agreement: new Uint8Array(32).fill(8) };
    expect(code(opening, elsewhere)).toBe('ERR_OPENING_AGREEMENT');
    expect(code(opening, { ...context, party: 'buyer' })).toBe('ERR_OPENING_AGREEMENT');
    const another = sealValue(alice, 450_000n, 64, random);
    expect(code(opening, { ...context, seal: another.seal })).toBe('ERR_OPENING_AGREEMENT');
    expect(code({ ...opening, seal: another.seal.toJSON() })).toBe('ERR_OPENING_AGREEMENT');
    // A seal that says of itself that it belongs here does not, either.
    const theirs = openSeal(sealKeys.a, { ...context, seal: another.seal });
    expect(code({ ...theirs, seal: opening.seal })).toBe('ERR_OPENING_INVALID');
  });

  it('is refused under another identity, whose key proof it does not hold', () => {
    expect(code(opening, { ...context, identity: identities.b })).toBe('ERR_OPENING_INVALID');
  });

  it('cannot be made with another key', () => {
    expect(() => openSeal(sealKeys.b, context)).toThrow(/two different keys/);
  });

  it('needs a seal key whose stored proof is intact', () => {
    const { proof } = sealKeys.a;
    expect(loadSealKey(alice, identities.a, proof).proof).toEqual(proof);
    const damaged = proof.slice();
    damaged[100] = damaged[100]! ^ 1;
    expect(() => loadSealKey(alice, identities.a, damaged)).toThrow(/proof/);
    expect(() => loadSealKey(alice, identities.b, proof)).toThrow(/proof/);
  });
});
