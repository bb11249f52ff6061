import { base32nopad } from '@scure/base';
import fc from 'fast-check';
import { accountIn, convert } from '../testing/convert.js';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const link = (label: string, query = `secret=${SECRET}`, type = 'totp') => `otpauth://${type}/${label}?${query}`;
const otpauth = (...lines: string[]) => convert('otpauth', lines.join('\n'));

describe('otpauth:// links', () => {
  it('have the account as username, and the issuer as name', async () => {
    const query = `secret=${SECRET.toLowerCase()}&issuer=ACME%20Co&algorithm=SHA512&digits=8&period=60`;
    expect((await otpauth(link('ACME%20Co:ada@example.com', query))).map(accountIn)).toEqual([
      {
        username: 'ada@example.com',
        type: 'contributor',
        totp: [{ secret: SECRET, algorithm: 'SHA512', digits: 8, period: 60, name: 'ACME Co' }],
      },
    ]);
  });

  it.each([
    ['ada', undefined],
    ['ACME:ada', 'ACME'],
    ['ACME%3Aada', 'ACME'],
    ['ACME:%20ada', 'ACME'],
  ])('may be labelled %s', async (label, name) => {
    const [account] = (await otpauth(link(label))).map(accountIn);
    expect(account).toMatchObject({ username: 'ada' });
    expect(account?.totp?.[0]?.name).toBe(name);
  });

  it('of one person are one account; the same one twice counts once', async () => {
    const other = `secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=B`;
    const accounts = await otpauth(
      link('A:ada'),
      link('bob'),
      link('B:Ada', other),
      '',
      link('ada', `secret=${SECRET.toLowerCase()}`),
    );
    expect(accounts.map(accountIn)).toMatchObject([
      { username: 'ada', totp: [{ name: 'A' }, { name: 'B' }] },
      { username: 'bob', totp: [{}] },
    ]);
  });

  it.each([
    ['of another scheme', 'https://example.com/', { code: 'malformed' }],
    ['cut off', 'otpauth://totp', { code: 'missing', field: 'username' }],
    ['of a label that is none', link('%ff'), { code: 'malformed' }],
    ['without an account', link('ACME:'), { code: 'missing', field: 'username' }],
    ['without a secret', link('ada', 'issuer=A'), { username: 'ada', code: 'missing', field: 'secret' }],
    ['of HOTP', link('ada', `secret=${SECRET}&counter=1`, 'hotp'), { username: 'ada', code: 'hotp-unsupported' }],
    [
      'of MD5',
      link('ada', `secret=${SECRET}&algorithm=MD5`),
      { username: 'ada', code: 'algorithm-unsupported', field: 'algorithm' },
    ],
    [
      'of six and a half digits',
      link('ada', `secret=${SECRET}&digits=6.5`),
      { username: 'ada', code: 'malformed', field: 'digits' },
    ],
  ])('%s are refused, with their line', async (_, line, refusal) => {
    const [refused, account] = await otpauth('', line, link('bob'));
    expect(refused).toEqual({ where: 'line 2', ...refusal });
    expect(accountIn(account).username).toBe('bob');
  });

  it('whatever stands in a line, it is told by its number', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((some) => `otpauth://totp/${some}`),
    );
    await fc.assert(
      fc.asyncProperty(text, async (line) => {
        const converted = await otpauth(line);
        for (const one of converted) expect(one.where).toMatch(/^line \d+$/);
      }),
    );
  });
});

/** By the encoding of Protocol Buffers, written out: https://protobuf.dev/programming-guides/encoding/. */
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
const number = (field: number, value: number) => [...varint(field << 3), ...varint(value)];
const bytes = (field: number, value: Uint8Array | readonly number[] | string) => {
  const content = typeof value === 'string' ? [...Buffer.from(value)] : [...value];
  return [...varint((field << 3) | 2), ...varint(content.length), ...content];
};
interface Key {
  secret: Uint8Array;
  name: string;
  issuer: string;
  algorithm: number;
  digits: number;
  type: number;
}
const keyBytes = ({ secret, name, issuer, algorithm, digits, type }: Key) =>
  bytes(1, [
    ...[...bytes(1, secret), ...bytes(2, name), ...bytes(3, issuer)],
    ...[...number(4, algorithm), ...number(5, digits), ...number(6, type), ...number(7, 0), ...bytes(8, 'unique')],
  ]);
const payload = (keys: readonly Key[], size = 1, index = 0, id = 77) =>
  Buffer.from([...keys.flatMap(keyBytes), ...number(2, 1), ...number(3, size), ...number(4, index), ...number(5, id)]);
const migration = (data: Buffer) => `otpauth-migration://offline?data=${encodeURIComponent(data.toString('base64'))}`;
const standard: Key = { secret: Buffer.alloc(20, 7), name: 'ada', issuer: 'ACME', algorithm: 1, digits: 1, type: 2 };
const google = (...lines: string[]) => convert('google', lines.join('\n'));

describe('otpauth-migration:// links', () => {
  it('as another program shows one are read', async () => {
    // https://github.com/dim13/otpauth
    const text =
      'otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC';
    expect((await google(text)).map(accountIn)).toEqual([
      {
        username: 'alice@google.com',
        type: 'contributor',
        totp: [{ secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30, name: 'Example' }],
      },
    ]);
  });

  it('whatever keys they have, those are what comes out', async () => {
    const key: fc.Arbitrary<Key> = fc.record({
      secret: fc.uint8Array({ minLength: 10, maxLength: 64 }),
      name: fc.stringMatching(/^[a-z]{1,20}$/),
      issuer: fc.constantFrom('', 'ACME', 'Müller & Söhne'),
      algorithm: fc.constantFrom(0, 1, 2, 3),
      digits: fc.constantFrom(0, 1, 2),
      type: fc.constant(2),
    });
    const keys = fc.uniqueArray(key, { selector: ({ name }) => name, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(keys, async (all) => {
        const accounts = (await google(migration(payload(all)))).map(accountIn);
        expect(accounts).toMatchObject(
          all.map(({ secret, name, algorithm, digits }) => ({
            username: name,
            totp: [
              {
                secret: base32nopad.encode(secret),
                algorithm: ['SHA1', 'SHA1', 'SHA256', 'SHA512'][algorithm],
                digits: digits === 2 ? 8 : 6,
              },
            ],
          })),
        );
      }),
    );
  });

  it('a link that is missing is told', async () => {
    const of = (index: number, name: string) => migration(payload([{ ...standard, name }], 3, index));
    const [first, last, missing, ...more] = await google(of(0, 'ada'), of(2, 'bob'));
    expect([first, last].map((one) => accountIn(one).username)).toEqual(['ada', 'bob']);
    expect(missing).toEqual({ where: 'link 2 of 3', code: 'link-missing' });
    expect(more).toEqual([]);
  });

  it.each([
    ['hotp-unsupported', undefined, { type: 1 }],
    ['algorithm-unsupported', 'algorithm', { algorithm: 4 }],
    ['malformed', 'digits', { digits: 9 }],
    ['missing', 'secret', { secret: new Uint8Array() }],
  ])('a key is refused: %s', async (code, field, change) => {
    const [refused] = await google(migration(payload([{ ...standard, ...change }])));
    expect(refused).toEqual({ where: 'line 1, entry 1', username: 'ada', ...(field && { field }), code });
  });

  it('cut off anywhere, or of any bytes, a link is refused or read, and nothing else', async () => {
    const whole = payload([standard]);
    const cut = fc.nat({ max: whole.length - 1 }).map((at) => whole.subarray(0, at));
    const any = fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some));
    await fc.assert(
      fc.asyncProperty(fc.oneof(cut, any), async (data) => {
        for (const one of await google(migration(data))) expect(one.where).toMatch(/^(line 1|link \d+ of \d+)/);
      }),
    );
  });
});
