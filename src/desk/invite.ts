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

/** What a host sends to one other side, over a way that it trusts to reach that side alone. It works once. */
export interface Invite {
  /** RFC 7638 thumbprint of the host's key: 43 characters of base64url. */
  readonly host: string;
  /** 16 random bytes: the handshake's pre-shared key, and what names the room at a relay, are derived from it. */
  readonly secret: Uint8Array;
  readonly place: InvitePlace;
}

const PREFIX = 'parley1-';
const THUMBPRINT = 32;
const SECRET = 16;
const CHECKSUM = 6;
const CODE_LENGTH = ((THUMBPRINT + SECRET + CHECKSUM) * 8) / 6;
const RELAY = 'relay:';

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

/**
 * Reads an invite strictly. Throws InputError `ERR_INVITE_INVALID`, which says what is wrong with it and never quotes it.
 */
export function parseInvite(text: string): Invite {
  const at = text.indexOf('@');
  if (!text.startsWith(PREFIX)) {
    const other = /^parley(\d+)-/.exec(text);
    throw other === null
      ? invalid(
          'that is not an invite',
          'it begins with parley1- and ends with an address, like …@192.0.2.7:4466',
        )
      : invalid(
          `the invite is for version ${other[1]!.slice(0, 4)}, this is version 1`,
          'both sides need the same version of Parley',
        );
  }
  if (at === -1) throw invalid('the invite has no address', 'copy the whole line: it ends with @HOST:PORT');
  const code = text.slice(PREFIX.length, at);
  if (code.length !== CODE_LENGTH) {
    const change = code.length < CODE_LENGTH ? 'missing' : 'too many';
    throw invalid(`the invite has characters ${change}`, 'copy the whole line again');
  }
  const bytes = decodeBase64url(code);
  if (bytes === undefined)
    throw invalid('the invite has a character that cannot be in it', 'copy the line again');
  const thumbprint = bytes.subarray(0, THUMBPRINT);
  const secret = bytes.slice(THUMBPRINT, THUMBPRINT + SECRET);
  const intact = equalBytes(checksum(thumbprint, secret), bytes.subarray(THUMBPRINT + SECRET));
  const host = encodeBase64url(thumbprint);
  bytes.fill(0);
  if (!intact) {
    throw invalid(
      'the invite is mistyped: its checksum does not fit',
      'copy the line again, or ask for a new one',
    );
  }
  return { host, secret, place: parsePlace(text.slice(at + 1)) };
}

/** The room (32 bytes) in which host and joiner of an invite meet at a relay. It does not give the secret away. */
export function inviteRoom(secret: Uint8Array): Uint8Array {
  return hash(tags.inviteRoom, secret);
}

function formatPlace(place: InvitePlace): string {
  if (place.kind === 'stdio') return 'stdio';
  return `${place.kind === 'relay' ? RELAY : ''}${formatEndpoint(place.endpoint)}`;
}

function parsePlace(text: string): InvitePlace {
  if (text === 'stdio') return { kind: 'stdio' };
  const relayed = text.startsWith(RELAY);
  const endpoint = parseEndpoint(relayed ? text.slice(RELAY.length) : text);
  if (endpoint === undefined || endpoint.port === 0) {
    throw invalid(
      "the invite's address cannot be read",
      'it ends with @HOST:PORT, @ws://HOST:PORT or @relay:HOST:PORT',
    );
  }
  return { kind: relayed ? 'relay' : 'direct', endpoint };
}

function checksum(thumbprint: Uint8Array, secret: Uint8Array): Uint8Array {
  return hash(tags.inviteChecksum, thumbprint, secret).subarray(0, CHECKSUM);
}

function invalid(message: string, hint: string): InputError {
  return new InputError('ERR_INVITE_INVALID', message, { hint });
}
