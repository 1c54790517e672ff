import { describe, expect, test } from 'vitest';
import { packBits } from '../../src/circuit/bits.ts';
import { engagementDocument } from '../../src/documents/engagement.ts';
import { caseOf } from '../../src/documents/fair.ts';
import { readFairEngagement } from '../../src/documents/fair-engagement.ts';
import { decodeBase64url, encodeBase64url } from '../../src/documents/json.ts';
import { openJws, SignableDocument } from '../../src/documents/jws.ts';
import { maskDocument } from '../../src/documents/mask-opening.ts';
import { termsDigest } from '../../src/documents/terms.ts';
import { commitMasked, unmask } from '../../src/escrow/index.ts';
import {
  maskByArbiter,
  maskByParty,
  type ProvedOutcome,
  provedOutcome,
  serializeProvedOutcome,
} from '../../src/verify/proved-form.ts';
import { verifyAgreement, verifyEngagement } from '../../src/verify/verify.ts';
import { reveal, signed } from './revealed.ts';
import { flipped } from './support.ts';
import { arbiterIdentity, arbitratedTerms, buyer, cardOf, seller } from './terms.ts';

const FULL = process.env.PARLEY_FULL !== undefined;
const unpinned = { parties: 'unpinned' } as const;
const split = await reveal(await arbitratedTerms(), [{ reservation: 400n }, { reservation: 600n }]);
const parties = split.terms.parties;
const parsed = (bytes: Uint8Array): ProvedOutcome => JSON.parse(new TextDecoder().decode(bytes));
const refused = (proof: Uint8Array | ProvedOutcome | string, code = 'ERR_AGREEMENT_ESCROWS') =>
  expect(verifyAgreement(proof, unpinned)).rejects.toMatchObject({ name: 'VerificationError', code });
const without = ({ resolution: _, ...proof }: ProvedOutcome): ProvedOutcome => proof;

describe('three proofs of one outcome', () => {
  test('verify alike', async () => {
    for (const pins of [parties, 'unpinned'] as const) {
      const signed = await verifyAgreement(split.signed, { parties: pins });
      expect(signed).toMatchObject({
        proof: 'signed',
        outcome: { deal: true, price: '500' },
        terms: split.terms,
      });
      for (const [proof, bytes] of [
        ['opened', split.opened],
        ['resolved', split.resolved],
      ] as const) {
        expect(await verifyAgreement(bytes, { parties: pins })).toEqual({ ...signed, proof });
        expect(await verifyAgreement(new TextDecoder().decode(bytes), { parties: pins })).toEqual({
          ...signed,
          proof,
        });
        expect(await verifyAgreement(parsed(bytes), { parties: pins })).toEqual({ ...signed, proof });
      }
    }
    await expect(
      verifyAgreement(split.opened, { parties: { seller: buyer.publicKey } }),
    ).rejects.toMatchObject({
      code: 'ERR_AGREEMENT_PARTIES',
    });
  });

  test('under other rules, and for no deal', async () => {
    const menu = {
      rule: { name: 'menu', solution: 'nash' },
      menu: { issues: [{ name: 'Price', values: ['1', '2', '3'] }] },
    };
    const runs = await Promise.all([
      reveal(await arbitratedTerms({ rule: { name: 'zopa' } }), [{ reservation: 1n }, { reservation: 1n }]),
      reveal(await arbitratedTerms({ rule: { name: 'zopa' } }), [{ reservation: 2n }, { reservation: 1n }]),
      reveal(await arbitratedTerms(menu), [
        { reservation: 0.2, utilities: [0, 0.5, 1] },
        { reservation: 0.2, utilities: [1, 0.9, 0] },
      ]),
    ]);
    for (const run of runs) {
      const verified = await verifyAgreement(run.signed, { parties: run.terms.parties });
      expect(verified.outcome).toEqual(run.outcome);
      expect(await verifyAgreement(run.opened, { parties: run.terms.parties })).toEqual({
        ...verified,
        proof: 'opened',
      });
      expect(await verifyAgreement(run.resolved, { parties: run.terms.parties })).toEqual({
        ...verified,
        proof: 'resolved',
      });
    }
    expect(runs.map(({ outcome }) => outcome.deal)).toEqual([true, false, true]);
  });

  test('one mask may be opened by its party, and the other by the arbiter', async () => {
    const [opened, resolved] = [parsed(split.opened), parsed(split.resolved)];
    const mixed = { ...resolved, masks: { ...resolved.masks, seller: opened.masks.seller! } };
    expect(await verifyAgreement(mixed, unpinned)).toMatchObject({
      proof: 'resolved',
      outcome: split.outcome,
    });
  });

  test.each(['opened', 'resolved'] as const)(
    '%s: any byte changed is refused',
    async (kind) => {
      const bytes = split[kind];
      for (let at = 0; at < bytes.length; at += FULL ? 1 : kind === 'opened' ? 83 : 251) {
        await expect(
          verifyAgreement(flipped(bytes, 8 * at + (at % 7)), unpinned),
          `byte ${at}`,
        ).rejects.toMatchObject({
          name: 'VerificationError',
        });
      }
      await refused(bytes.subarray(0, -1), 'ERR_AGREEMENT_FORMAT');
      await refused(Uint8Array.of(...bytes, 10), 'ERR_AGREEMENT_FORMAT');
    },
    FULL ? 3_600_000 : 30_000,
  );
});

describe('a proof is refused', () => {
  /** The opened proof with one text inside it in another form of the same length. */
  const changed = (
    path: readonly (string | number)[],
    change: (value: unknown) => unknown,
  ): ProvedOutcome => {
    const proof = parsed(split.opened);
    let inside: Record<string | number, unknown> = proof as never;
    for (const member of path.slice(0, -1)) inside = inside[member] as typeof inside;
    inside[path.at(-1)!] = change(inside[path.at(-1)!]);
    return proof;
  };
  const flippedText = (text: unknown) => encodeBase64url(flipped(decodeBase64url(text)!, 0));

  test.each([
    ['masked outcome', ['opening', 'masked']],
    ['salt', ['opening', 'salt']],
    ['seed', ['masks', 'seller', 'seed']],
    ['ciphertext', ['masks', 'seller', 'ciphertext']],
    ['challenge', ['masks', 'buyer', 'rest', 'challenge']],
    ['seed of the matrix', ['masks', 'buyer', 'rest', 'matrix']],
    ['shares', ['masks', 'buyer', 'rest', 'shares']],
    ['tag', ['masks', 'buyer', 'rest', 'tag']],
    ['other ciphertexts', ['masks', 'buyer', 'rest', 'others']],
  ] as const)('with another %s', async (_, path) => {
    await refused(changed(path, flippedText));
  });

  test('with another pair, without a mask, with masks exchanged, or with a member that is not known', async () => {
    await refused(changed(['masks', 'seller', 'index'], () => 1));
    await refused(
      changed(['masks', 'seller', 'index'], () => 40),
      'ERR_AGREEMENT_FORMAT',
    );
    const { masks, ...rest } = parsed(split.opened);
    const { seller: one, buyer: other } = masks as Required<typeof masks>;
    await refused({ ...rest, masks: { seller: one! } }, 'ERR_AGREEMENT_FORMAT');
    await refused({ ...rest, masks: { seller: one!, stranger: other! } });
    await refused({ ...rest, masks: { seller: other!, buyer: one! } });
    await refused({ ...rest, masks, more: 1 } as never, 'ERR_AGREEMENT_FORMAT');
    const packed = decodeBase64url(rest.opening.masked)!;
    for (const masked of [flipped(packed, 8 * packed.length - 1), Uint8Array.of(...packed, 0)]) {
      await refused({ ...rest, masks, opening: { ...rest.opening, masked: encodeBase64url(masked) } });
    }
  });

  test('with a mask that the arbiter has opened and nobody has signed', async () => {
    const opened = parsed(split.opened);
    const record = split.escrows.buyer!.record;
    const place = maskByArbiter(record, 0);
    await refused({ ...opened, masks: { ...opened.masks, buyer: place } });
    // signed by the other side in its name, for another case, or for the other role
    const { mask, ...found } = split.escrows.buyer!.own.open();
    const documents = [
      await signed(maskDocument({ case: split.case, party: 'buyer', mask }), seller),
      await signed(maskDocument({ case: new Uint8Array(32), party: 'buyer', mask }), buyer),
      await signed(maskDocument({ case: split.case, party: 'seller', mask }), buyer),
      await signed(maskDocument({ case: split.case, party: 'buyer', mask: flipped(mask, 3) }), buyer),
    ];
    const codes = [
      'ERR_AGREEMENT_PARTIES',
      'ERR_AGREEMENT_ESCROWS',
      'ERR_AGREEMENT_ESCROWS',
      'ERR_AGREEMENT_ESCROWS',
    ];
    for (const [i, document] of documents.entries()) {
      await refused(
        { ...opened, masks: { ...opened.masks, buyer: maskByParty(record, found, document) } },
        codes[i],
      );
    }
  });

  test('with a resolution that it does not need, that is missing, of another case or by another arbiter', async () => {
    const [opened, resolved] = [parsed(split.opened), parsed(split.resolved)];
    await refused({ ...opened, resolution: split.resolution });
    await refused(without(resolved));
    const other = await reveal(await arbitratedTerms({ subject: 'another car' }), [
      { reservation: 1n },
      { reservation: 2n },
    ]);
    await refused({ ...resolved, resolution: other.resolution });
    const { signatures } = await signed(engagementDocument({ ...split, party: 'seller' }), seller);
    await refused({ ...resolved, resolution: { ...split.resolution, signatures } }, 'ERR_AGREEMENT_PARTIES');
  });

  test('with a resolution of its case that says other things', async () => {
    const resolved = parsed(split.resolved);
    const said = openJws(split.resolution).payload as { readonly engagements: object };
    const saying = async (changes: object) => ({
      ...resolved,
      resolution: await signed(
        new SignableDocument('parley-resolution+jws', { ...said, ...changes }),
        arbiterIdentity,
      ),
    });
    expect(await verifyAgreement(await saying({}), unpinned)).toMatchObject({ proof: 'resolved' });
    const zero = encodeBase64url(new Uint8Array(32));
    const [one] = split.engagements;
    const again = await signed(engagementDocument({ ...split, party: 'buyer' }), buyer);
    for (const changes of [
      { session: zero },
      { terms: zero },
      { complainBy: '2026-11-27T12:10:01Z' },
      { engagements: { ...said.engagements, seller: { ...one, signatures: [] } } },
      { engagements: { ...said.engagements, buyer: { ...again, payload: one.payload } } },
    ]) {
      await refused(await saying(changes));
    }
  });

  test('with engagements in another order, of two sessions, under other terms or without an arbiter', async () => {
    const proof = parsed(split.opened);
    const [one, two] = proof.engagements;
    await refused({ ...proof, engagements: [two, one] }, 'ERR_AGREEMENT_PARTIES');
    await refused({ ...proof, engagements: [one, one] }, 'ERR_AGREEMENT_PARTIES');
    const body = { terms: split.terms, session: split.session, fair: split.fair };
    const engaged = (changes: object) =>
      signed(engagementDocument({ ...body, ...changes, party: 'buyer' }), buyer);
    const others = [
      await engaged({ session: new Uint8Array(32) }),
      await engaged({ fair: { ...split.fair, complainBy: '2026-11-27T12:10:01Z' } }),
      await engaged({ terms: { ...split.terms, subject: 'used bike' } }),
    ];
    for (const other of others) await refused({ ...proof, engagements: [one, other] });
    await refused({ ...proof, engagements: [one, await engaged({ fair: undefined })] });
  });

  test('if both sides have signed what the rule cannot give', async () => {
    const [one, other] = ['seller', 'buyer'].map((role) => split.escrows[role]!.own);
    const masked = unmask(new Uint8Array(one!.mask().length).fill(1), one!.mask(), other!.mask()); // a price of 1023
    const salt = new Uint8Array(32);
    const fair = { ...split.fair, masked: encodeBase64url(commitMasked(split.session, salt, masked)) };
    const { terms, session } = split;
    const id = caseOf({ terms: termsDigest(terms), session, fair });
    const by = async (party: 'seller' | 'buyer', identity: typeof seller) => {
      const { record, own } = split.escrows[party]!;
      const { mask, ...found } = own.open();
      const opened = await signed(maskDocument({ case: id, party, mask }), identity);
      const engagement = await signed(engagementDocument({ terms, session, party, fair }), identity);
      return { engagement, mask: maskByParty(record, found, opened) };
    };
    const [a, b] = [await by('seller', seller), await by('buyer', buyer)];
    const engagements = [a.engagement, b.engagement] as const;
    const masks = { seller: a.mask, buyer: b.mask };
    await refused(
      provedOutcome({ engagements, salt, masked: packBits(masked), masks }),
      'ERR_AGREEMENT_OUTCOME',
    );
    // masks that were opened in another case do not count
    const { masks: earlier } = parsed(split.opened);
    await refused(provedOutcome({ engagements, salt, masked: packBits(masked), masks: earlier }));
  });
});

describe('engagements under terms with an arbiter', () => {
  const [engagement] = split.engagements;

  test('are read by the arbiter without their rule', () => {
    const read = readFairEngagement(engagement);
    expect(read).toMatchObject({
      role: 'seller',
      session: split.session,
      fair: split.fair,
      case: split.case,
      parties,
    });
    expect(read.terms).toEqual(termsDigest(split.terms));
    expect(read.arbiter).toEqual(split.terms.arbiter);
  });

  test('verify, and without what they have to name they do not', async () => {
    expect(await verifyEngagement(engagement, { parties })).toMatchObject({ fair: split.fair });
    const { arbiter: _, ...plainTerms } = split.terms;
    const body = { terms: split.terms, session: split.session, party: 'seller', fair: split.fair };
    const { seller: only } = split.fair.escrows;
    const wrong = [
      engagementDocument({ ...body, fair: undefined }),
      engagementDocument({ ...body, terms: plainTerms }),
      engagementDocument({ ...body, fair: { ...split.fair, escrows: { seller: only! } } }),
      engagementDocument({ ...body, fair: { ...split.fair, escrows: { seller: only!, other: only! } } }),
    ];
    for (const document of wrong) {
      const of = await signed(document, seller);
      await expect(verifyEngagement(of, unpinned)).rejects.toMatchObject({ code: 'ERR_AGREEMENT_ESCROWS' });
      expect(() => readFairEngagement(of)).toThrow(
        expect.objectContaining({ code: 'ERR_AGREEMENT_ESCROWS' }),
      );
    }
    const malformed = [{ masked: 'AA' }, { complainBy: '2026-11-27' }, { more: 1 }];
    for (const change of malformed) {
      const of = await signed(engagementDocument({ ...body, fair: { ...split.fair, ...change } }), seller);
      await expect(verifyEngagement(of, unpinned)).rejects.toMatchObject({ code: 'ERR_AGREEMENT_FORMAT' });
      expect(() => readFairEngagement(of)).toThrow(expect.objectContaining({ code: 'ERR_AGREEMENT_FORMAT' }));
    }
    const theirs = await signed(engagementDocument(body), buyer);
    expect(() => readFairEngagement(theirs)).toThrow(
      expect.objectContaining({ code: 'ERR_AGREEMENT_PARTIES' }),
    );
  });

  test('of two arbiters belong to two cases', async () => {
    const other = await arbitratedTerms({ arbiter: { card: await cardOf(), window: 601 } });
    const document = engagementDocument({
      terms: other,
      session: split.session,
      party: 'seller',
      fair: split.fair,
    });
    expect(readFairEngagement(await signed(document, seller)).case).not.toEqual(split.case);
  });
});

test('proofs have one form', () => {
  for (const bytes of [split.opened, split.resolved])
    expect(serializeProvedOutcome(parsed(bytes))).toEqual(bytes);
});
