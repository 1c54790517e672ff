import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { unlocked } from '../../src/desk/keys.ts';
import { negotiatePinned } from '../../src/desk/pinned.ts';
import type { Agreement } from '../../src/documents/agreement.ts';
import { type Identity, rawPublicKey } from '../../src/documents/identity.ts';
import type { TermsDraft } from '../../src/documents/terms.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { type FileHome, fileHome } from '../../src/node/home/home.ts';
import { fileSessionLog } from '../../src/node/store/index.ts';
import type { SealOpening } from '../../src/seals/index.ts';
import type { MandateSource } from '../../src/session/mandate.ts';
import { openAgreement, verifyOpenings } from '../../src/verify/openings.ts';
import { verifyAgreement, verifyEngagement } from '../../src/verify/verify.ts';
import { memoryNetwork } from '../support/memory-network.ts';

/** What version 0.1.0 left behind: see its README.md. */
const fixtures = fileURLToPath(new URL('../fixtures/v2', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'parley-old-home-'));
afterAll(() => rmSync(root, { recursive: true }));

const bytes = (name: string) => readFileSync(join(fixtures, name));
const json = (name: string) => JSON.parse(bytes(name).toString());
type Who = 'seller' | 'buyer';

/** A copy of a home, which a test may write to. */
function homeOf(who: Who): FileHome {
  const folder = mkdtempSync(join(root, `${who}-`));
  cpSync(join(fixtures, who), folder, { recursive: true });
  chmodSync(join(folder, 'identity.json'), 0o600);
  return fileHome({ folder, keepsAgreements: false });
}

const identityOf = async (home: FileHome) => (await home.identity()) as Identity;
const identities = { seller: await identityOf(homeOf('seller')), buyer: await identityOf(homeOf('buyer')) };
const price = { seller: identities.seller.publicKey, buyer: identities.buyer.publicKey };
const parties = { price, unfinished: price, menu: { a: price.seller, b: price.buyer } };
const peerOf = (who: Who) => rawPublicKey(price[who === 'seller' ? 'buyer' : 'seller']);

/** The mandate of a party in an old negotiation. */
function mandateIn(name: keyof typeof parties, who: Who): MandateSource {
  const { reservation, ...menu } = json(`${name}-${who}.json`);
  return name === 'menu' ? { reservation, ...menu } : { reservation: BigInt(reservation) };
}

/** Both parties negotiate once more on old terms: what each comes to. */
async function again(
  name: keyof typeof parties,
  homes: Record<Who, FileHome>,
  mandates: Record<Who, MandateSource>,
) {
  const terms: TermsDraft = json(`${name}-terms.json`);
  const channels = memoryChannelPair();
  const network = memoryNetwork();
  const settled = await Promise.allSettled(
    (['seller', 'buyer'] as const).map((who, i) => {
      const way = { channel: channels[i]!, initiator: i === 1 };
      return negotiatePinned({ home: homes[who], network, terms, mandate: mandates[who], way });
    }),
  );
  return settled.map((one) => (one.status === 'fulfilled' ? one.value.outcome : one.reason.code));
}

describe('a home of version 0.1.0', () => {
  test.each(['seller', 'buyer'] as const)('of the %s has its keys, and its peer by name', async (who) => {
    const home = homeOf(who);
    const identity = await identityOf(home);
    expect(Buffer.from(json(`${who}/identity.json`).d, 'base64url').toString()).toMatch(/^Parley test key/);
    const sealKey = (await home.sealKey(identity.publicKey))!;
    expect(sealKey.key.exportJson()).toEqual(json(`${who}/identity.json.seal`).sealKey);
    const [name, peer] = who === 'seller' ? ['ben', price.buyer] : ['sofia', price.seller];
    expect(await home.peers.find(name)).toMatchObject({ name, key: peer });
    const verified = bytes(`${who}/identity.json.ledger/verified-seal-keys`).toString().trim();
    expect((await home.records()).knownKeys.has(verified)).toBe(true);
  });

  test('under a passphrase opens with it, and so does the seal key beside it', async () => {
    const folder = mkdtempSync(join(root, 'locked-'));
    const file = join(folder, 'seller.key');
    cpSync(join(fixtures, 'locked.json'), file);
    cpSync(join(fixtures, 'seller/identity.json.seal'), `${file}.seal`);
    const home = fileHome({ folder, identity: file });
    const locked = (await home.identity())!;
    expect(locked).toHaveProperty('unlock');
    const identity = await unlocked(
      locked,
      { passphrase: async () => 'correct horse battery staple' },
      new AbortController().signal,
    );
    expect(identity.publicKey).toEqual(price.seller);
    expect(await home.sealKey(identity.publicKey)).toBeDefined();
  });

  test('has used up its delegate’s places', async () => {
    const folder = mkdtempSync(join(root, 'sessions-'));
    cpSync(join(fixtures, 'buyer/sessions'), join(folder, 'sessions'));
    const log = fileSessionLog(join(folder, 'sessions'));
    expect(await log.take(2, 0)).toBe(false);
    expect(await log.take(3, 0)).toBe(true);
  });
});

describe('documents of version 0.1.0', () => {
  const outcomes = {
    price: { deal: true, price: '485000' },
    menu: { deal: true, option: { index: 3, values: { Price: '4.12', Delivery: '45 days' } } },
  };

  test.each(['price', 'menu'] as const)(
    'the %s agreement verifies, and its openings confirm it',
    async (name) => {
      const pins = { parties: parties[name] };
      const agreement = bytes(`${name}-agreement.json`);
      expect(await verifyAgreement(agreement, pins)).toMatchObject({ pinned: true, outcome: outcomes[name] });
      const openings: SealOpening[] = [
        json(`${name}-opening-seller.json`),
        json(`${name}-opening-buyer.json`),
      ];
      const { confirmed } = await verifyOpenings(json(`${name}-agreement.json`), openings, pins);
      expect(confirmed).toBe(true);
    },
  );

  test.each(['price', 'menu'] as const)('the %s agreement is opened with the old seal key', async (name) => {
    for (const who of ['seller', 'buyer'] as const) {
      const home = homeOf(who);
      const sealKey = (await home.sealKey(price[who]))!;
      const agreement: Agreement = json(`${name}-agreement.json`);
      const secrets = { identity: price[who], sealKey };
      const mandate = mandateIn(name, who) as never;
      const opening = await openAgreement(agreement, name === 'menu' ? { ...secrets, mandate } : secrets);
      expect(opening).toEqual(json(`${name}-opening-${who}.json`));
    }
  });

  test('the engagement that was left behind verifies', async () => {
    const engagement = bytes('unfinished-engagement.json');
    const verified = await verifyEngagement(engagement, { parties: parties.unfinished });
    expect(verified).toMatchObject({ role: 'buyer', terms: { subject: 'warehouse' } });
  });
});

describe('a ledger of version 0.1.0', () => {
  const homes = () => ({ seller: homeOf('seller'), buyer: homeOf('buyer') });
  const lower: Record<'price' | 'menu', Record<Who, MandateSource>> = {
    price: { seller: { reservation: 440_000n }, buyer: { reservation: 500_000n } },
    menu: {
      seller: { ...(mandateIn('menu', 'seller') as object), reservation: 0.2 } as MandateSource,
      buyer: { ...(mandateIn('menu', 'buyer') as object), reservation: 0.2 } as MandateSource,
    },
  };

  test.each(['price', 'menu'] as const)('allows no further attempt at the %s', async (name) => {
    const codes = await again(name, homes(), lower[name]);
    expect(codes).toContain('ERR_ATTEMPTS_EXHAUSTED');
    expect(codes.every((one) => typeof one === 'string')).toBe(true);
  });

  test('on one side is enough', async () => {
    for (const old of ['seller', 'buyer'] as const) {
      const fresh = { seller: homeOf('seller'), buyer: homeOf('buyer') };
      for (const who of ['seller', 'buyer'] as const) {
        if (who === old) continue;
        const folder = mkdtempSync(join(root, 'fresh-'));
        for (const file of ['identity.json', 'identity.json.seal']) {
          cpSync(join(fixtures, who, file), join(folder, file));
        }
        fresh[who] = fileHome({ folder, keepsAgreements: false });
      }
      const codes = await again('price', fresh, lower.price);
      expect(codes[old === 'seller' ? 0 : 1]).toBe('ERR_ATTEMPTS_EXHAUSTED');
    }
  });

  test('lets a negotiation that was cut off end with its own outcome', async () => {
    const mandates = {
      seller: mandateIn('unfinished', 'seller'),
      buyer: mandateIn('unfinished', 'buyer'),
    };
    const both = homes();
    const outcome = { deal: true, price: '450' };
    expect(await again('unfinished', both, mandates)).toMatchObject([outcome, outcome]);
  });

  test('lets nobody come back to it with another bid', async () => {
    const mandates = { seller: { reservation: 300n }, buyer: { reservation: 999n } };
    const outcome = { deal: true, price: '450' };
    expect(await again('unfinished', homes(), mandates)).toMatchObject([outcome, outcome]);
  });

  test('knows what was told, who left, and who cheated', async () => {
    const { seller } = homes();
    const ledger = (await seller.records()).ledger!;
    const cheat = rawPublicKey(json('cheat.pub'));
    await expect(ledger.refuseCheater(cheat)).rejects.toMatchObject({ code: 'ERR_PEER_BARRED' });
    await ledger.refuseCheater(peerOf('seller'));
    const about = (await ledger.list()).find(({ peer }) => Buffer.from(peer).equals(peerOf('seller')))!;
    expect(about.disclosedBits).toBeCloseTo(18.93 + 1.81 + 8.97, 1);
    expect(about.attempts).toHaveLength(3);
    expect(about.attempts.map(({ agreement }) => agreement !== undefined)).toEqual([true, true, false]);
  });
});
