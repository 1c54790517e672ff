import { describe, expect, test } from 'vitest';
import { principalFingerprint } from '../../src/documents/delegation.ts';
import { generateIdentity, thumbprint } from '../../src/documents/identity.ts';
import { serializeJws } from '../../src/documents/jws.ts';
import type { MandateCertificate } from '../../src/documents/mandate-certificate.ts';
import { parseDraft } from '../../src/documents/terms.ts';
import { pay, publish } from '../documents/obligations/support.ts';
import { bela, certify, cleo, council } from '../support/delegations.ts';
import { desk, inProcess } from './support.ts';

const { put, path, files, buyer } = desk();
const car = ['--subject', 'used car', '--rule', 'split', '--unit', 'USD', '--min', '0', '--max', '10000'];
const until = [...car, '--expires', '2099-01-01T00:00:00Z'];
const log = put('log.json', publish);
const owed = put('owed.json', [pay]);
const members = [bela, cleo].map(({ publicKey }) => publicKey);
const board = put('board.json', { members, threshold: 2, by: '2099-01-09T00:00:00Z' });
const vague = put('vague.json', { members, threshold: 2 });
const certificate: MandateCertificate = {
  principal: council,
  delegate: buyer.publicKey,
  scope: {
    ...{ rules: ['split'], roles: ['buyer'], minimumSecurity: 'malicious' },
    ...{ unit: 'USD', decimals: 2, min: '0', max: '1000000', further: ['ratify', 'publish'] },
  },
  ...{ notBefore: '2026-01-01T00:00:00Z', expires: '2099-06-01T00:00:00Z', serial: '1' },
};
const signed = await certify(certificate, bela, cleo);
const issued = put('certificate', new TextDecoder().decode(serializeJws(signed)));

async function written(...args: string[]) {
  const { code, stdout, stderr } = await inProcess('terms', 'new', ...args);
  expect(code, stderr).toBe(0);
  return { draft: parseDraft(JSON.parse(stdout)), stderr };
}

describe('parley terms new', () => {
  test('takes what is owed afterwards, the log, and who has to ratify, from files', async () => {
    const { draft } = await written(
      ...[...until, '--obligations', owed, '--publish', log, '--ratify', `seller=${board}`],
    );
    expect(draft).toMatchObject({
      obligations: [pay],
      publish,
      ratify: { seller: { members, threshold: 2, by: '2099-01-09T00:00:00Z' } },
    });
  });

  test('gives members who ratify a week after the deadline, and knows the terms’ own names of the sides', async () => {
    const { draft } = await written(
      ...[...until, '--roles', 'owner, dealer', '--publish', log, '--ratify', `dealer=${vague}`],
    );
    expect(draft.ratify).toEqual({ buyer: { members, threshold: 2, by: '2099-01-08T00:00:00Z' } });
  });

  test('names a mandate certificate, and says whom it binds', async () => {
    const party = ['--party', `buyer=${files.buyerPublic}`];
    const { draft, stderr } = await written(...until, ...party, '--mandate', `buyer=${issued}`);
    const { digest } = JSON.parse((await inProcess('mandate', 'verify', issued, '--json')).stdout);
    expect(draft.mandates).toEqual({ buyer: digest });
    expect(stderr).toContain(
      `by its certificate the buyer acts for ${principalFingerprint(council)}: make sure`,
    );
  });

  test('what the members mean stands before whoever reads the terms', async () => {
    const out = path('all.json');
    const named = ['--ratify', `seller=${board}`, '--mandate', `buyer=${issued}`, '--publish', log];
    const made = await inProcess('terms', 'new', ...until, ...named, '--out', out);
    expect(made.code, made.stderr).toBe(0);
    const told = (await inProcess('terms', 'check', out)).stderr.replaceAll(/\s+/g, ' ');
    expect(told).toContain('Until then the seller may see it and let it lapse');
    expect(told).toContain('the buyer acts for somebody else, who is bound in its place');
    expect(told).toContain('can date what it says as it likes');
  });

  const other = generateIdentity().publicKey;
  test.each<[string, string[], RegExp]>([
    ['a board without a log', ['--ratify', `seller=${board}`], /needs a log.*; add --publish FILE/],
    [
      'a board of nobody',
      ['--publish', log, '--ratify', board],
      /is not ROLE=FILE.*; write --ratify seller=/,
    ],
    [
      'a board of no side',
      ['--publish', log, '--ratify', `umpire=${board}`],
      /umpire, which is no side.*; write seller or buyer/,
    ],
    [
      'a list for a board',
      ['--publish', log, '--ratify', `seller=${owed}`],
      /who has to ratify; write \{ "members"/,
    ],
    [
      'too short a time',
      [
        '--publish',
        log,
        '--ratify',
        `seller=${put('soon.json', { members, threshold: 2, by: '2099-01-01T00:00:01Z' })}`,
      ],
      /less than a day/,
    ],
    ['one obligation outside a list', ['--obligations', put('one.json', pay)], /obligations/],
    ['a file that is not there', ['--obligations', path('nothing.json')], /nothing\.json/],
    ['a log without witnesses', ['--publish', put('bare.json', { ...publish, witnesses: [] })], /witnesses/],
    [
      'two certificates of a side',
      ['--mandate', `buyer=${issued}`, '--mandate', `buyer=${issued}`],
      /each role once/,
    ],
    [
      'two certificates of a side by different spellings',
      ['--mandate', `buyer=${issued}`, '--mandate', `Buyer=${issued}`],
      /--mandate names the buyer twice, the second time as Buyer; give each side one/,
    ],
    [
      'two boards of a side, one by the terms’ own name of it',
      [
        ...['--roles', 'owner, dealer', '--publish', log],
        ...['--ratify', `seller=${board}`, '--ratify', `owner=${board}`],
      ],
      /--ratify names the seller twice, the second time as owner; give each side one/,
    ],
    ['what is no certificate', ['--mandate', `buyer=${owed}`], /give what parley mandate issue wrote/],
    [
      'a certificate for the other side',
      ['--mandate', `seller=${issued}`],
      /does not allow its role; change that, or ask/,
    ],
    [
      'a certificate for narrower terms',
      ['--attempts', '2', '--mandate', `buyer=${issued}`],
      /does not allow the number of attempts/,
    ],
    [
      'a certificate that ends too soon',
      ['--expires', '2099-07-01T00:00:00Z', '--mandate', `buyer=${issued}`],
      /before the deadline.*--expires/,
    ],
    [
      'a certificate of another key',
      ['--party', `buyer=${JSON.stringify(other)}`, '--mandate', `buyer=${issued}`],
      new RegExp(`another key.*${thumbprint(buyer.publicKey)}`),
    ],
  ])('refuses %s, and says what to do', async (_, args, said) => {
    const { code, stdout, stderr } = await inProcess('terms', 'new', ...until, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/^parley: .+; .+/);
  });
});
