import { beforeAll, describe, expect, test } from 'vitest';
import { loadSodium } from '../../../src/crypto/sodium.ts';
import { LAST_SECOND } from '../../../src/documents/time.ts';
import { leafHash, nodeHash, rootOver } from '../../../src/documents/tlog/merkle.ts';
import { cosignedAt, isSignedBy, parseNote } from '../../../src/documents/tlog/note.ts';
import { type LogPolicy, MAX_PROOF, verifyLogged } from '../../../src/documents/tlog/proof.ts';
import { formatVerifierKey, parseVerifierKey } from '../../../src/documents/tlog/verifier-key.ts';
import { auditPath, checkpointOf, cosign, proofOf, type Signer, signer, treeRoot } from './log.ts';

beforeAll(loadSodium);
const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

/** The leaves of Certificate Transparency's own tests, and the roots of the trees of the first n of them. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the tree of RFC 6962', () => {
  const leaves = LEAVES.map(hex);

  test.each(LEAVES.map((_, i) => i + 1))('known root and every place, %i leaves', (size) => {
    const tree = leaves.slice(0, size);
    expect(treeRoot(tree).toString('hex')).toBe(ROOTS[size]);
    for (const [index, leaf] of tree.entries()) {
      const path = auditPath(index, tree);
      expect(Buffer.from(rootOver(leafHash(leaf), { index, size, path })!).toString('hex')).toBe(ROOTS[size]);
    }
  });

  test('a known path, from Certificate Transparency’s own vectors', () => {
    const path = [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ].map(hex);
    expect(rootOver(leafHash(leaves[5]!), { index: 5, size: 8, path })).toEqual(hex(ROOTS[8]!));
  });

  test('every size to 17, every leaf: no other index, size, or length of the path gives the root', () => {
    const all = Array.from({ length: 17 }, (_, i) => bytes(`leaf ${i}`));
    for (let size = 1; size <= 17; size++) {
      const tree = all.slice(0, size);
      const root = treeRoot(tree).toString('hex');
      const gives = (leaf: Uint8Array, place: Parameters<typeof rootOver>[1]) =>
        Buffer.from(rootOver(leafHash(leaf), place) ?? []).toString('hex') === root;
      for (const [index, leaf] of tree.entries()) {
        const path = auditPath(index, tree);
        expect(gives(leaf, { index, size, path })).toBe(true);
        expect(gives(leaf, { index, size, path: [...path, new Uint8Array(32)] })).toBe(false);
        if (size > 1) expect(gives(leaf, { index, size, path: path.slice(1) })).toBe(false);
        for (const wrong of [-1, index + 1, index - 1, size, 0.5, Number.NaN]) {
          if (wrong !== index) expect(gives(leaf, { index: wrong, size, path })).toBe(false);
        }
      }
    }
  });

  test('an inner node is no leaf', () => {
    const [left, right] = [leafHash(bytes('a')), leafHash(bytes('b'))];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });

  test('sizes beyond the safe integers are refused', () => {
    expect(rootOver(leafHash(bytes('a')), { index: 0, size: 2 ** 53, path: [] })).toBeUndefined();
  });
});

describe('notes and keys', () => {
  const KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const NOTE =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

  test('the example of the specification', () => {
    const key = parseVerifierKey(KEY, 'log')!;
    expect(formatVerifierKey(key)).toBe(KEY);
    expect(isSignedBy(parseNote(NOTE)!, key)).toBe(true);
    expect(isSignedBy(parseNote(NOTE.replace('This', 'That'))!, key)).toBe(false);
  });

  test.each([
    ['another type', KEY, 'witness'],
    ['another id', KEY.replace('530d903a', '530d903b'), 'log'],
    ['an id in capitals', KEY.replace('530d903a', '530D903A'), 'log'],
    ['another name', KEY.replace('foo', 'fob'), 'log'],
    ['no name', KEY.replace('example.com/foo', ''), 'log'],
    ['a space in the name', KEY.replace('foo', 'f o'), 'log'],
    ['letters that are not ASCII', KEY.replace('foo', 'fоo'), 'log'],
    ['no padding removed', KEY.replace('3U2k', '3U2='), 'log'],
    ['a part more', `${KEY}+x`, 'log'],
    ['nothing', '', 'log'],
  ] as const)('no verifier key: %s', (_, text, type) => {
    expect(parseVerifierKey(text, type)).toBeUndefined();
  });

  test('a key of small order is no key', () => {
    const small = signer('x', 'log', 1).key;
    const text = formatVerifierKey({ ...small, key: new Uint8Array(32) as never });
    expect(parseVerifierKey(text, 'log')).toBeUndefined();
  });

  test.each([
    ['no empty line', NOTE.replace('\n\n', '\n')],
    ['no newline at the end', NOTE.slice(0, -1)],
    ['a control character', NOTE.replace('is', '\t')],
    ['a carriage return', NOTE.replace('message.\n', 'message.\r\n')],
    ['a hyphen for the dash', NOTE.replace('—', '-')],
    ['a plus in the name', NOTE.replace('.com/foo Uw', '.com+foo Uw')],
    ['base64 that does not re-encode', NOTE.replace('aQM=', 'aQN=')],
    ['base64 without padding', NOTE.replace('aQM=', 'aQM')],
    ['four bytes and no more', 'a\n\n— n AAAAAA==\n'],
    ['65 signatures', `a\n\n${'— n AAAAAAA=\n'.repeat(65)}`],
  ])('no note: %s', (_, text) => {
    expect(parseNote(text)).toBeUndefined();
  });

  test('a text with empty lines ends at the last one', () => {
    expect(parseNote('a\n\nb\n\n— n AAAAAAA=\n')?.text).toBe('a\n\nb\n');
  });
});

/**
 * A checkpoint of a public log, a staging log of Certificate Transparency (arche2025h1), as three witnesses of the public witness network have signed it on 23 May 2026. It is not made here: the tests of
 * tlog-scales (Python) verify the same one. Log and witnesses are those of witness-network.org, with the keys that their operators publish.
 */
describe('a checkpoint that others have made and cosigned', () => {
  const LOG = 'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f';
  const WITNESSES = [
    'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
    'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
    'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
  ];
  const BODY = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=
`;
  const CHECKPOINT = `${BODY}
— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`;
  const note = parseNote(CHECKPOINT)!;

  test('is signed by the log, beside a signature of another kind under the log’s name', () => {
    const key = parseVerifierKey(LOG, 'log')!;
    expect(note.text).toBe(BODY);
    expect(isSignedBy(note, key)).toBe(true);
    expect(isSignedBy({ ...note, text: BODY.replace('1432088532', '1432088533') }, key)).toBe(false);
  });

  test.each(WITNESSES)('was seen at one second by %s', (text) => {
    const key = parseVerifierKey(text, 'witness')!;
    expect(formatVerifierKey(key)).toBe(text);
    expect(cosignedAt(note, key)).toBe(0x6a122120);
    expect(cosignedAt({ ...note, text: BODY.replace('1432088532', '1432088533') }, key)).toBe(false);
    const later = note.signatures.map((one) => {
      const signature = Uint8Array.from(one.signature);
      if (one.name === key.name) signature[7]! ^= 1;
      return { ...one, signature };
    });
    expect(cosignedAt({ ...note, signatures: later }, key)).toBe(false);
  });

  test('a witness that has not signed it says nothing', () => {
    const other = 'witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G';
    expect(cosignedAt(note, parseVerifierKey(other, 'witness')!)).toBeUndefined();
  });
});

describe('a proof of publication', () => {
  let log: Signer;
  let [one, two, three]: Signer[] = [];
  let policy: LogPolicy;
  const leaves = [0, 1, 2, 3, 4].map((i) => bytes(`entry ${i}`));
  const entry = leaves[3]!;
  const seen = () =>
    [
      [one!, 1000],
      [two!, 900],
      [three!, 1100],
    ] as const;
  const whole = () => proofOf(log, leaves, 3, seen());
  const codeOf = (proof: Uint8Array | string, of = entry, under = policy) => {
    try {
      verifyLogged(proof, of, under);
      return 'verified';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  beforeAll(() => {
    log = signer('log.example/parley', 'log', 1);
    [one, two, three] = [2, 3, 4].map((seed) => signer(`witness.example/${seed}`, 'witness', seed));
    policy = { log: log.key, witnesses: [one!, two!, three!].map(({ key }) => key), quorum: 2 };
  });

  test('gives the time by which a quorum has seen the entry', () => {
    const times = [1, 2, 3].map((quorum) => verifyLogged(whole(), entry, { ...policy, quorum }).time);
    expect(times).toEqual([900, 1000, 1100]);
    expect(verifyLogged(bytes(whole()), entry, policy)).toEqual({
      index: 3,
      time: 1000,
      seen: [
        { witness: 'witness.example/3', time: 900 },
        { witness: 'witness.example/2', time: 1000 },
        { witness: 'witness.example/4', time: 1100 },
      ],
    });
  });

  test('a time that one witness made up does not count with a quorum of two', () => {
    const early = proofOf(log, leaves, 3, [
      [one!, 1],
      [two!, 900],
      [three!, 1100],
    ]);
    expect(verifyLogged(early, entry, policy).time).toBe(900);
  });

  test('of two signatures by one witness the earlier one counts, and it is one witness', () => {
    const twice = proofOf(log, leaves, 3, [
      [one!, 1000],
      [one!, 990],
    ]);
    expect(verifyLogged(twice, entry, { ...policy, quorum: 1 }).time).toBe(990);
    expect(codeOf(twice)).toBe('ERR_PUBLICATION_WITNESS');
  });

  test('extra data, extension lines and signatures of strangers change nothing', () => {
    const stranger = signer('other.example', 'witness', 9);
    const body = `${checkpointOf(log.key.name, leaves)}an extension\n`;
    const path = auditPath(3, leaves).map((hash) => `${hash.toString('base64')}\n`);
    const lines = [log.line(body), cosign(stranger, body, 5), cosign(one!, body, 7), cosign(two!, body, 8)];
    const proof = ['c2sp.org/tlog-proof@v1\nextra AAAA\nindex 3\n', ...path, '\n', body, '\n', ...lines];
    expect(verifyLogged(proof.join(''), entry, policy).time).toBe(8);
  });

  test.each<[string, string, (proof: string) => string]>([
    ['another first line', 'ERR_PUBLICATION_FORMAT', (proof) => proof.replace('@v1', '@v2')],
    ['no index', 'ERR_PUBLICATION_FORMAT', (proof) => proof.replace('index 3\n', '')],
    [
      'an index with a zero before it',
      'ERR_PUBLICATION_FORMAT',
      (proof) => proof.replace('index 3', 'index 03'),
    ],
    ['a negative index', 'ERR_PUBLICATION_FORMAT', (proof) => proof.replace('index 3', 'index -3')],
    [
      'a hash that is too short',
      'ERR_PUBLICATION_FORMAT',
      (proof) => proof.replace(/index 3\n.*/, 'index 3\nAAAA'),
    ],
    ['a byte-order mark', 'ERR_PUBLICATION_FORMAT', (proof) => `\uFEFF${proof}`],
    ['nothing', 'ERR_PUBLICATION_FORMAT', () => ''],
    ['too long', 'ERR_PUBLICATION_FORMAT', (proof) => proof + 'x'.repeat(MAX_PROOF)],
    ['no signatures', 'ERR_PUBLICATION_FORMAT', (proof) => proof.slice(0, proof.indexOf('—'))],
    ['another index', 'ERR_PUBLICATION_LOG', (proof) => proof.replace('index 3', 'index 2')],
    ['no path', 'ERR_PUBLICATION_LOG', (proof) => proof.replace(/index 3\n(?:.+\n)*\n/, 'index 3\n\n')],
    ['the log has not signed', 'ERR_PUBLICATION_LOG', (proof) => proof.replace(/— log.*\n/, '')],
    ['another size', 'ERR_PUBLICATION_LOG', (proof) => proof.replace('\n5\n', '\n6\n')],
    ['another origin', 'ERR_PUBLICATION_LOG', (proof) => proof.replace('\nlog.example', '\nlag.example')],
    [
      'one witness too few',
      'ERR_PUBLICATION_WITNESS',
      (proof) => proof.replace(/— witness.example\/[34].*\n/g, ''),
    ],
  ])('is refused: %s', (_, code, change) => {
    expect(codeOf(change(whole()))).toBe(code);
  });

  test('is refused: another entry, also if it only has a newline more', () => {
    expect(codeOf(whole(), leaves[2]!)).toBe('ERR_PUBLICATION_LOG');
    expect(codeOf(whole(), bytes('entry 3\n'))).toBe('ERR_PUBLICATION_LOG');
  });

  test('is refused: a time changed, in a line whose witness is known', () => {
    const body = checkpointOf(log.key.name, leaves);
    const head = Buffer.alloc(8);
    head.writeBigUInt64BE(999n);
    const false_ = one!.line(`cosignature/v1\ntime 1000\n${body}`, head);
    expect(codeOf(`${proofOf(log, leaves, 3, seen().slice(1))}${false_}`)).toBe('ERR_PUBLICATION_WITNESS');
  });

  test('is refused: a witness’s line of another length', () => {
    const body = checkpointOf(log.key.name, leaves);
    expect(codeOf(`${whole()}${one!.line(body, Buffer.of(1))}`)).toBe('ERR_PUBLICATION_WITNESS');
  });

  test('times end with the year 8999', () => {
    const at = (time: number) =>
      codeOf(
        proofOf(log, leaves, 3, [
          [one!, time],
          [two!, 5],
        ]),
      );
    expect(at(LAST_SECOND)).toBe('verified');
    expect(at(LAST_SECOND + 1)).toBe('ERR_PUBLICATION_WITNESS');
    expect(new Date(LAST_SECOND * 1000).toISOString()).toBe('8999-12-31T23:59:59.000Z');
  });

  test('is refused: the log’s key under a witness’s name, and a witness’s key as a log', () => {
    const posing = signer(one!.key.name, 'witness', 1);
    const under = { ...policy, witnesses: [one!.key, two!.key] };
    expect(
      codeOf(
        proofOf(log, leaves, 3, [
          [posing, 1],
          [two!, 2],
        ]),
        entry,
        under,
      ),
    ).toBe('ERR_PUBLICATION_WITNESS');
    const other = signer(log.key.name, 'log', 2);
    expect(codeOf(proofOf(other, leaves, 3, seen()))).toBe('ERR_PUBLICATION_LOG');
  });

  test('is refused: bytes that are not UTF-8', () => {
    expect(codeOf(Buffer.concat([bytes(whole()), Buffer.of(0xff)]))).toBe('ERR_PUBLICATION_FORMAT');
  });
});
