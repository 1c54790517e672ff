import { describe, expect, test, vi } from 'vitest';
import type { Delegation, DelegationDocuments } from '../../src/documents/delegation.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { serializeJws } from '../../src/documents/jws.ts';
import {
  MAX_CERTIFICATE,
  type MandateCertificate,
  mandateCertificateDigest,
} from '../../src/documents/mandate-certificate.ts';
import { formatTime, type Terms } from '../../src/documents/terms.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { agreementSignature, certificateDocuments, certificateLengths } from '../../src/session/messages.ts';
import type { Session } from '../../src/session/session.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { testRandom } from '../support/channels.ts';
import {
  alice,
  bela,
  buyerCertificate,
  certificateOf,
  certify,
  cleo,
  council,
  delegationOf,
  HOUR,
  inHours,
  listFor,
  scope,
} from '../support/delegations.ts';
import { buyer, codes, openPair, partsOf, seller, splitTerms, tamper } from '../support/sessions.ts';

const plain = certificateOf();
const revocable = certificateOf({ revokers: [bela.publicKey] });
const digest = mandateCertificateDigest(plain);
const revocableDigest = mandateCertificateDigest(revocable);
const own = await delegationOf(plain);
const another = await delegationOf(certificateOf({ serial: '2' }));

/** Both sides act for somebody else. */
async function delegated(terms: Partial<Terms> = {}) {
  const left = await delegationOf(certificateOf());
  const right = await delegationOf(buyerCertificate(), [bela]);
  const pair = await openPair({
    left: { delegation: left.documents },
    right: { delegation: right.documents },
  });
  const mandates = { seller: left.digest, buyer: right.digest };
  return { pair, terms: splitTerms({ mandates, ...terms }) };
}

const bids = [{ reservation: 400n }, { reservation: 500n }] as const;

describe.each(['semi-honest', 'malicious'] as const)('under %s security', (security) => {
  test('two delegates bind their principals, negotiation after negotiation', async () => {
    const { pair, terms } = await delegated({ security });
    for (const price of [450n, 460n]) {
      const [left, right] = await Promise.all([
        pair[0].negotiate({ terms, mandate: bids[0] }),
        pair[1].negotiate({ terms, mandate: { reservation: 500n + 2n * (price - 450n) } }),
      ]);
      expect(left).toMatchObject({ price });
      expect(left.agreement).toEqual(right.agreement);
      const parties = { seller: alice.publicKey, buyer: bela.publicKey };
      const verified = await verifyAgreement(left.agreement, { parties });
      expect(verified.pinned).toBe(true);
      expect(verified.parties.seller).toMatchObject({
        key: seller.publicKey,
        delegation: { principal: alice.publicKey, mandate: 'claimed', certificate: terms.mandates!.seller },
      });
    }
    expect(await codes(pair.map((session) => session.close()))).toEqual(['ok', 'ok']);
  });
});

test('each side is asked for its mandate once it knows for whom the other acts', async () => {
  const { pair, terms } = await delegated();
  const told: (Delegation | undefined | 'awaited')[] = [];
  const asked = (reservation: bigint) =>
    vi.fn(({ delegation }: { delegation?: Delegation | undefined | 'awaited' }) => {
      told.push(delegation);
      return { reservation };
    });
  await Promise.all([
    pair[0].negotiate({ terms, mandate: asked(400n) }),
    pair[1].negotiate({ terms, mandate: asked(500n) }),
  ]);
  const principals = told.map((one) => (typeof one === 'object' ? one.certificate.principal : one));
  expect(new Set(principals)).toEqual(new Set([alice.publicKey, bela.publicKey]));
});

test('one side may act for somebody, and the other for itself', async () => {
  const { documents, digest } = await delegationOf(buyerCertificate({ principal: council }), [bela, cleo]);
  const pair = await openPair({ right: { delegation: documents } });
  const terms = splitTerms({ mandates: { buyer: digest } });
  const [{ agreement }] = await Promise.all(
    pair.map((session, i) => session.negotiate({ terms, mandate: bids[i]! })),
  );
  const verified = await verifyAgreement(agreement!, {
    parties: { seller: seller.publicKey, buyer: council },
  });
  expect(verified.parties.seller!.delegation).toBeUndefined();
  expect(verified.parties.buyer!.delegation!.principal).toEqual(council);
  await expect(verifyAgreement(agreement!, { parties: { buyer: buyer.publicKey } })).rejects.toMatchObject({
    code: 'ERR_AGREEMENT_PARTIES',
  });
});

describe('before anything is sent, a side refuses', () => {
  const refusals: [string, Partial<Terms>, DelegationDocuments | undefined, string][] = [
    ['terms that do not name its certificate', {}, own.documents, 'ERR_USAGE'],
    ['terms that name one where it has none', { mandates: { seller: own.digest } }, undefined, 'ERR_USAGE'],
    ['terms that name another one', { mandates: { seller: another.digest } }, own.documents, 'ERR_USAGE'],
    [
      'terms that its certificate does not cover',
      { mandates: { seller: own.digest }, attempts: 2 },
      own.documents,
      'ERR_DELEGATION_SCOPE',
    ],
  ];
  test.each(refusals)('%s', async (_, changes, delegation, code) => {
    const pair = await openPair({ left: { delegation } });
    const { sent } = pair[0].stats;
    const terms = splitTerms(changes);
    await expect(pair[0].negotiate({ terms, mandate: bids[0] })).rejects.toMatchObject({ code });
    expect(pair[0].stats.sent).toBe(sent);
    for (const session of pair) session.destroy();
  });

  test('a certificate for another key, before it connects', async () => {
    const { documents } = await delegationOf(buyerCertificate(), [bela]);
    const pair = openPair({ left: { delegation: documents }, timeout: 200 });
    await expect(pair).rejects.toMatchObject({ code: 'ERR_DELEGATION_SCOPE' });
  });
});

/** The seller cheats: it shows these documents, whatever they are, under terms that name `digest`. Its code, and that of the honest buyer, which must not have been asked for its mandate. */
async function showing(
  documents: { readonly certificate: Uint8Array; readonly revocations?: Uint8Array },
  digest: string,
  changes: Partial<Terms> = {},
): Promise<string> {
  const pair = await openPair();
  const { certificates } = partsOf(pair[0]);
  const { certificate, revocations = new Uint8Array(0) } = documents;
  certificates.check = () => undefined;
  const documentsOf = () => ({
    certificate: JSON.parse(new TextDecoder().decode(certificate)),
    ...(revocations.length > 0 && { revocations: JSON.parse(new TextDecoder().decode(revocations)) }),
  });
  const shown = {
    digest,
    certificate: plain, // by which it would count
    get documents() {
      return documentsOf();
    },
  } as unknown as Delegation;
  Object.assign(certificates, { own: shown });
  certificates.send = async (link) => {
    await sendDocuments(link, certificate, revocations);
    Object.assign(certificates, { sent: true });
  };
  const terms = splitTerms({ mandates: { seller: digest }, ...changes });
  const asked = vi.fn(() => bids[1]);
  const [mine, theirs] = await codes([
    pair[1].negotiate({ terms, mandate: asked }),
    pair[0].negotiate({ terms, mandate: bids[0] }),
  ]);
  if (mine !== 'ok') {
    expect(asked).not.toHaveBeenCalled();
    expect(['ERR_PEER_ABORTED', 'ERR_PEER_LEFT']).toContain(theirs);
  }
  for (const session of pair) session.destroy();
  return mine!;
}

type Sending = Parameters<ReturnType<typeof certificatesOf>['send']>[0];
const certificatesOf = (session: Session) => partsOf(session).certificates;

async function sendDocuments(link: Sending, certificate: Uint8Array, revocations: Uint8Array): Promise<void> {
  const length = (bytes: Uint8Array) => {
    const four = new Uint8Array(4);
    new DataView(four.buffer).setUint32(0, bytes.length);
    return four;
  };
  void link.send(certificateLengths, undefined, {
    certificate: length(certificate),
    revocations: length(revocations),
  });
  await link.send(
    certificateDocuments,
    { certificate: certificate.length, revocations: revocations.length },
    { certificate, revocations },
  );
}

describe('the honest side aborts, and gives no mandate, if the other shows', () => {
  /** A certificate of this content and what is shown with it. */
  async function shows(
    certificate: MandateCertificate,
    signers = [alice],
    list?: Parameters<typeof listFor>[1] | Uint8Array,
    terms: Partial<Terms> = {},
  ): Promise<string> {
    const document = serializeJws(await certify(certificate, ...signers));
    const revocations =
      list === undefined || list instanceof Uint8Array
        ? list
        : serializeJws(await listFor(certificate, list));
    return showing(
      { certificate: document, ...(revocations && { revocations }) },
      mandateCertificateDigest(certificate),
      terms,
    );
  }

  test('nothing wrong, and it does not', async () => {
    expect(await shows(plain)).toBe('ok');
    expect(await shows(certificateOf({ principal: council }), [alice, cleo])).toBe('ok');
    expect(await shows(revocable, [alice], {})).toBe('ok');
    expect(await shows(revocable, [alice], serializeJws(await listFor(revocable, {}, bela)))).toBe('ok');
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['garbage', new Uint8Array(300).fill(7)],
    ['an array', new TextEncoder().encode('[]\n')],
    ['nested arrays', new TextEncoder().encode('['.repeat(30_000))],
  ])('%s', async (_, certificate) => {
    expect(await showing({ certificate }, digest)).toBe('ERR_DELEGATION_FORMAT');
  });

  test('a space at the end', async () => {
    const certificate = Uint8Array.of(...serializeJws(await certify(plain)), 32);
    expect(await showing({ certificate }, digest)).toBe('ERR_DELEGATION_FORMAT');
  });

  test('too long documents', async () => {
    const certificate = new Uint8Array(MAX_CERTIFICATE + 1);
    expect(await showing({ certificate }, digest)).toBe('ERR_PEER_CHEATED');
    const short = serializeJws(await certify(plain));
    expect(await showing({ certificate: short, revocations: certificate }, digest)).toBe('ERR_PEER_CHEATED');
  });

  test('another certificate than the one that the terms name', async () => {
    const other = serializeJws(await certify(certificateOf({ serial: '2' })));
    expect(await showing({ certificate: other }, digest)).toBe('ERR_PEER_CHEATED');
  });

  test.each<[string, MandateCertificate, (typeof alice)[], string]>([
    ['a certificate for another key', certificateOf({ delegate: cleo.publicKey }), [alice], 'SCOPE'],
    ['one for the other role', certificateOf({ scope: { ...scope, roles: ['buyer'] } }), [alice], 'SCOPE'],
    [
      'one that does not cover the terms',
      certificateOf({ scope: { ...scope, max: '999' } }),
      [alice],
      'SCOPE',
    ],
    ['one of the buyer', certificateOf({ principal: buyer.publicKey }), [buyer], 'SCOPE'],
    [
      'one that is for dealings with somebody else',
      certificateOf({ scope: { ...scope, peers: ['x'.repeat(43)] } }),
      [alice],
      'SCOPE',
    ],
    ['one that one of two members has signed', certificateOf({ principal: council }), [alice], 'SIGNATURE'],
    ['one that has yet to begin', certificateOf({ notBefore: inHours(1) }), [alice], 'EXPIRED'],
    [
      'one without the list of revocations that it asks for',
      certificateOf({ revokers: [bela.publicKey] }),
      [alice],
      'REVOKED',
    ],
  ])('%s', async (_, certificate, signers, code) => {
    expect(await shows(certificate, signers)).toBe(`ERR_DELEGATION_${code}`);
  });

  test('one that a stranger has signed, or one member twice', async () => {
    const strange = await certify(certificateOf({ principal: cleo.publicKey }), cleo);
    const forged = { ...strange, payload: (await certify(plain)).payload };
    expect(await showing({ certificate: serializeJws(forged) }, digest)).toBe('ERR_DELEGATION_SIGNATURE');
    const many = certificateOf({ principal: council });
    const one = await certify(many, alice);
    const twice = { ...one, signatures: [one.signatures[0]!, one.signatures[0]!] };
    const { digest: named } = await delegationOf(many, [alice, bela]);
    expect(await showing({ certificate: serializeJws(twice) }, named)).toBe('ERR_DELEGATION_SIGNATURE');
  });

  test('one that ends a second before the deadline of the terms, but not one that ends with it', async () => {
    const deadline = Date.now() + HOUR;
    const expires = formatTime(deadline);
    const short = certificateOf({ expires: formatTime(deadline - 1_000) });
    expect(await shows(short, [alice], undefined, { expires })).toBe('ERR_DELEGATION_EXPIRED');
    expect(await shows(certificateOf({ expires }), [alice], undefined, { expires })).toBe('ok');
  });

  test.each<[string, Parameters<typeof listFor>[1], string]>([
    ['a list that revokes it', { certificates: [revocableDigest] }, 'REVOKED'],
    ['a list of yesterday', { asOf: inHours(-24.1), next: inHours(2) }, 'REVOKED'],
    ['a list that has been replaced', { asOf: inHours(-3), next: inHours(-1) }, 'REVOKED'],
    ['a list of the future', { asOf: inHours(0.2) }, 'REVOKED'],
    ['a list of another principal', { principal: bela.publicKey }, 'SIGNATURE'],
  ])('%s', async (_, list, code) => {
    expect(await shows(revocable, [alice], list)).toBe(`ERR_DELEGATION_${code}`);
  });

  test('a list that a stranger has signed, or that is none', async () => {
    const strange = serializeJws(await listFor(revocable, {}, cleo));
    expect(await shows(revocable, [alice], strange)).toBe('ERR_DELEGATION_SIGNATURE');
    expect(await shows(revocable, [alice], new Uint8Array(40))).toBe('ERR_DELEGATION_FORMAT');
    const certificate = serializeJws(await certify(plain));
    expect(await shows(revocable, [alice], certificate)).toBe('ERR_DELEGATION_FORMAT');
  });
});

test('an open session refuses to go on once the list of revocations is too old', async () => {
  const certificate = certificateOf({ revokers: [bela.publicKey] });
  const list = await listFor(certificate, { asOf: formatTime(Date.now()), next: inHours(30) });
  const { documents, digest } = await delegationOf(certificate, [alice], list);
  const pair = await openPair({ left: { delegation: documents } });
  const terms = splitTerms({ mandates: { seller: digest } });
  await Promise.all(pair.map((session, i) => session.negotiate({ terms, mandate: bids[i]! })));
  const later = Date.now() + 25 * HOUR;
  const clock = vi.spyOn(Date, 'now').mockReturnValue(later);
  const again = pair[1].negotiate({ terms, mandate: bids[1] });
  await expect(again).rejects.toMatchObject({ code: 'ERR_DELEGATION_REVOKED' });
  clock.mockRestore();
  for (const session of pair) session.destroy();
});

describe('the ledger of the other side counts by principal, and by the delegate’s key', () => {
  const other = generateIdentity(testRandom(45));
  /** The buyer negotiates with a seller that has this key, for a principal or for itself. */
  async function meets(ledger: Ledger, identity: typeof seller, principal?: typeof alice, changes = {}) {
    const certificate = certificateOf({
      delegate: identity.publicKey,
      scope: { ...scope, attempts: 2 },
      ...(principal && { principal: principal.publicKey }),
    });
    const shown = principal && (await delegationOf(certificate, [principal]));
    const pair = await openPair({
      left: { identity, delegation: shown?.documents },
      right: { ledger, peer: identity.publicKey, afterCheat: 'allow' },
    });
    // The seller's signature on the agreement is spoilt, so that the attempt counts.
    tamper(pair[0], (type, fields) => {
      if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
    });
    const terms = splitTerms({
      parties: { seller: identity.publicKey, buyer: buyer.publicKey },
      ...(shown && { mandates: { seller: shown.digest } }),
      ...changes,
    });
    const [mine] = await codes([
      pair[1].negotiate({ terms, mandate: bids[1], maxDisclosure: 25 }),
      pair[0].negotiate({ terms, mandate: bids[0] }),
    ]);
    for (const session of pair) session.destroy();
    return mine!;
  }

  /** How many attempts each name has that has any. */
  const counted = async (ledger: Ledger) =>
    (await ledger.list())
      .map(({ attempts }) => attempts.length)
      .filter((count) => count > 0)
      .sort();

  test('two delegates of one principal share its attempts', async () => {
    const ledger = new Ledger(memoryStore());
    expect(await meets(ledger, seller, alice)).toBe('ERR_PEER_CHEATED');
    expect(await meets(ledger, other, alice)).toBe('ERR_ATTEMPTS_EXHAUSTED');
    expect(await meets(ledger, other, cleo)).toBe('ERR_PEER_CHEATED'); // for another principal
    expect(await meets(ledger, other)).toBe('ERR_ATTEMPTS_EXHAUSTED'); // for itself, as its key has been told already
    expect(await counted(ledger)).toEqual([1, 1, 1, 1]);
  });

  test('and the bits that it has been told, with those that its own key was told', async () => {
    const ledger = new Ledger(memoryStore());
    expect(await meets(ledger, alice)).toBe('ERR_PEER_CHEATED');
    expect(await meets(ledger, seller, alice, { matter: 'used car', attempts: 2 })).toBe('ERR_PEER_CHEATED');
    expect(await meets(ledger, other, alice, { attempts: 2, subject: 'boat' })).toBe('ERR_DISCLOSURE_LIMIT');
    expect(await counted(ledger)).toEqual([1, 2]);
  });
});
