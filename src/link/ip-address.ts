/** From where an address can be reached: this machine alone, its own network, or anywhere. */
export type Scope = 'machine' | 'network' | 'anywhere';

/** The 16 bytes of an IPv6 address, with an IPv4 address as `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2). Undefined for anything else. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...v4);
  const [address] = text.split('%'); // the zone of a link-local address
  const halves = address!.split('::');
  if (!text.includes(':') || halves.length > 2) return undefined;
  const [before, behind] = halves.map((half, i) => parseGroups(half, i === halves.length - 1));
  if (before === undefined || (halves.length === 2 && behind === undefined)) return undefined;
  if (halves.length === 1) return before.length === 16 ? Uint8Array.from(before) : undefined;
  const zeros = 16 - before.length - behind!.length;
  return zeros < 2
    ? undefined
    : Uint8Array.from([...before, ...new Array<number>(zeros).fill(0), ...behind!]);
}

/**
 * From where a host can be reached, by its address or name: loopback, then RFC 1918, RFC 6598 (carriers' NAT), link-local, and RFC 4193
 * addresses, `localhost` and names under `.local` (RFC 6762).
 */
export function scopeOf(host: string): Scope {
  const name = host.toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return 'machine';
  if (name.endsWith('.local')) return 'network';
  const bytes = parseIpAddress(name);
  if (bytes === undefined) return 'anywhere';
  return isMapped(bytes) ? scopeOfIpv4(bytes.subarray(12)) : scopeOfIpv6(bytes);
}

/** The part of an address that belongs to one subscriber: an IPv4 address, or the /64 of an IPv6 address. Anything else is returned unchanged. */
export function subscriberOf(host: string): string {
  const bytes = parseIpAddress(host);
  if (bytes === undefined) return host;
  return isMapped(bytes) ? bytes.subarray(12).join('.') : `${bytes.subarray(0, 8).join('.')}/64`;
}

function scopeOfIpv4([a, b]: Uint8Array): Scope {
  if (a === 127) return 'machine';
  const own =
    a === 10 ||
    (a === 172 && b! >> 4 === 1) ||
    (a === 192 && b === 168) ||
    (a === 100 && b! >> 6 === 1) ||
    (a === 169 && b === 254);
  return own ? 'network' : 'anywhere';
}

function scopeOfIpv6(bytes: Uint8Array): Scope {
  if (bytes.every((byte, i) => byte === (i === 15 ? 1 : 0))) return 'machine';
  const [first, second] = bytes;
  const own = first! >> 1 === 0xfc >> 1 || (first === 0xfe && second! >> 6 === 2);
  return own ? 'network' : 'anywhere';
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
}

function parseIpv4(text: string): number[] | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

/** The bytes of groups of hexadecimal digits. The last group of an address may be an IPv4 address. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const v4 = last && index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (v4 === undefined && !/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes.push(...(v4 ?? [value >> 8, value & 0xff]));
  }
  return bytes.length > 16 ? undefined : bytes;
}
