import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { thumbprint } from '../../src/documents/identity.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import {
  type Principal,
  parsePrincipal,
  principalDigest,
  principalText,
  samePrincipal,
} from '../../src/documents/principal.ts';
import { identity } from './support.ts';

const [a, b, c] = [1, 2, 3].map((seed) => identity(seed).publicKey) as [Key, Key, Key];
type Key = ReturnType<typeof identity>['publicKey'];

beforeAll(() => loadSodium());

/** Principals, those on one line being the same. */
const principals: Principal[][] = [
  [a, { members: [a], threshold: 1 }],
  [b],
  [
    { members: [a, b], threshold: 1 },
    { members: [b, a], threshold: 1 },
  ],
  [
    { members: [a, b], threshold: 2 },
    { members: [b, a], threshold: 2 },
  ],
  [{ members: [a, b, c], threshold: 2 }],
  [{ members: [a, c], threshold: 2 }],
];

describe('principals', () => {
  it('are compared by their keys and threshold, in whatever order the keys stand', () => {
    principals.forEach((same, i) => {
      for (const one of same) {
        principals.forEach((others, j) => {
          for (const other of others) {
            expect(samePrincipal(one, other)).toBe(i === j);
            const [left, right] = [one, other].map((of) => encodeBase64url(principalDigest(of)));
            expect(left === right).toBe(i === j);
          }
        });
      }
    });
  });

  it('are shown with all keys, and the names of those whom people know', () => {
    expect(principalText(a)).toBe(`key ${thumbprint(a)}`);
    const text = principalText({ members: [a, b], threshold: 1 }, (key) => (key === b ? 'bob' : undefined));
    expect(text).toBe(`1 of these 2: key ${thumbprint(a)}; bob, key ${thumbprint(b)}`);
  });

  it('are read strictly', () => {
    expect(parsePrincipal(a)).toEqual(a);
    expect(parsePrincipal({ members: [a, b], threshold: 2 })).toEqual({ members: [a, b], threshold: 2 });
    const wrong = [
      null,
      'key',
      { ...a, members: [a], threshold: 1 },
      { members: [a, a], threshold: 1 },
      { members: [a, b], threshold: 3 },
      { members: [{ ...a, d: '' }], threshold: 1 },
      { members: [{ ...a, x: encodeBase64url(new Uint8Array(32)) }], threshold: 1 },
      { members: Array.from({ length: 2_000_000 }, () => a), threshold: 1 },
    ];
    for (const one of wrong) {
      expect(() => parsePrincipal(one)).toThrowError(expect.objectContaining({ code: 'ERR_KEY_INVALID' }));
    }
  });
});
