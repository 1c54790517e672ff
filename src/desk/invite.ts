import { concatBytes, equalBytes } from '../crypto/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { decodeBase64url, encodeBase64url } from '../documents/json.ts';
import { InputError } from '../errors.ts';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../link/endpoint.ts';

/** How to reach a host: directly, in a room of a relay, or over pipes that somebody else connects. */
export type InvitePlace =
  | { readonly kind: 'direct' | 'relay'; readonly endpoint: Endpoint }
  | { readonly kind: 'stdio' };

/** What a host sends to one other side, over a channel that it trusts to reach that side alone. It works once. */
export interface Invite {
  /** RFC 7638 thumbprint of the host's key: 43 characters of base64url. */
  readonly host: string;
  /** 16 random bytes. The handshake's pre-shared key and the name of the room at a relay are derived from them. */
  readonly secret: Uint8Array;
  readonly place: InvitePlace;
}

const VERSION = '1';
const PREFIX = `parley${VERSION}-`;
const THUMBPRINT = 32;
const SECRET = 16;
const CHECKSUM = 6;
const CODE_LENGTH = ((THUMBPRINT + SECRET + CHECKSUM) * 8) / 6;
const RELAY = 'relay:';
/** The longest text, in characters, in which an invite is looked for. */
const MAX_TEXT = 10_000;
/** Soft hyphens, joiners, marks of direction and the byte order mark. Below, the hyphens that a program may have put in place of a plain one. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
const HYPHENS = /[\u2010\u2011]/g;
/** White space, marks of quoted mail and of a continued line. */
const BREAK = /[\s>|\\]/g;
const BREAKS = /[\s>|\\]+/;
/** Characters that may follow an address in a text: quotation marks, brackets, punctuation. */
const MARKS = /[)\]}"'`’”»*.,;:!?]+$/;
/** The most lines over which an address may be spread. */
const MAX_PARTS = 3;

/** An invite with a fresh secret. `host` is the thumbprint of the host's key. */
export function makeInvite(host: string, place: InvitePlace, random: Random): Invite {
  return { host, place, secret: random(SECRET) };
}

/**
 * `parley1-` and 72 characters (base64url of thumbprint, secret and the first six bytes of hash(`inviteChecksum`, thumbprint, secret)), then `@` and
 * the place: an endpoint, `relay:` and an endpoint, or `stdio`. The place is not in the checksum: it may be corrected by hand, and the host is known by its key.
 */
export function formatInvite({ host, secret, place }: Invite): string {
  const thumbprint = decodeBase64url(host);
  if (thumbprint?.length !== THUMBPRINT || secret.length !== SECRET) throw new Error('not an invite');
  const bytes = concatBytes(thumbprint, secret, checksum(thumbprint, secret));
  const code = encodeBase64url(bytes);
  bytes.fill(0);
  return `${PREFIX}${code}@${formatPlace(place)}`;
}

/** The error for an invite whose end is missing. More text may complete it. */
export class CutInvite extends InputError {}

/**
 * Finds the invite in a text that somebody has copied: with the command before it, in quotes, in a sentence, quoted in a mail, with line breaks. Throws
 * InputError `ERR_INVITE_INVALID`, which says what is wrong and never quotes the invite; CutInvite where more text could complete it.
 */
export function parseInvite(text: string): Invite {
  const shown = text.length > MAX_TEXT ? '' : text.replaceAll(INVISIBLE, '').replaceAll(HYPHENS, '-');
  const begin = findBeginning(shown);
  const { code, end } = readCode(shown, begin);
  const at = end < shown.length;
  if (code.length < CODE_LENGTH)
    throw cut('the invite has characters missing', 'copy the whole line again', !at);
  if (at && code.length > CODE_LENGTH)
    throw invalid('the invite has too many characters', 'copy the whole line again, and nothing else');
  if (!at) throw cut('the invite has no address', 'copy the whole line: it ends with @HOST:PORT', true);
  const bytes = decodeBase64url(code);
  if (bytes === undefined)
    throw invalid('the invite has a character that cannot be in it', 'copy the line again');
  try {
    const thumbprint = bytes.subarray(0, THUMBPRINT);
    const secret = bytes.subarray(THUMBPRINT, THUMBPRINT + SECRET);
    if (!equalBytes(checksum(thumbprint, secret), bytes.subarray(THUMBPRINT + SECRET))) {
      throw invalid(
        'the invite is mistyped: its checksum does not fit',
        'copy the line again, or ask for a new one',
      );
    }
    const place = readPlace(shown.slice(end + 1));
    return { host: encodeBase64url(thumbprint), secret: secret.slice(), place };
  } finally {
    bytes.fill(0);
  }
}

/** Where the code of the one invite in a text begins. */
function findBeginning(text: string): number {
  const [first, second] = [...text.matchAll(/(?<![\w-])parley(\d{1,9})-/gi)];
  if (first === undefined) {
    throw invalid(
      'that is not an invite',
      'it begins with parley1- and ends with an address, like …@192.0.2.7:4466',
    );
  }
  if (first[1] !== VERSION) {
    throw invalid(
      `the invite is for version ${first[1]!.slice(0, 4)}, this is version ${VERSION}`,
      'both sides need the same version of Parley',
    );
  }
  if (second !== undefined) throw invalid('that is more than one invite', 'give the newest one alone');
  return first.index + first[0].length;
}

/** The code, without the characters that mails and terminals insert at a line break, and where it ends: at an @, or at the end of the text. */
function readCode(text: string, begin: number): { readonly code: string; readonly end: number } {
  const found = text.indexOf('@', begin);
  const end = found === -1 ? text.length : found;
  return { code: text.slice(begin, end).replaceAll(BREAK, ''), end };
}

/** The place that follows the @, without punctuation. If the first line is not a place, further lines are joined to it. */
function readPlace(text: string): InvitePlace {
  let place = '';
  for (const part of text
    .split(BREAKS)
    .filter((part) => part !== '')
    .slice(0, MAX_PARTS)) {
    place += part;
    const found = parsePlace(place) ?? parsePlace(place.replace(MARKS, ''));
    if (found !== undefined) return found;
  }
  const hint = 'it ends with @HOST:PORT, @ws://HOST:PORT or @relay:HOST:PORT';
  throw cut("the invite's address cannot be read", hint, place === '');
}

/** The room (32 bytes) in which host and joiner of an invite meet at a relay. It does not reveal the secret. */
export function inviteRoom(secret: Uint8Array): Uint8Array {
  return hash(tags.inviteRoom, secret);
}

function formatPlace(place: InvitePlace): string {
  if (place.kind === 'stdio') return 'stdio';
  return `${place.kind === 'relay' ? RELAY : ''}${formatEndpoint(place.endpoint)}`;
}

/** Undefined for a text that is not a place. */
function parsePlace(text: string): InvitePlace | undefined {
  if (text === 'stdio') return { kind: 'stdio' };
  const relayed = text.startsWith(RELAY);
  const endpoint = parseEndpoint(relayed ? text.slice(RELAY.length) : text);
  if (endpoint === undefined || endpoint.port === 0) return undefined;
  return { kind: relayed ? 'relay' : 'direct', endpoint };
}

function checksum(thumbprint: Uint8Array, secret: Uint8Array): Uint8Array {
  return hash(tags.inviteChecksum, thumbprint, secret).subarray(0, CHECKSUM);
}

function cut(message: string, hint: string, more: boolean): InputError {
  return more ? new CutInvite('ERR_INVITE_INVALID', message, { hint }) : invalid(message, hint);
}

function invalid(message: string, hint: string): InputError {
  return new InputError('ERR_INVITE_INVALID', message, { hint });
}
