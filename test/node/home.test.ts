import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { unlocked } from '../../src/desk/keys.ts';
import { serializeAgreement } from '../../src/documents/agreement.ts';
import { generateIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import { MAX_JSON_LENGTH } from '../../src/documents/json.ts';
import { lockIdentity } from '../../src/documents/passphrase.ts';
import { reserveFile, reserveInFolder } from '../../src/node/home/agreements.ts';
import { fileHome } from '../../src/node/home/home.ts';
import { readSealKey } from '../../src/node/home/seal-key.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { alice } from '../paillier/keys.ts';

vi.mock('../../src/documents/passphrase-cost.ts', () => import('../support/quick-passphrases.ts'));

const root = mkdtempSync(join(tmpdir(), 'parley-home-'));
const started = process.cwd();
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => process.chdir(started));

const inside = () => mkdtempSync(join(root, 'at-'));
const agreement = (signature: string) =>
  new TextEncoder().encode(JSON.stringify({ signatures: [{ signature }] }));
const failure = (text: RegExp) =>
  expect.objectContaining({ code: 'ERR_FILE', message: expect.stringMatching(text) });

describe('a seal key file', () => {
  it.each([
    'null',
    '[]',
    '1',
    '{}',
    '{"parley":1,"sealKey":{},"proof":7}',
    '{"parley":1,"sealKey":{},"proof":""}',
  ])('that holds %s is no seal key', async (text) => {
    const path = join(inside(), 'identity.json');
    writeFileSync(`${path}.seal`, text);
    await expect(readSealKey(path, generateIdentity().publicKey, undefined)).rejects.toMatchObject({
      code: 'ERR_SEAL_KEY_INVALID',
    });
  });
});

describe('a place for an agreement', () => {
  it('of a given name is taken at once, and filled whole', async () => {
    const path = join(inside(), 'deal.json');
    const place = await reserveFile(path);
    expect(statSync(path).size).toBe(0);
    await expect(reserveFile(path)).rejects.toThrow(failure(/exists and is never overwritten/));
    expect(await place.save(agreement('one'))).toBe(path);
    await place.release();
    expect(readFileSync(path)).toEqual(Buffer.from(agreement('one')));
    expect(readdirSync(join(path, '..'))).toEqual(['deal.json']);
  });

  it('B7: takes over an empty file, which is what is left when a process is killed', async () => {
    const path = join(inside(), 'deal.json');
    writeFileSync(path, '');
    const place = await reserveFile(path);
    expect(await place.save(agreement('one'))).toBe(path);
    expect(readFileSync(path)).toEqual(Buffer.from(agreement('one')));
    const key = join(inside(), 'identity.json');
    writeFileSync(key, '');
    const home = fileHome({ folder: join(key, '..') });
    expect(await home.identity()).toBeUndefined();
    await home.keepIdentity(generateIdentity());
    expect(await home.identity()).toBeDefined();
    expect(readdirSync(join(key, '..'))).toEqual(['identity.json']);
  });

  it('that is given up leaves nothing behind', async () => {
    const path = join(inside(), 'deal.json');
    const place = await reserveFile(path);
    await place.release();
    await place.release();
    expect(existsSync(path)).toBe(false);
  });

  it('that somebody else has taken meanwhile is left to them', async () => {
    const path = join(inside(), 'deal.json');
    for (const end of ['save', 'release'] as const) {
      const place = await reserveFile(path);
      rmSync(path);
      writeFileSync(`${path}.new`, 'theirs');
      writeFileSync(path, 'theirs');
      if (end === 'save')
        await expect(place.save(agreement('one'))).rejects.toThrow(failure(/never overwritten/));
      else await place.release();
      expect(readFileSync(path, 'utf8')).toBe('theirs');
      rmSync(path);
    }
  });

  it('in a folder that is not there is refused before anything is sent', async () => {
    await expect(reserveFile(join(inside(), 'no', 'deal.json'))).rejects.toThrow(failure(/no such file/));
    await expect(reserveInFolder(join(inside(), 'no'))).rejects.toThrow(failure(/no such file/));
  });

  it('of the longest terms gets its name, too', async () => {
    const folder = inside();
    const long = {
      payload: 'a'.repeat(MAX_JSON_LENGTH),
      signatures: [{ protected: '', signature: 'abcdefgh' }],
    };
    const path = await (await reserveInFolder(folder)).save(serializeAgreement(long));
    expect(path).toBe(join(folder, 'agreement-abcdefgh.json'));
  });

  it('without a name gets that of the first signature, and both sides may share it', async () => {
    const folder = inside();
    const [mine, theirs, other] = [
      await reserveInFolder(folder),
      await reserveInFolder(folder),
      await reserveInFolder(folder),
    ];
    const path = join(folder, 'agreement-abcDEF12.json');
    expect(await mine.save(agreement('ab-c_DEF1234'))).toBe(path);
    expect(await theirs.save(agreement('ab-c_DEF1234'))).toBe(path);
    await expect(other.save(agreement('abcDEF12-another'))).rejects.toThrow(failure(/never overwritten/));
    expect(readdirSync(folder)).toEqual(['agreement-abcDEF12.json']);
    expect(readFileSync(path)).toEqual(Buffer.from(agreement('ab-c_DEF1234')));
    await (await reserveInFolder(folder)).release();
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

describe('a home in files', () => {
  it('keeps an identity and its seal key for their owner only, and finds them again', async () => {
    const folder = join(inside(), 'home');
    const home = fileHome({ folder });
    expect(await home.identity()).toBeUndefined();
    const identity = generateIdentity();
    const file = await home.keepIdentity(identity);
    expect(file).toBe(home.identityFile);
    expect([statSync(folder).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    await expect(home.keepIdentity(generateIdentity())).rejects.toThrow(failure(/never overwritten/));
    expect(await home.sealKey(identity.publicKey)).toBeUndefined();
    const sealKey = proveSealKey(alice, rawPublicKey(identity.publicKey));
    expect(statSync(await home.keepSealKey(sealKey)).mode & 0o777).toBe(0o600);
    const again = fileHome({ folder });
    expect(
      (await unlocked((await again.identity())!, undefined, new AbortController().signal)).publicKey,
    ).toEqual(identity.publicKey);
    expect((await again.sealKey(identity.publicKey))!.key.publicKey.equals(sealKey.key.publicKey)).toBe(true);
    await expect(again.sealKey(generateIdentity().publicKey)).rejects.toMatchObject({
      code: 'ERR_SEAL_KEY_INVALID',
    });
  });

  it('asks for a passphrase until it is right', async () => {
    const file = join(inside(), 'my.key');
    const identity = generateIdentity();
    writeFileSync(file, JSON.stringify(await lockIdentity(identity, 'correct horse')));
    const found = (await fileHome({ identity: file }).identity())!;
    const { signal } = new AbortController();
    const asked: unknown[] = [];
    const typing = (...answers: string[]) => ({
      passphrase: ({ place, refused }: { place: string; refused: unknown }) => {
        asked.push([place, refused === undefined]);
        return answers.shift()!;
      },
    });
    expect((await unlocked(found, typing('wrong', 'correct horse'), signal)).publicKey).toEqual(
      identity.publicKey,
    );
    expect(asked).toEqual([
      [file, true],
      [file, false],
    ]);
    await unlocked(found, typing('a', 'b', 'c', 'correct horse'), signal);
    expect(asked).toHaveLength(6);
    await expect(unlocked(found, {}, signal)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });

  it('knows a peer by one name and one key', async () => {
    const { peers } = fileHome({ folder: join(inside(), 'home') });
    const [one, other] = [generateIdentity().publicKey, generateIdentity().publicKey];
    expect(await peers.all()).toEqual([]);
    await peers.add('sally', one);
    await peers.add('bob', other);
    await expect(peers.add('sally', other)).rejects.toThrow(failure(/never overwritten/));
    expect((await peers.find('sally'))!.key).toEqual(one);
    expect(await peers.find('../peers/sally')).toBeUndefined();
    expect((await peers.all()).map(({ name }) => name)).toEqual(['bob', 'sally']);
  });

  it('keeps an engagement beside the agreement that did not come', async () => {
    const folder = inside();
    process.chdir(folder);
    const named = fileHome({ folder, agreement: join(folder, 'deal.json') });
    expect(await named.keepEngagement('{}')).toBe(join(folder, 'deal.json.engagement'));
    const next = await named.keepEngagement('{"signature":"ijklmnop"}');
    expect(readFileSync(next, 'utf8')).toBe('{"signature":"ijklmnop"}');
    expect(readFileSync(join(folder, 'deal.json.engagement'), 'utf8')).toBe('{}');
    const shown = await named.keepEngagement('qrstuvwx'.repeat(6), {
      certificate: 'c',
      revocations: 'r',
    });
    expect(['certificate', 'revocations'].map((kind) => readFileSync(`${shown}.${kind}`, 'utf8'))).toEqual([
      'c',
      'r',
    ]);
    const place = await fileHome({ folder }).keepEngagement('{"signature":"abcdefgh"}');
    expect(place).toMatch(/^engagement-\w+\.json$/);
    expect(readFileSync(place, 'utf8')).toBe('{"signature":"abcdefgh"}');
    expect(await fileHome({ folder, keepsAgreements: false }).reserveAgreement()).toBeUndefined();
  });
});
