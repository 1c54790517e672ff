import { beforeAll, describe, expect, test } from 'vitest';
import { settle } from '../../src/arbiter/index.ts';
import { bigintToBits, packBits } from '../../src/circuit/bits.ts';
import { concatBytes } from '../../src/crypto/bytes.ts';
import { toHex, utf8 } from '../../src/crypto/encoding.ts';
import { add, multiplyBase, type Point, randomScalar } from '../../src/crypto/group.ts';
import { engagementDocument } from '../../src/documents/engagement.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { decodeBase64url, encodeBase64url } from '../../src/documents/json.ts';
import { openJws } from '../../src/documents/jws.ts';
import { readResolution } from '../../src/documents/resolution.ts';
import { type Terms, termsDigest } from '../../src/documents/terms.ts';
import { escrowLabel, maskFromOpened, shownDigest } from '../../src/escrow/index.ts';
import { seeded } from '../escrow/support.ts';
import {
  arbiterAt,
  arbiterIdentity,
  complaintOf,
  DEADLINE,
  disputeOf,
  type Engaged,
  engaged,
  arbiter as escrowKey,
  ROLES,
  shown,
} from './support.ts';

const range = { min: '0', max: String(2n ** 64n - 1n), step: '1', unit: 'USD', decimals: 0 };
/** Two sessions in which everything is the same but the outcome, which has 65 bits. */
let deal: Engaged;
let none: Engaged;
beforeAll(async () => {
  const terms: Partial<Terms> = { range };
  deal = await engaged({ terms });
  none = await engaged({ terms, outcome: bigintToBits(0n, 65) });
});

/** All that a document holds: every string in it, as text and as base64url, and what is in these. */
function allBytes(value: unknown): Uint8Array[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(allBytes);
  if (typeof value !== 'string') return [];
  const decoded = decodeBase64url(value);
  if (decoded === undefined) return [utf8(value)];
  try {
    return [decoded, ...allBytes(JSON.parse(new TextDecoder().decode(decoded)))];
  } catch {
    return [decoded];
  }
}

const payloadOf = (document: Uint8Array | object) =>
  openJws(document).payload as { readonly [member: string]: unknown };
const answerTo = async (complaint: Uint8Array) => {
  const { arbiter } = arbiterAt(DEADLINE);
  return arbiter.answer(complaint);
};

describe('what the arbiter sees', () => {
  test('holds no share, tag, matrix, mask or salt, and neither z nor the outcome', async () => {
    const bytes = allBytes(JSON.parse(new TextDecoder().decode(await complaintOf(deal)))).map(toHex);
    const holds = (secret: Uint8Array) => bytes.some((part) => part.includes(toHex(secret)));
    const { masked, outcome, salt } = deal;
    const secrets = [packBits(masked), packBits(outcome), salt];
    for (const { record, own } of Object.values(deal.escrows)) {
      expect(holds(record.ciphertexts[7]!)).toBe(true);
      const { mask, seed } = own.open();
      secrets.push(record.shares, record.tag, record.matrix, mask, seed, own.mask());
      for (let at = 0; at < record.shares.length; at += mask.length) {
        secrets.push(record.shares.subarray(at, at + mask.length));
      }
    }
    // The last byte of what is packed is filled up with zeros.
    for (const secret of secrets) expect(holds(secret.subarray(0, Math.min(secret.length, 8)))).toBe(false);
  });

  test('differs between two outcomes in what commits to z, and in nothing else', async () => {
    expect(deal.outcome).not.toEqual(none.outcome);
    const [one, other] = [payloadOf(await complaintOf(deal)), payloadOf(await complaintOf(none))];
    const without = ({ engagements: _, ...rest }: typeof one) => rest;
    expect(without(one)).toEqual(without(other));
    for (const role of ROLES) {
      const [left, right] = [payloadOf(deal.engagements[role]), payloadOf(none.engagements[role])];
      expect(left.fair).not.toEqual(right.fair);
      const { masked, ...fair } = left.fair as { masked: string };
      expect({ ...right, fair: { ...fair, masked } }).toEqual(left);
    }
    const [mine, theirs] = await Promise.all(
      [deal, none].map(async (of) =>
        readResolution(await answerTo(await complaintOf(of)), arbiterIdentity.publicKey),
      ),
    );
    expect(mine!.opened).toEqual(theirs!.opened);
  });
});

describe('a session of an attacker', () => {
  const thief = generateIdentity(seeded(60));
  const helper = generateIdentity(seeded(61));
  const parties = { seller: thief.publicKey, buyer: helper.publicKey };
  const random = seeded(62);
  const blinded = (ciphertext: Uint8Array) =>
    concatBytes(
      add(ciphertext.subarray(0, 32) as Point, multiplyBase(randomScalar(random))),
      ciphertext.subarray(32),
    );

  // 'session' is the identifier of the honest one.
  test.each([
    ['plain', 'sham'],
    ['plain', 'session'],
    ['blinded', 'sham'],
  ] as const)('opens no ciphertext of an honest one: %s, as %s', async (how, name) => {
    const { terms, session } = await engaged({ name, terms: { parties, range } });
    const honest = shown(deal);
    const escrows = Object.fromEntries(
      ROLES.map((role) => {
        const { ciphertexts, ...rest } = honest[role]!;
        return [role, { ...rest, ciphertexts: how === 'plain' ? ciphertexts : ciphertexts.map(blinded) }];
      }),
    );
    const digestOf = (role: string) => {
      const key = escrowKey.publicKey;
      const label = escrowLabel({ session, terms: termsDigest(terms), role, key });
      return encodeBase64url(shownDigest(label, escrows[role]!));
    };
    const fair = { ...deal.fair, escrows: { seller: digestOf('seller'), buyer: digestOf('buyer') } };
    const sign = async (party: 'seller' | 'buyer', identity: typeof thief) => {
      const document = engagementDocument({ terms, session, party, fair });
      return document.assemble({ key: identity.publicKey, signature: await document.sign(identity) });
    };
    const engagements = { seller: await sign('seller', thief), buyer: await sign('buyer', helper) };
    const answer = await answerTo(await complaintOf(deal, { engagements, escrows }, helper));
    const { opened } = readResolution(answer, arbiterIdentity.publicKey);
    for (const role of ROLES) expect(opened[role]!.every((one) => one === undefined)).toBe(true);
  });
});

test('what was opened in one session opens nothing in another, and settles nothing there', async () => {
  const second = await engaged({ name: 'another session', terms: { range } });
  const resolution = await answerTo(await complaintOf(deal));
  const { opened } = readResolution(resolution, arbiterIdentity.publicKey);
  for (const role of ROLES) {
    expect(maskFromOpened(deal.escrows[role].record, opened[role]!)).toBeDefined();
    for (const { record } of Object.values(second.escrows)) {
      expect(maskFromOpened(record, opened[role]!)).toBeUndefined();
    }
  }
  for (const role of ROLES) {
    expect(() => settle(disputeOf(second, role), resolution)).toThrow(
      expect.objectContaining({ code: 'ERR_RESOLUTION_INVALID' }),
    );
  }
});
