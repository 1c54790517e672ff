import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { type LocalIdentity, thumbprint } from '../../src/documents/identity.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { serializeJws } from '../../src/documents/jws.ts';
import type { Obligation } from '../../src/documents/obligations/terms.ts';
import { signRatification } from '../../src/documents/ratification.ts';
import { judges, log, pay, publish, witnesses } from '../documents/obligations/support.ts';
import { identity } from '../documents/support.ts';
import { proofOf } from '../documents/tlog/log.ts';
import { termsOf } from '../findings/support.ts';
import { buyer, seller } from '../support/sessions.ts';
import { afterwards, agreed, run, session } from './afterwards.ts';

const { at, put, key } = afterwards('obligations');
const expires = '2099-01-01T00:00:00Z';
const DUE = '2099-01-15T00:00:00Z';
const AFTER = '2099-01-23T00:00:00Z';
const ship: Obligation = {
  ...pay,
  id: 'ship',
  by: 'seller',
  to: 'buyer',
  what: 'deliver the car',
  due: { days: 3, after: 'pay' },
  judge: 'to',
  remedy: 'refund',
  stake: { amount: '500', unit: 'USD' },
};
const refund: Obligation = { ...ship, id: 'refund', what: 'pay it back', due: { days: 5, after: 'broken' } };
const { remedy: _, stake: __, ...last } = refund;
const terms = termsOf({ expires, publish, obligations: [pay, ship, last] });

let agreement: string;
const keys = { seller: '', buyer: '', judge: '', second: '' };
const obligations = async (now: string, ...files: string[]) =>
  (await run('obligations', agreement, ...files, '--at', now, '--json')).json();
const statusesAt = async (now: string, ...files: string[]) =>
  Object.fromEntries(
    (await obligations(now, ...files)).obligations.map((one: { id: string; status: string }) => [
      one.id,
      one.status,
    ]),
  );
/** A proof that the log has a document, seen by both witnesses at a time. */
const publishAt = (name: string, time: string) => {
  const second = Date.parse(time) / 1000;
  const proof = proofOf(log, [new Uint8Array(1), readFileSync(at(name))], 1, [
    [witnesses[0]!, second],
    [witnesses[1]!, second],
  ]);
  return put(`${name}.tlog-proof`, proof);
};

beforeAll(async () => {
  await loadSodium();
  agreement = put('agreement.json', await agreed(terms));
  Object.assign(keys, {
    seller: key('seller', seller as LocalIdentity),
    buyer: key('buyer', buyer as LocalIdentity),
    judge: key('judge', judges[0]!),
    second: key('second', judges[1]!),
  });
});

describe('obligations at the command', () => {
  it('are open until they are due; who says nothing has broken them, and then the remedy is owed', async () => {
    expect(await statusesAt(DUE)).toEqual({ pay: 'open', ship: 'open', refund: 'void' });
    expect(await statusesAt('2099-01-15T00:00:01Z')).toEqual({ pay: 'broken', ship: 'open', refund: 'void' });
    expect(await statusesAt('2099-01-30T00:00:00Z')).toEqual({
      pay: 'broken',
      ship: 'broken',
      refund: 'open',
    });
  });

  it('a claim counts with a receipt or a proof of publication, and by its own word only if asked', async () => {
    put('bank.txt', 'paid');
    const made = await run(
      'claim',
      agreement,
      'pay',
      '--evidence',
      at('bank.txt'),
      '--identity',
      keys.buyer,
      '--out',
      at('claim'),
      '--json',
    );
    expect(made.json()).toEqual({ kind: 'claim', obligation: 'pay', statement: at('claim'), missing: 0 });
    expect((await statusesAt(AFTER, at('claim'))).pay).toBe('broken');
    const trusting = await run(
      'obligations',
      agreement,
      at('claim'),
      '--at',
      AFTER,
      '--trust-claimed-times',
      '--json',
    );
    expect(trusting.json().obligations[0]).toMatchObject({ status: 'kept', times: [{ how: 'claimed' }] });

    const receipt = await run(
      ...['receipt', agreement, at('claim'), '--identity', keys.seller, '--out', at('receipt')],
    );
    expect(receipt.code).toBe(0);
    const received = await obligations(AFTER, at('receipt'), at('claim'));
    expect(received.obligations[0]).toMatchObject({
      status: 'kept',
      reason: 'no objection',
      times: [{ how: 'receipt' }],
    });
    const sha256 = createHash('sha256').update('paid').digest('base64url');
    expect(received.statements[0].evidence).toEqual([{ sha256, note: 'bank.txt' }]);

    const proof = publishAt('claim', DUE);
    expect((await statusesAt('2099-01-22T00:00:00Z', at('claim'), proof)).pay).toBe('open');
    expect((await statusesAt(AFTER, at('claim'), proof)).pay).toBe('kept');
    const late = publishAt('claim', '2099-01-15T00:00:01Z');
    expect((await statusesAt(AFTER, at('claim'), late)).pay).toBe('broken');
  });

  it('an objection keeps a dispute open, and two judges end it; one who says both is shown with its documents', async () => {
    await run('object', agreement, 'pay', '--identity', keys.seller, '--out', at('objection'));
    const claim = publishAt('claim', DUE);
    const objection = publishAt('objection', '2099-01-22T00:00:00Z');
    const disputed = [at('claim'), claim, at('objection'), objection];
    expect((await statusesAt(AFTER, ...disputed)).pay).toBe('disputed');
    for (const [name, by, said] of [
      ['one', keys.judge, '--broken'],
      ['two', keys.second, '--broken'],
      ['both', keys.second, '--kept'],
    ] as const) {
      expect((await run('judge', agreement, 'pay', said, '--identity', by, '--out', at(name))).code).toBe(0);
    }
    expect((await statusesAt(AFTER, ...disputed, at('one'))).pay).toBe('disputed');
    const decided = await obligations(AFTER, ...disputed, at('one'), at('two'), at('both'));
    expect(decided.obligations[0]).toMatchObject({ status: 'broken', reason: 'verdict' });
    const judge = thumbprint(judges[1]!.publicKey);
    expect(decided.contradictions).toEqual([
      { judges: [judge], obligation: 'pay', documents: [at('both'), at('two')] },
    ]);

    // The two documents need no agreement.
    const alone = await run('verify', at('two'), '--contradiction', at('both'), '--judge', judge, '--json');
    expect(alone).toMatchObject({ code: 0 });
    expect(alone.json()).toMatchObject({
      valid: true,
      kind: 'contradiction',
      pinned: true,
      judges: [judge],
      obligation: 'pay',
    });
    expect((await run('verify', at('two'), '--contradiction', at('both'))).code).toBe(3);
    const other = await run(
      'verify',
      at('two'),
      '--contradiction',
      at('both'),
      '--judge',
      thumbprint(judges[0]!.publicKey),
      '--json',
    );
    expect(other.json()).toEqual({ valid: false, code: 'ERR_STATEMENT_SIGNERS' });
    const none = await run('verify', at('one'), '--contradiction', at('both'), '--json');
    expect(none).toMatchObject({ code: 1 });
    expect(none.json()).toEqual({ valid: false, code: 'ERR_STATEMENT_CONTRADICTION' });
    expect((await run('verify', at('two'), '--contradiction', at('both'), '--arbiter', 'x')).code).toBe(2);
  });

  it('a side that judges itself may say broken first and kept later, and contradicts nothing', async () => {
    const made = async (command: string, by: string, name: string, ...more: string[]) => {
      const ended = await run(command, agreement, 'ship', ...more, '--identity', by, '--out', at(name));
      expect(ended.code).toBe(0);
      return [at(name), publishAt(name, '2099-01-18T00:00:00Z')];
    };
    const said = [
      ...(await made('claim', keys.seller, 'shipped')),
      ...(await made('judge', keys.buyer, 'not-there', '--broken')),
    ];
    expect((await statusesAt('2099-01-30T00:00:00Z', ...said)).ship).toBe('disputed');
    said.push(...(await made('judge', keys.buyer, 'there', '--kept')));
    const { obligations: all, contradictions } = await obligations('2099-01-30T00:00:00Z', ...said);
    expect(all[1]).toMatchObject({ id: 'ship', status: 'kept', reason: 'verdict' });
    expect(contradictions).toEqual([]);
    const alone = await run('verify', at('not-there'), '--contradiction', at('there'), '--json');
    expect(alone.json()).toEqual({ valid: false, code: 'ERR_STATEMENT_CONTRADICTION' });
  });

  it('tells people what happens next, since when statements are there, and by whose word', async () => {
    const files = [at('claim'), publishAt('claim', DUE), at('objection'), at('two'), at('both')];
    const { stdout, code } = await run('obligations', agreement, ...files, '--at', '2099-01-20T00:00:00Z');
    expect(code).toBe(0);
    const text = stdout.replaceAll(/\s+/g, ' ');
    for (const part of [
      'Obligations on “used car”, as of 2099-01-20 00:00:00 UTC',
      'pay open the buyer to the seller, due 2099-01-15 00:00:00 UTC',
      'claimed in time; kept, unless the seller objects until 2099-01-22 00:00:00 UTC',
      'the claim was there at 2099-01-15 00:00:00 UTC: proved, by the log and its witnesses',
      'ship broken the seller to the buyer, due 2099-01-18 00:00:00 UTC',
      'nothing given shows that a claim of the seller was there by 2099-01-18 00:00:00 UTC',
      'refund open the seller to the buyer, due 2099-01-30 00:00:00 UTC',
      'claimed, by whoever signed it, and by nobody else',
      'evidence “bank.txt”, SHA-256 ',
      'Contradictions',
    ]) {
      expect(text).toContain(part);
    }
    const { stdout: shown } = await run('show', at('two'));
    expect(shown).toMatch(/^Verdict\nObligation: pay\nVerdict: broken\n/);
    expect(shown).toContain('Nothing here is checked');
    const alone = await run('verify', at('claim'), '--json');
    expect(alone.json()).toEqual({ valid: false, code: 'ERR_AGREEMENT_KIND' });
  });

  it('wait for the ratification of the deal, and take it with everything else', async () => {
    const member = identity(44);
    const ratify = { seller: { members: [member.publicKey], threshold: 1, by: '2099-01-03T00:00:00Z' } };
    const waiting = termsOf({ expires, publish, obligations: [pay], ratify });
    const outcome = { deal: true, price: '500' };
    const path = put('waiting.json', await agreed(waiting, outcome));
    const state = async (now: string, ...files: string[]) => {
      const { obligations: all, unused } = (
        await run('obligations', path, ...files, '--at', now, '--json')
      ).json();
      expect(unused).toEqual([]);
      return all[0].status;
    };
    expect(await state('2099-01-02T00:00:00Z')).toBe('pending');
    expect(await state('2099-01-04T00:00:00Z')).toBe('void');
    const deal = { terms: waiting, outcome, session: encodeBase64url(session) };
    const yes = await signRatification(deal, 'yes', member);
    put('yes.json', serializeJws(yes));
    expect(await state('2099-01-04T00:00:00Z', at('yes.json'))).toBe('pending');
    const proof = publishAt('yes.json', '2099-01-02T00:00:00Z');
    expect(await state('2099-01-04T00:00:00Z', at('yes.json'), proof)).toBe('open');
    // One notion of time: the ratification is looked at as of the second that is asked about.
    expect(await state('2099-01-01T23:59:59Z', at('yes.json'), proof)).toBe('pending');
    expect(await state('2099-01-02T00:00:00Z', at('yes.json'), proof)).toBe('open');
    const { stdout } = await run('obligations', path, at('yes.json'), proof, '--at', '2099-01-04T00:00:00Z');
    expect(stdout).toContain('IN FORCE, as of 2099-01-04 00:00:00 UTC');
    expect(stdout).toContain('yes, proved to be public by 2099-01-02 00:00:00 UTC');
    put('no.json', serializeJws(await signRatification(deal, 'no', member)));
    const refused = await run('obligations', path, at('no.json'), '--at', '2099-01-02T00:00:00Z');
    expect(refused.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'by the answers that were given, the deal is refused or has lapsed',
    );
    const foreign = await run('obligations', agreement, at('yes.json'), '--json');
    expect(foreign.json().unused).toEqual([at('yes.json')]);
  });

  it('says what is wrong with what it is given', async () => {
    const refused = async (...args: string[]) => (await run(...args)).stderr;
    expect(await refused('claim', agreement, 'gift', '--identity', keys.buyer, '--out', at('x'))).toContain(
      'it has pay, ship, refund',
    );
    expect(await refused('claim', agreement, 'pay', '--identity', keys.seller, '--out', at('x'))).toContain(
      'a claim is made by whoever owes it',
    );
    expect(await refused('object', agreement, 'pay', '--identity', keys.buyer, '--out', at('x'))).toContain(
      'by whom it is owed to',
    );
    expect(
      await refused('judge', agreement, 'pay', '--kept', '--identity', keys.seller, '--out', at('x')),
    ).toContain('by a judge whom the terms name');
    expect(await refused('judge', agreement, 'pay', '--identity', keys.judge, '--out', at('x'))).toContain(
      '--kept or --broken',
    );
    expect(
      await refused(
        'judge',
        agreement,
        'pay',
        '--kept',
        '--broken',
        '--identity',
        keys.judge,
        '--out',
        at('x'),
      ),
    ).toContain('--kept or --broken');
    expect(await refused('obligations', agreement, '--at', 'tomorrow')).toContain('not a UTC time');
    const unused = await obligations(DUE, at('receipt'));
    expect(unused.unused).toEqual([at('receipt')]);
    for (const [file, code] of [
      [agreement, 'ERR_STATEMENT_FORMAT'],
      [put('broken', '{}'), 'ERR_AGREEMENT_FORMAT'],
    ] as const) {
      const ended = await run('obligations', agreement, file, '--json');
      expect(ended).toMatchObject({ code: 1 });
      expect(ended.json()).toEqual({ valid: false, file, code });
    }
  });
});
