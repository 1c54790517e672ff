import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlattenedEncrypt } from 'jose/jwe/flattened/encrypt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { integerToBytes } from '../../src/crypto/integers.ts';
import type { SealKeyEvent } from '../../src/desk/home.ts';
import { unlocked } from '../../src/desk/keys.ts';
import { memoryHome } from '../../src/desk/memory-home.ts';
import { negotiatePinned } from '../../src/desk/pinned.ts';
import { generateIdentity, type LocalIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import { decodeBase64url } from '../../src/documents/json.ts';
import { lock, lockIdentity, unlock } from '../../src/documents/passphrase.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { type FileHome, fileHome } from '../../src/node/home/home.ts';
import { nodeNetwork } from '../../src/node/net/network.ts';
import { proveSealKey, reopenSeal, Seal, type SealKey } from '../../src/seals/index.ts';
import { sealKeyFile } from '../findings/support.ts';
import { alice } from '../paillier/keys.ts';
import { findPlanted } from '../support/planted.ts';

vi.mock('../../src/documents/passphrase-cost.ts', () => import('../support/quick-passphrases.ts'));

const PASSPHRASE = 'correct horse battery';
const root = mkdtempSync(join(tmpdir(), 'parley-passphrase-'));
afterAll(() => rmSync(root, { recursive: true }));

const { signal } = new AbortController();
let identity: LocalIdentity;
let sealKey: SealKey;
let lockedFile: string;
let clearFile: string;
beforeAll(async () => {
  identity = generateIdentity();
  sealKey = proveSealKey(alice, rawPublicKey(identity.publicKey));
  lockedFile = JSON.stringify(await lockIdentity(identity, PASSPHRASE));
  clearFile = JSON.stringify(sealKeyFile(sealKey.key, identity));
});

/** A folder with a locked identity; `seal` is what its seal key's file holds. */
function locked(seal?: string): { readonly folder: string; readonly file: string; readonly home: FileHome } {
  const folder = mkdtempSync(join(root, 'at-'));
  const file = join(folder, 'my.key');
  writeFileSync(file, lockedFile, { mode: 0o600 });
  if (seal !== undefined) writeFileSync(`${file}.seal`, seal, { mode: 0o600 });
  return { folder, file, home: fileHome({ folder, identity: file }) };
}

const open = async (home: FileHome) =>
  unlocked((await home.identity())!, { passphrase: () => PASSPHRASE }, signal);

/** Everything that is in a folder, and in folders in it. */
function contents(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
}

/** What of a seal key must not be readable. */
function primes(): Record<string, Uint8Array> {
  const { p, q } = sealKey.key.exportJson();
  return { p: decodeBase64url(p)!, q: decodeBase64url(q)! };
}

describe('B13: the seal key of an identity under a passphrase', () => {
  it('is made under it, and opens with it alone', async () => {
    const { folder, file, home } = locked();
    await expect(home.keepSealKey(sealKey)).rejects.toMatchObject({ code: 'ERR_PASSPHRASE' });
    await open(home);
    await home.keepSealKey(sealKey);
    expect(findPlanted(contents(folder), primes())).toEqual([]);
    expect(statSync(`${file}.seal`).mode & 0o777).toBe(0o600);
    const again = fileHome({ folder, identity: file });
    await expect(again.sealKey(identity.publicKey)).rejects.toMatchObject({ code: 'ERR_PASSPHRASE' });
    await open(again);
    const events: SealKeyEvent[] = [];
    const found = await again.sealKey(identity.publicKey, (event) => events.push(event));
    expect(found!.key.publicKey.equals(sealKey.key.publicKey)).toBe(true);
    expect(events).toEqual([]);
  });

  it('is put under it at its next use, and its owner is told once', async () => {
    const { folder, file, home } = locked(clearFile);
    expect(findPlanted(contents(folder), primes())).not.toEqual([]);
    await open(home);
    const events: SealKeyEvent[] = [];
    for (let use = 0; use < 2; use++) {
      const found = await home.sealKey(identity.publicKey, (event) => events.push(event));
      expect(found!.key.publicKey.equals(sealKey.key.publicKey)).toBe(true);
    }
    expect(events).toEqual([{ kind: 'sealKeyLocked', place: `${file}.seal` }]);
    expect(findPlanted(contents(folder), primes())).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['my.key', 'my.key.seal']);
  });

  it('is put under it where a link leads to it', async () => {
    const { folder, file, home } = locked();
    const elsewhere = mkdtempSync(join(root, 'elsewhere-'));
    writeFileSync(join(elsewhere, 'seal'), clearFile);
    symlinkSync(join(elsewhere, 'seal'), `${file}.seal`);
    await open(home);
    await home.sealKey(identity.publicKey);
    expect(findPlanted(contents(elsewhere), primes())).toEqual([]);
    expect(readdirSync(folder)).toContain('my.key.seal');
    expect((await home.sealKey(identity.publicKey))!.key.publicKey.equals(sealKey.key.publicKey)).toBe(true);
  });

  it('serves all the same where it cannot be put under it, and its owner is told', async () => {
    const { file, home } = locked(clearFile);
    const short = 'short'; // made by another program: Parley takes no such passphrase
    const made = await new FlattenedEncrypt(Buffer.from(JSON.stringify(identity.exportPrivate())))
      .setProtectedHeader({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', cty: 'jwk+json' })
      .encrypt(Buffer.from(short));
    writeFileSync(file, JSON.stringify(made));
    await unlocked((await home.identity())!, { passphrase: () => short }, signal);
    const events: SealKeyEvent[] = [];
    expect(await home.sealKey(identity.publicKey, (event) => events.push(event))).toBeDefined();
    expect(events).toMatchObject([{ kind: 'sealKeyInClear', error: { code: 'ERR_PASSPHRASE' } }]);
    expect(readFileSync(`${file}.seal`, 'utf8')).toBe(clearFile);
  });

  it('of another passphrase, or another thing under the right one, is refused', async () => {
    const other = JSON.stringify(
      await lock(JSON.parse(clearFile), 'parley-seal-key+json', 'another passphrase'),
    );
    for (const seal of [other, lockedFile]) {
      const { home } = locked(seal);
      await open(home);
      await expect(home.sealKey(identity.publicKey)).rejects.toMatchObject({ code: 'ERR_PASSPHRASE' });
    }
    const document = JSON.parse(lockedFile);
    await expect(unlock(document, 'parley-seal-key+json', PASSPHRASE)).rejects.toMatchObject({
      code: 'ERR_PASSPHRASE',
    });
  });

  it('of an identity without one stays as it was', async () => {
    const folder = mkdtempSync(join(root, 'at-'));
    const home = fileHome({ folder });
    await home.keepIdentity(identity);
    await home.keepSealKey(sealKey);
    expect(readFileSync(home.identityFile.concat('.seal'), 'utf8')).toBe(`${clearFile}\n`);
  });
});

it('B13: nothing in a home under a passphrase opens a past limit without it', async () => {
  const LIMIT = 48_213_577_041n;
  const { folder, file } = locked();
  const other = generateIdentity();
  const terms = {
    parley: 1,
    subject: 'used car',
    rule: { name: 'split' },
    range: { min: '0', max: '1000000000000' },
    parties: { seller: identity.publicKey, buyer: other.publicKey },
    expires: '2999-01-01T00:00:00Z',
  } as const;
  const [left, right] = memoryChannelPair();
  const asked: string[] = [];
  const [sold] = await Promise.all([
    negotiatePinned({
      home: fileHome({ folder, identity: file, agreement: join(folder, 'deal.json') }),
      network: nodeNetwork,
      person: {
        passphrase: ({ place }) => {
          asked.push(place);
          return PASSPHRASE;
        },
      },
      terms,
      mandate: { reservation: LIMIT },
      way: { channel: left, initiator: true },
    }),
    negotiatePinned({
      home: memoryHome({ identity: other }),
      network: nodeNetwork,
      terms,
      mandate: { reservation: 2n * LIMIT },
      way: { channel: right, initiator: false },
    }),
  ]);
  expect(sold.deal).toBe(true);
  expect(asked).toEqual([file]);

  const home = fileHome({ folder, identity: file });
  await expect(home.sealKey(identity.publicKey)).rejects.toMatchObject({ code: 'ERR_PASSPHRASE' });
  await open(home);
  const { key } = (await home.sealKey(identity.publicKey))!;
  const { seals } = JSON.parse(
    Buffer.from(JSON.parse(readFileSync(join(folder, 'deal.json'), 'utf8')).payload, 'base64url').toString(),
  );
  // The ledger's record of the seal is the seal of the agreement: public. What opens it is nowhere.
  expect(contents(`${file}.ledger`).toString()).toContain(seals.seller.ciphertext);
  const { value, randomness } = reopenSeal(key, Seal.fromJSON(seals.seller, { width: 40, committed: false }));
  expect(value).toBe(LIMIT);
  const { p, q } = key.exportJson();
  const secrets = {
    'the limit': Buffer.from(LIMIT.toString()),
    'the limit as bytes': integerToBytes(LIMIT, 5),
    'the randomness of the seal': integerToBytes(randomness.value, key.publicKey.modulusLength),
    p: decodeBase64url(p)!,
    q: decodeBase64url(q)!,
    'the private key': decodeBase64url(identity.exportPrivate().d)!,
    'the passphrase': PASSPHRASE,
  };
  expect(findPlanted(contents(folder), secrets)).toEqual([]);
  expect(findPlanted(Buffer.from(clearFile), { p: primes().p! })).toHaveLength(1);
}, 180_000);
