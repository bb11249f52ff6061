import fc from 'fast-check';
import { clientAddresses, networkOf, type TrustedProxies } from './client-address.js';

const proxy = '10.0.0.1';
const networks = ['10.0.0.0/8', 'fd00::/8'];
const behind = (header: TrustedProxies['header'], value: string | undefined, peer: string | undefined = proxy) =>
  clientAddresses({ networks, header })({
    headers: { [header]: value, [header === 'forwarded' ? 'x-forwarded-for' : 'forwarded']: 'for=192.0.2.99' },
    socket: { remoteAddress: peer },
  } as Parameters<ReturnType<typeof clientAddresses>>[0]);
const xff = (value: string | undefined, peer?: string) => behind('x-forwarded-for', value, peer);
const forwarded = (value: string | undefined, peer?: string) => behind('forwarded', value, peer);

/** One client, as proxies write it. */
const spellings = [
  '203.0.113.27',
  '203.0.113.27:40000',
  '203.0.113.27:_hidden',
  '[203.0.113.27]',
  '::ffff:203.0.113.27',
  '::FFFF:203.0.113.27',
  '::ffff:cb00:711b',
  '0:0:0:0:0:ffff:cb00:711b',
  '0000:0000:0000:0000:0000:FFFF:203.0.113.27',
  '::ffff:203.0.113.27%eth0',
  '[::ffff:203.0.113.27]',
  '[::ffff:cb00:711b]:40001',
  '::203.0.113.27',
  '::cb00:711b',
  '::ffff:0:203.0.113.27',
  '64:ff9b::203.0.113.27',
  '64:ff9b::cb00:711b',
  '[64:FF9B::CB00:711B]:443',
  '2002:cb00:711b::1',
  '2002:cb00:711b:ffff::9',
];

describe('the client', () => {
  it.each(spellings)('is the same one as %s, quoted or not', (spelled) => {
    const client = '203.0.113.27';
    for (const text of [spelled, ` ${spelled}\t`, `"${spelled}"`, `198.51.100.1, ${spelled}`, `${spelled},10.0.0.2`]) {
      expect([text, xff(text)]).toEqual([text, client]);
    }
    for (const text of [
      `for="${spelled}"`,
      `For="${spelled}";proto=https;by=_x, for=10.0.0.2`,
      `for=x,for="${spelled}"`,
    ]) {
      expect([text, forwarded(text)]).toEqual([text, client]);
    }
    if (!spelled.includes('[')) expect(xff(undefined, spelled.split(/:(?:40000|_)/)[0])).toBe(client);
  });

  it.each([
    '2001:db8::1',
    '2001:DB8::1',
    '2001:0db8:0:0:0:0:0:1',
    '[2001:db8::1]',
    '[2001:db8::1]:4711',
    '2001:db8::1%eth0',
    '[2001:db8::1%25eth0]:1',
  ])('is the same one as %s', (spelled) => {
    expect([xff(spelled), forwarded(`for="${spelled}"`)]).toEqual(['2001:db8::1', '2001:db8::1']);
  });

  it.each([
    'unknown',
    '_hidden',
    '_SEVKISEK:80',
    '',
    '-',
    'localhost',
    'proxy.example',
    '203.0.113.027',
    '203.0.113',
    '203.0.113.256',
    '0xcb00711b',
    '3405803803',
    '203.0.113.27/32',
    '2001:db8::1::2',
    '[2001:db8::1',
    '"203.0.113.27',
    '203.0.113.27; x',
    '１.２.３.４',
  ])('is the proxy itself, and not whom others claim, where it says %j', (said) => {
    expect(xff(`192.0.2.1, ${said}`)).toBe(proxy);
    expect(xff(`192.0.2.1, ${said}, 10.0.0.7`)).toBe('10.0.0.7');
    if (!said.includes('"')) expect(forwarded(`for=192.0.2.1, for="${said}"`)).toBe(proxy);
  });

  it.each([
    'for=192.0.2.1;x="',
    'for=192.0.2.1,',
    '192.0.2.1',
    'for=192.0.2.1;for',
    'for=[2001:db8::1]',
    'for=1.2.3.4:80',
  ])('is the proxy where Forwarded cannot be read: %s', (value) => {
    expect(forwarded(`${value}, for=203.0.113.9`)).toBe(proxy);
  });

  it('is believed of trusted proxies alone, in the header that they use', () => {
    expect(xff('203.0.113.27', '198.51.100.1')).toBe('198.51.100.1');
    expect(xff('192.0.2.1, 203.0.113.27')).toBe('203.0.113.27');
    expect(xff('192.0.2.1, 10.0.0.9, fd00::2, ::ffff:10.0.0.3', 'fd12::1')).toBe('192.0.2.1');
    expect(xff(undefined)).toBe(proxy);
    expect(forwarded(undefined)).toBe(proxy);
    const nobody = clientAddresses({ networks: [], header: 'x-forwarded-for' });
    const request = { headers: { 'x-forwarded-for': '203.0.113.27' }, socket: { remoteAddress: proxy } };
    expect(nobody(request as unknown as Parameters<typeof nobody>[0])).toBe(proxy);
  });

  it('is not trusted for having an address that a trusted one is embedded in', () => {
    for (const claimed of ['2002:a00:1::1', '64:ff9b::10.0.0.1', '::10.0.0.1', '::ffff:0:10.0.0.1']) {
      expect(xff(`192.0.2.1, ${claimed}`)).toBe('10.0.0.1');
    }
  });

  it('is gone with its connection', () => {
    for (const peer of ['', 'unix']) expect(xff('203.0.113.27', peer)).toBe('gone');
  });

  it('is the same one in every spelling of an IPv6 address', () => {
    const word = fc.oneof(fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(word, { minLength: 8, maxLength: 8 }), fc.nat(7), fc.nat(8), (words, from, count) => {
        const short = words.map((each) => each.toString(16));
        const [seven, eight] = words.slice(6) as [number, number];
        const inFour = [seven >> 8, seven & 255, eight >> 8, eight & 255].join('.');
        const zeros = words.slice(from, from + count);
        const cut = zeros.length > 0 && zeros.every((each) => each === 0);
        const written = [
          short.join(':'),
          short.join(':').toUpperCase(),
          short.map((each) => each.padStart(4, '0')).join(':'),
          [...short.slice(0, 6), inFour].join(':'),
          ...(cut ? [`${short.slice(0, from).join(':')}::${short.slice(from + count).join(':')}`] : []),
        ];
        const clients = written.flatMap((each) => [xff(each), xff(`[${each}]:80`), forwarded(`for="[${each}%1]:_x"`)]);
        expect([...new Set(clients)]).toHaveLength(1);
        expect(clients[0]).not.toBe(proxy);
      }),
      { numRuns: 500 },
    );
  });

  it('is one of the addresses that were said, or the peer, whatever else was said', () => {
    const part = fc.oneof(fc.constantFrom(...spellings, 'unknown', '10.0.0.2', '"', ',', ';', 'for='), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom(',', ', ', '', ';'), (parts, between) => {
        const said = parts.join(between);
        for (const client of [xff(said), forwarded(said)]) expect(client).toMatch(/^[0-9a-f.:]+$/);
      }),
    );
  });
});

describe('a network', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', 32],
    ['10.0.0.0/8', '10.0.0.0', 8],
    ['::1', '::1', 128],
    ['FD00::/8', 'fd00::', 8],
    ['::ffff:10.0.0.0/104', '10.0.0.0', 8],
    ['0.0.0.0/0', '0.0.0.0', 0],
  ])('is %s', (text, address, bits) => expect(networkOf(text)).toEqual({ address, bits }));

  it.each([
    '',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/00',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0',
    'fe80::1%eth0',
    'proxy.example',
    '10.0.0.0/255.0.0.0',
    '[::1]',
  ])('is not %j', (text) => expect(networkOf(text)).toBeUndefined());
});
