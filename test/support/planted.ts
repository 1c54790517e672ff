import { bytesToInteger } from '../../src/crypto/integers.ts';

/** A planted secret that was found, and the form in which it was written. */
export interface Found {
  readonly secret: string;
  readonly form: string;
}

/** The ways in which a secret could have been written down: its own bytes, hexadecimal digits, base64 of any alignment, a decimal number. */
function formsOf(secret: Uint8Array): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(secret);
  const forms = new Map<string, Buffer>([
    ['bytes', bytes],
    ['hex', Buffer.from(bytes.toString('hex'))],
    ['HEX', Buffer.from(bytes.toString('hex').toUpperCase())],
    ['a list of bytes', Buffer.from([...bytes].join(','))],
    ['decimal', Buffer.from(bytesToInteger(secret).toString())],
    ['decimal, the last byte first', Buffer.from(bytesToInteger(secret.slice().reverse()).toString())],
  ]);
  for (const shift of [0, 1, 2]) {
    // Without the digits that depend on neighbouring bytes.
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    const whole = shifted.subarray(0, shifted.length - (shifted.length % 3));
    const from = shift === 0 ? 0 : 4;
    forms.set(`base64, moved by ${shift}`, Buffer.from(whole.toString('base64').slice(from)));
    forms.set(`base64url, moved by ${shift}`, Buffer.from(whole.toString('base64url').slice(from)));
  }
  return forms;
}

/** Which of these secrets are in `text`, in any of those forms. Secrets are long enough not to be there by chance. */
export function findPlanted(
  text: Uint8Array | string,
  secrets: Readonly<Record<string, Uint8Array | string>>,
): Found[] {
  const haystack = Buffer.from(text);
  return Object.entries(secrets).flatMap(([secret, value]) => {
    const forms = [...formsOf(Buffer.from(value))];
    return forms.filter(([, bytes]) => haystack.indexOf(bytes) >= 0).map(([form]) => ({ secret, form }));
  });
}
