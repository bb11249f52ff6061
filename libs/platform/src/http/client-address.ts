import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import parseForwarded from 'forwarded-parse';
import ipaddr from 'ipaddr.js';

/** The header in which proxies say whom they speak for: the common one, or that of RFC 7239. */
export const proxyHeaders = ['x-forwarded-for', 'forwarded'] as const;

/** Whose word on the client's address is believed, and where it stands. */
export interface TrustedProxies {
  /** Addresses and CIDRs; empty: nobody's. */
  readonly networks: readonly string[];
  readonly header: (typeof proxyHeaders)[number];
}
export const nobodyTrusted: TrustedProxies = { networks: [], header: 'x-forwarded-for' };

type Received = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * Who made a request, by one text for each address that a client can have; `gone` when the connection was closed before.
 * From the peer on, each trusted proxy is asked for the one before it, until there is one that is not trusted. What a proxy
 * says that is no address (`unknown`, `_hidden`, nonsense) is nobody new: then it is the proxy itself.
 */
export function clientAddresses({ networks, header }: TrustedProxies): (request: Received) => string {
  const list = blockListOf(networks);
  const isTrusted = (address: string): boolean => list.check(address, familyOf(address));
  const hopsOf = header === 'forwarded' ? forwardedHops : xForwardedForHops;
  return ({ headers, socket }) => {
    let address = plainAddress(socket.remoteAddress ?? '');
    if (address === undefined) return 'gone';
    if (networks.length === 0 || !isTrusted(address)) return clientBehind(address);
    const hops = hopsOf(headers);
    do {
      const before = plainAddress(nodeOf(hops.pop() ?? ''));
      if (before === undefined) break;
      address = before;
    } while (isTrusted(address));
    return clientBehind(address);
  };
}

export interface Network {
  readonly address: string;
  readonly bits: number;
}

/** An address, or a CIDR; undefined: neither. */
export function networkOf(text: string): Network | undefined {
  const [spelled = '', length, ...rest] = text.split('/');
  const address = spelled.includes('%') ? undefined : plainAddress(spelled);
  if (address === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length ?? '0')) return undefined;
  const [most, written] = [address, spelled].map((each) => (isIP(each) === 4 ? 32 : 128)) as [number, number];
  const bits = length === undefined ? most : Number(length) - (written - most);
  return bits > most ? undefined : { address, bits };
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const network = networkOf(text);
    if (network === undefined) throw new TypeError('neither an address nor a CIDR');
    list.addSubnet(network.address, network.bits, familyOf(network.address));
  }
  return list;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** The library takes `::192.0.2.1` for the mapped `::ffff:192.0.2.1`, but not its other spelling. */
const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/;
const inHex = (_: string, ...bytes: string[]): string => {
  const [a, b, c, d] = bytes.slice(0, 4).map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return `${a}${b}:${c}${d}`;
};

/** In its one spelling: without a zone, as RFC 5952 writes it, and an IPv4-mapped one as IPv4. Undefined: no address. */
export function plainAddress(text: string): string | undefined {
  switch (isIP(text)) {
    case 4:
      return text;
    case 6: {
      const address = ipaddr.IPv6.parse(text.split('%', 1)[0]!.replace(dotted, inHex));
      return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
    }
    default:
      return undefined;
  }
}

/** After these an IPv4 address stands: compatible (RFC 4291), translated (2765), NAT64 (6052), 6to4 (3056). */
const embedding = ['::/96', '::ffff:0:0:0/96', '64:ff9b::/96', '2002::/16'].map((cidr) => ipaddr.IPv6.parseCIDR(cidr));

/** The IPv4 address in an IPv6 one: whoever has it has all that can be made of it. Nobody is trusted for having one. */
function clientBehind(address: string): string {
  if (!address.includes(':') || address === '::' || address === '::1') return address;
  const parsed = ipaddr.IPv6.parse(address);
  const prefix = embedding.find((each) => parsed.match(each))?.[1];
  return prefix === undefined
    ? address
    : parsed
        .toByteArray()
        .slice(prefix / 8, prefix / 8 + 4)
        .join('.');
}

/** From the client to the last proxy. */
const xForwardedForHops = (headers: IncomingMessage['headers']): string[] =>
  [headers['x-forwarded-for'] ?? []].flat().flatMap((line) => line.split(','));

/** None if it cannot be read: then nothing in it is anybody's word. */
function forwardedHops({ forwarded }: IncomingMessage['headers']): string[] {
  if (typeof forwarded !== 'string') return [];
  try {
    return parseForwarded(forwarded).map((hop) => hop.for ?? '');
  } catch {
    return [];
  }
}

/** What names the node, without quotes, brackets and port (RFC 7239 §6, and what is written in X-Forwarded-For). */
function nodeOf(hop: string): string {
  const text = hop.trim().replace(/^"(.*)"$/, '$1');
  const bracketed = /^\[(.*)\](:[\w.-]*)?$/.exec(text)?.[1];
  if (bracketed !== undefined) return bracketed;
  return isIP(text) === 0 ? text.replace(/:[\w.-]*$/, '') : text;
}
