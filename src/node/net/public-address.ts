import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** IPv4 blocks that lead nowhere, or somewhere inside: IANA's special-purpose registry, multicast, and the reserved rest. */
const INSIDE_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
/** Global unicast (RFC 4291, section 2.5.4), and what in it is special: protocol assignments with Teredo, documentation, 6to4. */
const GLOBAL_V6 = ['2000::/3'];
const INSIDE_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const insideV4 = blocks(INSIDE_V4, 'ipv4');
const globalV6 = blocks(GLOBAL_V6, 'ipv6');
const insideV6 = blocks(INSIDE_V6, 'ipv6');

/** Whether an IP address is one of the public internet. Addresses that stand for IPv4 ones (mapped, 6to4, NAT64) are not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !insideV4.check(address, 'ipv4');
  if (!isIPv6(address) || address.includes('%')) return false;
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
