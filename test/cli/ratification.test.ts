import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { type LocalIdentity, thumbprint } from '../../src/documents/identity.ts';
import { openJws, serializeJws } from '../../src/documents/jws.ts';
import { signRatification } from '../../src/documents/ratification.ts';
import { signReceipt } from '../../src/documents/receipt.ts';
import { secondsOf, timeOf } from '../../src/documents/time.ts';
import { publish } from '../documents/ratifying.ts';
import { identity } from '../documents/support.ts';
import { proofOf, signer } from '../documents/tlog/log.ts';
import { termsOf } from '../findings/support.ts';
import { buyer, seller } from '../support/sessions.ts';
import { afterwards, agreed, run } from './afterwards.ts';

const { at, put, key } = afterwards('ratification');

const board = [71, 72, 73].map(identity);
const members = board.map(({ publicKey }) => publicKey);
const ratify = (by: string) => ({ seller: { members, threshold: 2, by } });
const open = termsOf({ expires: '2099-01-01T00:00:00Z', publish, ratify: ratify('2099-01-08T00:00:00Z') });
const over = termsOf({ expires: '2020-01-01T00:00:00Z', publish, ratify: ratify('2020-01-08T00:00:00Z') });

let agreement: string;
const keys: string[] = [];
const parties = [
  '--party',
  `seller=${thumbprint(seller.publicKey)}`,
  '--party',
  `buyer=${thumbprint(buyer.publicKey)}`,
];
const verify = (...files: string[]) =>
  run('verify', agreement, ...parties, ...files.flatMap((file) => ['--ratification', file]), '--json');
/** A yes or a no of the member at this place, made by the command. */
async function answer(place: number, name: string, ...more: string[]): Promise<string> {
  const ended = await run('ratify', agreement, '--identity', keys[place]!, '--out', at(name), ...more);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return at(name);
}
const [log, witness] = [signer('log.example/parley', 'log', 1), signer('witness.example', 'witness', 2)];
/** Proofs that the log had all of these a minute ago, and each a second after the one before. */
function publishedBefore(...files: string[]): string[] {
  const entries = files.map((file) => readFileSync(file));
  const second = Math.floor(Date.now() / 1000) - 60;
  return files.map((file, i) =>
    put(`${basename(file)}.proof`, proofOf(log, entries, i, [[witness, second + i]])),
  );
}

beforeAll(async () => {
  await loadSodium();
  agreement = put('agreement.json', await agreed(open));
  keys.push(...board.map((one, i) => key(`member${i}`, one)), key('buyer', buyer as LocalIdentity));
});

describe('ratifying at the command', () => {
  it('brings a deal into force once enough members have said yes in public', async () => {
    const before = await verify();
    expect(before.code).toBe(4);
    expect(before.json()).toMatchObject({
      ...{ valid: true, pinned: true, inForce: false, outcome: { deal: true } },
      ratification: { state: 'pending', sides: { seller: { state: 'pending', threshold: 2 } }, ignored: [] },
    });
    expect(before.stderr).toContain('NOT IN FORCE');
    expect(before.stderr).toContain(
      '2 of 3 on the seller’s side have to say yes by 2099-01-08 00:00:00 UTC; so far it is proved of 0',
    );

    const [one, two] = [await answer(0, 'one.json'), await answer(2, 'two.json')];
    const unproved = await verify(one, two);
    expect(unproved.code).toBe(4);
    expect(unproved.stderr).toContain('yes, nothing given shows when');

    const proofs = publishedBefore(one, two);
    const after = await verify(two, ...proofs, one);
    expect(after.code, after.stderr).toBe(0);
    const found = after.json();
    expect(found).toMatchObject({ inForce: true, ratification: { state: 'in force', ignored: [] } });
    expect(found.ratification.sides.seller.since).toMatch(/^20\d\d-.*Z$/);
    expect(found.ratification.sides.seller.members[0]).toMatchObject({
      fingerprint: thumbprint(members[0]!),
      answers: ['yes'],
      yes: expect.stringMatching(/^20\d\d-.*Z$/),
      no: null,
    });
    expect(after.stderr).toContain('IN FORCE');
    expect(after.stderr).toContain('yes, proved to be public by 20');
    expect((await verify(one, ...proofs)).code).toBe(4);

    // The same documents, as of the seconds around the one in which it came into force.
    const since = found.ratification.sides.seller.since as string;
    const files = [one, two, ...proofs].flatMap((file) => ['--ratification', file]);
    for (const [seconds, code, state, proved] of [
      [-1, 4, 'pending', 'so far it is proved of 1'],
      [0, 0, 'in force', 'IN FORCE, as of'],
      [1, 0, 'in force', 'IN FORCE, as of'],
    ] as const) {
      const asOf = timeOf(secondsOf(since) + seconds);
      const then = await run('verify', agreement, ...parties, ...files, '--at', asOf, '--json');
      expect(then.code).toBe(code);
      expect(then.json().ratification).toMatchObject({ asOf, state });
      expect(then.stderr).toContain(proved);
    }
    const wrong = await run('verify', agreement, ...parties, '--at', 'tomorrow');
    expect(wrong).toMatchObject({ code: 2 });
    expect((await run('verify', agreement, '--engagement', '--at', since)).code).toBe(2);
  });

  it('takes no receipts, whose signer could date them as it likes', async () => {
    const yes = await answer(0, 'three.json');
    const refused = await run(
      'receipt',
      agreement,
      yes,
      '--identity',
      keys.at(-1)!,
      '--out',
      at('never.json'),
    );
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('once it is published');
    const receipt = serializeJws(await signReceipt(openJws(readFileSync(yes)).jws, buyer));
    const found = await verify(yes, put('receipt.json', receipt));
    expect(found.json()).toMatchObject({ valid: false, code: 'ERR_RATIFICATION_FORMAT' });
    expect(found.stderr).toContain('by its publication only');
  });

  it('is refused by so many noes that the others are too few', async () => {
    const files = [await answer(0, 'no.json', '--no'), await answer(1, 'also-no.json', '--no')];
    const found = await verify(...files);
    expect(found.code).toBe(4);
    expect(found.json().ratification.state).toBe('refused');
    expect(found.stderr).toContain('NOT IN FORCE: REFUSED');
    const still =
      'a yes published by 2099-01-08 00:00:00 UTC still counts unless the noes are published first';
    expect(found.stderr).toContain(
      `so many have signed a no that the others are fewer than 2 of 3 on the seller’s side; ${still}`,
    );
    const [first, second] = publishedBefore(...files);
    expect((await verify(...files, first!)).stderr).toContain(still);
    const published = await verify(...files, first!, second!);
    expect(published.json().ratification.state).toBe('refused');
    expect(published.stderr).toContain(
      'so many have published a no that there will not be 2 of 3 on the seller’s side, unless enough had',
    );
    expect(published.stderr).not.toContain(still);
  });

  it('says which files count for nothing, and does not take what is something else', async () => {
    const stranger = put(
      'stranger.json',
      serializeJws(
        await signRatification(
          {
            terms: open,
            session: 'BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU',
            outcome: { deal: true, price: '500' },
          },
          'yes',
          buyer,
        ),
      ),
    );
    const found = await verify(stranger);
    expect(found.json().ratification.ignored).toEqual([stranger]);
    expect(found.stderr).toContain('counts for nothing');
    expect((await verify(put('nothing.json', '{}\n'))).json()).toMatchObject({
      valid: false,
      code: 'ERR_RATIFICATION_FORMAT',
    });
    const alone = await run('verify', stranger, '--json');
    expect(alone.json()).toMatchObject({ valid: false, code: 'ERR_AGREEMENT_KIND' });
    expect(alone.stderr).toContain('--ratification');
    expect((await run('verify', agreement, '--engagement', '--ratification', stranger)).code).toBe(2);
  });

  it('is for members, for deals, and in time', async () => {
    const refused = async (path: string, identity: string, ...more: string[]) => {
      const ended = await run('ratify', path, '--identity', identity, '--out', at('never.json'), ...more);
      expect(ended.code).toBe(2);
      return ended.stderr;
    };
    expect(await refused(agreement, keys.at(-1)!)).toContain('none of the members');
    const none = put('none.json', await agreed(open, { deal: false }));
    expect(await refused(none, keys[0]!)).toContain('there is no deal');
    const plain = put('plain.json', await agreed(termsOf({ expires: '2099-01-01T00:00:00Z' })));
    expect(await refused(plain, keys[0]!)).toContain('the terms do not ask for it');
    const late = put('late.json', await agreed(over));
    expect(await refused(late, keys[0]!)).toContain('2020-01-08');
    expect(
      (await run('ratify', late, '--no', '--identity', keys[0]!, '--out', at('late-no.json'))).code,
    ).toBe(0);
    const lapsed = await run('verify', late, ...parties, '--json');
    expect(lapsed).toMatchObject({ code: 4 });
    expect(lapsed.json().ratification.state).toBe('lapsed');
    const without = await run('verify', none, ...parties, '--json');
    expect(without).toMatchObject({ code: 0 });
    expect(without.json()).not.toHaveProperty('ratification');
  });

  it('is shown', async () => {
    const shown = await run('show', agreement);
    expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain('Not in force by itself: it has to be ratified.');
    expect(shown.stdout).toContain('Ratification by the seller');
    const statement = await answer(1, 'shown.json');
    expect((await run('show', statement)).stdout).toMatch(/^Ratification\nanswer: “yes”/);
  });
});
