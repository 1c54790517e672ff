import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/crypto/random.ts';
import { CutInvite, formatInvite, inviteRoom, makeInvite, parseInvite } from '../../src/desk/invite.ts';
import { offerNonce } from '../../src/desk/offer.ts';
import { fingerprint, generateIdentity } from '../../src/documents/identity.ts';
import { InputError } from '../../src/errors.ts';
import { parseEndpoint } from '../../src/link/endpoint.ts';

const random = seededRandom(new Uint8Array(16));
const thumbprint = await fingerprint(generateIdentity(random).publicKey);
const endpoint = (text: string) => parseEndpoint(text)!;
const invite = makeInvite(thumbprint, { kind: 'direct', endpoint: endpoint('192.0.2.7:4466') }, random);
const text = formatInvite(invite);
const code = text.slice(0, text.indexOf('@'));

describe('an invite', () => {
  it('reads back what was written, at every kind of place', () => {
    for (const place of [
      '192.0.2.7:4466',
      '[2001:db8::1]:4466',
      'ws://host.example:80/parley',
      'wss://host.example:443',
    ]) {
      for (const kind of ['direct', 'relay'] as const) {
        const other = { ...invite, place: { kind, endpoint: endpoint(place) } };
        expect(parseInvite(formatInvite(other))).toEqual(other);
      }
    }
    const piped = { ...invite, place: { kind: 'stdio' as const } };
    expect(parseInvite(formatInvite(piped))).toEqual(piped);
    expect(text).toMatch(/^parley1-[\w-]{72}@192\.0\.2\.7:4466$/);
  });

  it('has a fresh secret each time, which its room does not show', () => {
    const other = makeInvite(thumbprint, invite.place, random);
    expect(other.secret).toHaveLength(16);
    expect(other.secret).not.toEqual(invite.secret);
    const room = inviteRoom(invite.secret);
    expect(room).toHaveLength(32);
    expect(Buffer.from(room).includes(Buffer.from(invite.secret))).toBe(false);
    expect(inviteRoom(other.secret)).not.toEqual(room);
  });

  it('keeps its form, its room and its nonce from version to version', () => {
    const fixed = {
      ...invite,
      host: Buffer.alloc(32, 1).toString('base64url'),
      secret: new Uint8Array(16).fill(2),
    };
    expect(formatInvite(fixed)).toMatchInlineSnapshot(
      `"parley1-AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQECAgICAgICAgICAgICAgIC0DmO8R5E@192.0.2.7:4466"`,
    );
    expect(Buffer.from(inviteRoom(fixed.secret)).toString('hex')).toMatchInlineSnapshot(
      `"65c98a8013fbfc9775c3bcb876e2f9630d2194dd89ba135667d40e282adc6a3c"`,
    );
    expect(offerNonce(new Uint8Array(32).fill(3))).toMatchInlineSnapshot(`"uldPe568Uvzt3sTbaTc8uA"`);
  });

  it.each([
    ['behind the command', `parley join ${text}`],
    ['behind the command that fetches Parley', `npx -y parley-mpc@0.1.0 join ${text}`],
    ['behind that of a repository', `npm run -s parley -- join ${text} --stdio`],
    ['below the command', `npx parley-mpc join\n${text}\n`],
    ['with spaces around it', `  ${text}\t `],
    ['with lines of Windows', `${text}\r\n`],
    ['in quotation marks', `"${text}"`],
    ['in others', `‘${text}’`],
    ['in angle brackets', `<${text}>`],
    ['in backquotes', `\`${text}\``],
    ['in bold', `**${text}**`],
    ['in a sentence', `Join me (${text}), and be quick.`],
    ['at the end of one', `Here it is: ${text}.`],
    ['in a mail that is quoted', `> > ${text.slice(0, 60)}\n> > ${text.slice(60)}\n> > Ana`],
    ['continued with a backslash', `${text.slice(0, 50)}\\\n${text.slice(50)}`],
    ['with a capital letter', text.replace('parley', 'Parley')],
    ['with marks that nobody sees', `\ufeff${text.slice(0, 30)}\u200b${text.slice(30)}\u200e`],
    ['with soft hyphens', `${text.slice(0, 30)}\u00ad\n${text.slice(30)}`],
    ['with hyphens that do not break', text.replaceAll('-', '\u2011')],
    ['in a link', `https://example.com/join#${text}`],
    ['broken before the address', text.replace('@', '\n@')],
    ['broken behind the @', text.replace('@', '@\n')],
    ['broken in the address', text.replace('192.0.2.', '192.0.2.\n')],
    ['broken before the port', text.replace(':4466', ':\n4466')],
  ])('is read %s', (_, written) => {
    expect(parseInvite(written)).toEqual(invite);
  });

  it('is read with line breaks wherever its code has them, at every kind of place', () => {
    const places = ['[2001:db8::1]:4466', 'wss://host.example:443/a/b', 'ws://h:80/a_b-c~d'] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.boolean(),
        fc.integer({ min: 1, max: 80 }),
        fc.constantFrom('\n', ' \r\n ', '\n> ', '\\\n'),
        (place, relayed, width, mark) => {
          const kind = relayed ? 'relay' : 'direct';
          const other = { ...invite, place: { kind, endpoint: endpoint(place) } } as const;
          const [head, tail] = formatInvite(other).slice('parley1-'.length).split('@') as [string, string];
          const lines = head.match(new RegExp(`.{1,${width}}`, 'g'))!.join(mark);
          expect(parseInvite(`parley1-${lines}@${tail}`)).toEqual(other);
        },
      ),
    );
  });

  it('that is cut short could have more to come, and one that is wrong could not', () => {
    for (let length = 'parley1-'.length; length <= code.length + 1; length++) {
      expect(() => parseInvite(text.slice(0, length))).toThrowError(CutInvite);
    }
    for (const wrong of ['', 'parley', text.replace(/.@/, '@'), text.replace('@', 'A@'), `${code}@x y`]) {
      expect(() => parseInvite(wrong)).not.toThrowError(CutInvite);
      expect(() => parseInvite(wrong)).toThrowError(InputError);
    }
  });

  it('with any one character of it changed is refused', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    fc.assert(
      fc.property(fc.nat(71), fc.nat(63), (position, letter) => {
        const i = 'parley1-'.length + position;
        fc.pre(text[i] !== alphabet[letter]);
        const changed = text.slice(0, i) + alphabet[letter] + text.slice(i + 1);
        expect(() => parseInvite(changed)).toThrowError(/mistyped/);
      }),
    );
  });

  it.each([
    ['', /not an invite/],
    ['hello', /not an invite/],
    [text.replace('parley1-', 'parley2-'), /version 2/],
    [code, /no address/],
    [text.replace('@', 'A@'), /too many/],
    [text.replace(/.@/, '@'), /missing/],
    [text.replace(/.@/, '+@'), /character that cannot/],
    [`${code}@`, /address cannot be read/],
    [`${code}@192.0.2.7`, /address cannot be read/],
    [`${code}@192.0.2.7:0`, /address cannot be read/],
    [`${code}@192.0.2.7:65536`, /address cannot be read/],
    [`${code}@\u001b[31m:1`, /address cannot be read/],
    [`${code}@http://x:1`, /address cannot be read/],
    [`${code}@relay:stdio`, /address cannot be read/],
    [`${code}@ and nothing that has a port`, /address cannot be read/],
    [`${text}\n${formatInvite(makeInvite(thumbprint, invite.place, random))}`, /more than one invite/],
    [`${text}${' '.repeat(10_000)}`, /not an invite/],
    [`x${text}`, /not an invite/],
  ])('%j is refused, and not quoted', (wrong, reason) => {
    expect(() => parseInvite(wrong)).toThrowError(reason);
    expect(() => parseInvite(wrong)).toThrowError(expect.objectContaining({ code: 'ERR_INVITE_INVALID' }));
    try {
      parseInvite(wrong);
    } catch (error) {
      expect(String(error)).not.toContain(code.slice(8, 20));
    }
  });
});
