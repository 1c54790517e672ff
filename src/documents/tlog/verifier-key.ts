import { platform } from '#platform';
import { decodePublicKey, PUBLIC_KEY_LENGTH, type PublicKey } from '../../crypto/ed25519.ts';
import { toHex, utf8 } from '../../crypto/encoding.ts';
import { InputError } from '../../errors.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';

/** What an Ed25519 key signs: notes (a log), or the time at which it saw a log's checkpoint (a witness). The values are the types of signature in the specifications. */
export const keyTypes = { log: 0x01, witness: 0x04 } as const;
export type KeyType = keyof typeof keyTypes;

/** A key that signs notes (C2SP signed-note, “verifier keys”). */
export interface VerifierKey {
  readonly name: string;
  /** The first four bytes of a hash of name, type and key, as hexadecimal digits. */
  readonly id: string;
  readonly type: KeyType;
  readonly key: PublicKey;
}

/** Printable ASCII without a space or a plus sign. The specification allows more letters; these can all be shown as they are. */
const NAME = /^[!-*,-~]{1,100}$/;
const TEXT = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;

/** The verifier key of a name and a public key. */
export function verifierKey(name: string, type: KeyType, key: PublicKey): VerifierKey {
  return { name, type, key, id: keyId(name, type, key) };
}

/** The text of a verifier key: name, id, and type with key in base64, with plus signs between them. */
export function formatVerifierKey({ name, id, type, key }: VerifierKey): string {
  return `${name}+${id}+${encodeBase64(typedKey(type, key))}`;
}

/** The verifier key that a text says; undefined unless it is one of this type, whose name and key belong to its id. The key is decoded strictly. Needs `loadSodium`. */
export function parseVerifierKey(text: string, type: KeyType): VerifierKey | undefined {
  const [, name = '', id, coded = ''] = TEXT.exec(text) ?? [];
  const bytes = decodeBase64(coded);
  if (!NAME.test(name) || bytes?.length !== 1 + PUBLIC_KEY_LENGTH || bytes[0] !== keyTypes[type]) {
    return undefined;
  }
  const key = strictKey(bytes.subarray(1));
  if (key === undefined || keyId(name, type, key) !== id) return undefined;
  return { name, id, type, key };
}

function strictKey(bytes: Uint8Array): PublicKey | undefined {
  try {
    return decodePublicKey(bytes);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function keyId(name: string, type: KeyType, key: PublicKey): string {
  const head = utf8(`${name}\n`);
  const bytes = new Uint8Array(head.length + 1 + PUBLIC_KEY_LENGTH);
  bytes.set(head);
  bytes.set(typedKey(type, key), head.length);
  return toHex(platform.sha256(bytes).subarray(0, 4));
}

function typedKey(type: KeyType, key: PublicKey): Uint8Array {
  const bytes = new Uint8Array(1 + PUBLIC_KEY_LENGTH);
  bytes[0] = keyTypes[type];
  bytes.set(key, 1);
  return bytes;
}
