import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { parseIpAddress } from '../../link/ip-address.ts';

/** IPv4 blocks that lead nowhere, or somewhere inside: IANA's special-purpose registry, multicast, and the reserved rest. */
const INSIDE_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
/** Global unicast (RFC 4291, section 2.5.4), and what in it is special: protocol assignments with Teredo, documentation, 6to4. */
const GLOBAL_V6 = ['2000::/3'];
const INSIDE_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** In networks without IPv4, the names of hosts that have no other address lead here; the last four bytes are the IPv4 address (RFC 6052, section 2.1). */
const NAT64 = ['64:ff9b::/96'];

const insideV4 = blocks(INSIDE_V4, 'ipv4');
const globalV6 = blocks(GLOBAL_V6, 'ipv6');
const insideV6 = blocks(INSIDE_V6, 'ipv6');
const nat64 = blocks(NAT64, 'ipv6');

/** Whether an IP address is one of the public internet. Of addresses that stand for IPv4 ones only those of NAT64 can be, mapped ones and 6to4 are not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !insideV4.check(address, 'ipv4');
  if (!isIPv6(address) || address.includes('%')) return false;
  if (nat64.check(address, 'ipv6')) return isPublicAddress(parseIpAddress(address)!.subarray(12).join('.'));
  return globalV6.check(address, 'ipv6') && !insideV6.check(address, 'ipv6');
}

function blocks(list: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const found = new BlockList();
  for (const block of list) {
    const [address, bits] = block.split('/');
    found.addSubnet(address!, Number(bits), family);
  }
  return found;
}
