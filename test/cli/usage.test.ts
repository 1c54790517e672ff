import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { desk, freePort, inProcess } from './support.ts';

const { files, put, path, terms, draft } = desk();
const run = (over: Record<string, string> = {}) => {
  const flags = { terms: files.draft, 'mandate-a': files.asks, 'mandate-b': files.bids, ...over };
  return ['run', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])];
};
const hosting = (over: Record<string, string | undefined> = {}) => {
  const flags = { terms: files.terms, mandate: files.asks, identity: files.sellerKey, ...over };
  return ['host', ...Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : []))];
};
const without = (member: string) => {
  const { [member as keyof typeof terms]: _, ...rest } = terms;
  return put(`without-${member}.json`, rest);
};
mkdirSync(path('folder'));
const mandate = (name: string, content: unknown) => run({ 'mandate-a': put(`${name}.json`, content) });

/** Each gives one line on stderr, one JSON document with --json, and exit code 2. */
const cases: [string, () => readonly string[], string][] = [
  ['no command', () => ['frobnicate'], 'ERR_USAGE'],
  ['an unknown flag', () => [...run(), '--frobnicate'], 'ERR_USAGE'],
  ['a missing flag', () => ['keygen'], 'ERR_USAGE'],
  ['an unknown scenario', () => ['demo', '--scenario', 'moon'], 'ERR_USAGE'],
  ['a missing file', () => run({ terms: path('nowhere.json') }), 'ERR_FILE'],
  ['a folder for a file', () => run({ terms: path('folder') }), 'ERR_FILE'],
  ['malformed terms', () => run({ terms: put('malformed.json', '{ "parley": 1,') }), 'ERR_JSON'],
  ['duplicate keys', () => run({ terms: put('twice.json', '{"parley":1,"parley":1}') }), 'ERR_JSON'],
  ['unknown keys', () => run({ terms: put('more.json', { ...draft, colour: 1 }) }), 'ERR_TERMS_INVALID'],
  [
    'an unknown rule',
    () => run({ terms: put('rule.json', { ...draft, rule: { name: 'dice' } }) }),
    'ERR_TERMS_INVALID',
  ],
  ['unknown security', () => [...run(), '--security', 'perfect'], 'ERR_USAGE'],
  [
    'seals that do not exist',
    () => run({ terms: put('seals.json', { ...draft, security: 'semi-honest', seals: 'paillier' }) }),
    'ERR_TERMS_INVALID',
  ],
  ['a bad timeout', () => [...run(), '--timeout', 'soon'], 'ERR_USAGE'],
  ['a floating-point reservation', () => mandate('float', { reservation: 4500.5 }), 'ERR_MANDATE_INVALID'],
  ['a fraction in a string', () => mandate('fraction', { reservation: '4500.5' }), 'ERR_MANDATE_INVALID'],
  ['a negative reservation', () => mandate('negative', { reservation: '-1' }), 'ERR_MANDATE_INVALID'],
  ['NaN', () => mandate('nan', '{"reservation": NaN}'), 'ERR_JSON'],
  ['NaN in a string', () => mandate('nan-string', { reservation: 'NaN' }), 'ERR_MANDATE_INVALID'],
  ['too large a reservation', () => mandate('large', { reservation: '1000001' }), 'ERR_MANDATE_INVALID'],
  ['a far too large one', () => mandate('huge', { reservation: '9'.repeat(60) }), 'ERR_MANDATE_INVALID'],
  ['an unsafe number', () => mandate('unsafe', '{"reservation": 9007199254740993}'), 'ERR_JSON'],
  [
    'an off-grid reservation',
    () => run({ terms: put('grid.json', { ...draft, range: { ...draft.range, step: '7' } }) }),
    'ERR_MANDATE_INVALID',
  ],
  ['a further member', () => mandate('further', { reservation: '1', note: 'x' }), 'ERR_MANDATE_INVALID'],
  ['a mandate that is no object', () => mandate('list', ['451234']), 'ERR_MANDATE_INVALID'],
  ['an empty mandate', () => mandate('null', 'null'), 'ERR_MANDATE_INVALID'],
  ['a public key as identity', () => hosting({ identity: files.sellerPublic }), 'ERR_KEY_INVALID'],
  ['a key file that is no key', () => hosting({ identity: files.asks }), 'ERR_KEY_INVALID'],
  [
    "a stranger's key",
    () => hosting({ identity: put('stranger.key', desk().seller.exportPrivate()) }),
    'ERR_USAGE',
  ],
  ['a role against the key', () => [...hosting(), '--role', 'buyer'], 'ERR_USAGE'],
  ['an unknown role', () => [...hosting({ terms: without('parties') }), '--role', 'broker'], 'ERR_USAGE'],
  [
    'nobody named as peer',
    () => [...hosting({ terms: without('parties') }), '--role', 'seller'],
    'ERR_USAGE',
  ],
  ['no role', () => [...hosting({ terms: without('parties') }), '--peer', files.buyerPublic], 'ERR_USAGE'],
  [
    'a peer against the terms',
    () => [...hosting(), '--peer', put('other.pub', desk().buyer.publicKey)],
    'ERR_USAGE',
  ],
  ["a private key as the peer's", () => [...hosting(), '--peer', files.buyerKey], 'ERR_KEY_INVALID'],
  ['no deadline', () => hosting({ terms: without('expires') }), 'ERR_TERMS_INVALID'],
  ['no mandate and no terminal', () => hosting({ mandate: undefined }), 'ERR_USAGE'],
  ['an address without a port', () => [...hosting(), '--listen', 'localhost'], 'ERR_USAGE'],
  ['an agreement that exists', () => [...hosting(), '--out', files.asks], 'ERR_FILE'],
  ['a pin without a role', () => ['verify', files.asks, '--party', files.sellerPublic], 'ERR_USAGE'],
  ['a missing agreement', () => ['verify', path('nowhere.json')], 'ERR_FILE'],
];

describe('bad usage and bad input', () => {
  it.each(cases)('%s', async (_, args, code) => {
    const told = await inProcess(...args());
    expect(told.code).toBe(2);
    expect(told.stdout).toBe('');
    const last = told.stderr.trimEnd().split('\n').at(-1)!;
    expect(last).toMatch(/^parley: .+; .+/);
    const printed = await inProcess(...args(), '--json');
    expect(printed.code).toBe(2);
    expect(printed.stdout.trimEnd().split('\n')).toHaveLength(1);
    const { error } = JSON.parse(printed.stdout) as { error: Record<string, string> };
    expect(error).toMatchObject({ code, message: expect.any(String), hint: expect.stringMatching(/./) });
    expect(Object.keys(error)).toHaveLength(3);
    expect(told.stderr).not.toMatch(/451234|4500\.5/);
  });

  it('a session that cannot begin fails with exit code 1', async () => {
    const port = await freePort();
    const join = [
      'join',
      '--identity',
      files.buyerKey,
      '--mandate',
      files.bids,
      '--connect',
      `127.0.0.1:${port}`,
    ];
    const unreachable = await inProcess(...join, '--terms', files.terms, '--json');
    expect(unreachable.code).toBe(1);
    expect(JSON.parse(unreachable.stdout)).toMatchObject({ error: { code: 'ERR_CONNECT' } });
    const past = put('past.json', { ...terms, expires: '2020-01-01T00:00:00Z' });
    const expired = await inProcess(...join, '--terms', past, '--json');
    expect(expired.code).toBe(1);
    expect(JSON.parse(expired.stdout)).toMatchObject({ error: { code: 'ERR_TERMS_EXPIRED' } });
  });

  it('help and version are no failures', async () => {
    for (const args of [['--help'], ['run', '--help'], ['--version']]) {
      const { code, stdout, stderr } = await inProcess(...args);
      expect(code).toBe(0);
      expect(stdout).not.toBe('');
      expect(stderr).toBe('');
    }
    expect((await inProcess()).code).toBe(2);
  });
});
