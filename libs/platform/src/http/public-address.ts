import ipaddr from 'ipaddr.js';

/** Whether the address is of the public internet: not private, loopback, link-local, reserved, nor an IPv4 one in disguise. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  // global unicast is 2000::/3 (RFC 4291 §2.4); 4-in-6 and site-local forms are outside of it
  const outside = parsed.kind() === 'ipv6' && !parsed.match(ipaddr.IPv6.parse('2000::'), 3);
  return !outside && parsed.range() === 'unicast';
}

export const isLoopback = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
