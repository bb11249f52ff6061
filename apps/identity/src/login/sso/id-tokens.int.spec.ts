import { generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { testConfig } from '#libs/platform/src/testing/stand-ins.js';
import { start } from '../../testing/identity-parts.js';
import { IdTokens } from './id-tokens.js';
import { providerFetch } from './provider-fetch.js';

const issued = start / 1000;
const audience = 'twinlock';
let keys: Record<'RS256' | 'ES256' | 'PS256', CryptoKey>;
let jwks: string;
let server: Server;
let answer: RequestListener;
let url: string;

beforeAll(async () => {
  const [rs, es, ps] = await Promise.all([
    generateKeyPair('RS256'),
    generateKeyPair('ES256'),
    generateKeyPair('PS256'),
  ]);
  keys = { RS256: rs.privateKey, ES256: es.privateKey, PS256: ps.privateKey };
  const set = await Promise.all(
    Object.entries({ RS256: rs, ES256: es, PS256: ps }).map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
    })),
  );
  jwks = JSON.stringify({ keys: set });
});
beforeEach(async () => {
  answer = (_, response) => response.end(jwks);
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const settings = () => ({ issuer: 'https://idp.example', audience, jwksUri: `${url}/jwks` });
const tokens = (now = start, test = true) => new IdTokens(() => now, { ...testConfig, test });
const right = { iss: 'https://idp.example', aud: audience, sub: '42', iat: issued, exp: issued + 3600 };
const sign = (claims: JWTPayload = right, alg: keyof typeof keys = 'RS256', header: object = {}, key = alg) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid: key, ...header }).sign(keys[key]);

describe('an ID token', () => {
  test.each(['RS256', 'ES256'] as const)('signed with %s is good', async (alg) => {
    const token = await sign(right, alg);
    expect(await tokens().verify(token, settings())).toMatchObject({ subject: '42', goodUntil: start + 301_000 });
  });

  test('is the same token with whatever signature', async () => {
    const [one, two] = [await sign(right, 'ES256'), await sign(right, 'ES256')];
    expect(one).not.toBe(two);
    const ids = await Promise.all([one, two].map((token) => tokens().verify(token, settings())));
    expect(ids[0]!.id).toBe(ids[1]!.id);
    const other = await tokens().verify(await sign({ ...right, jti: 'x' }, 'ES256'), settings());
    expect(other.id).not.toBe(ids[0]!.id);
  });

  test.each<[string, JWTPayload]>([
    ['issuer', { ...right, iss: 'https://other.example' }],
    ['audience', { ...right, aud: 'somebody-else' }],
    ['party it was made for', { ...right, aud: [audience, 'other'], azp: 'other' }],
    ['audience, one of several', { ...right, aud: [audience, 'other'] }],
    ['time: it has expired', { ...right, exp: issued - 30 }],
    ['time: it is older than five minutes', { ...right, iat: issued - 301 }],
    ['time: it is from the future', { ...right, iat: issued + 31 }],
    ['time: not yet', { ...right, nbf: issued + 31 }],
    [
      'time: it has expired, and is from the future',
      { ...right, iat: issued + 30, nbf: issued + 30, exp: issued - 30 },
    ],
    ['subject: none', { ...right, sub: undefined }],
    ['subject: empty', { ...right, sub: '' }],
    ['subject: a number', { ...right, sub: 42 as unknown as string }],
    ['subject: too long', { ...right, sub: 'x'.repeat(256) }],
    ['claims: no exp', { ...right, exp: undefined }],
    ['claims: no iat', { ...right, iat: undefined }],
  ])('of the wrong %s is refused', async (_, claims) => {
    await expect(tokens().verify(await sign(claims), settings())).rejects.toMatchObject({
      code: 'invalid-credentials',
    });
  });

  test.each<[string, JWTPayload]>([
    ['five minutes old', { ...right, iat: issued - 300 }],
    ['half a minute ahead', { ...right, iat: issued + 30 }],
    ['half a minute ahead in all its times', { ...right, iat: issued + 30, nbf: issued + 30 }],
    ['a second ahead in all its times', { ...right, iat: issued + 1, nbf: issued + 1 }],
    ['over for less than half a minute', { ...right, exp: issued - 29 }],
    ['for us among others', { ...right, aud: [audience, 'other'], azp: audience }],
    ['with a subject of 255 characters', { ...right, sub: 'x'.repeat(255) }],
  ])('%s is good', async (_, claims) => {
    await expect(tokens().verify(await sign(claims), settings())).resolves.toBeDefined();
  });

  test('of another kind, another algorithm or another key is refused', async () => {
    const bad = [
      await sign(right, 'RS256', { typ: 'at+jwt' }),
      await sign(right, 'PS256'),
      await sign(right, 'RS256', { kid: 'ES256' }),
      await sign(right, 'RS256', { kid: 'unknown' }),
      await sign(right, 'RS256', { typ: 7 }),
      'no.token.',
      'x',
      '',
    ];
    const [head, body] = (await sign()).split('.') as [string, string];
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    bad.push(`${head}.${body}.`, `${none}.${body}.`, `${head}.${body}.AAAA`);
    for (const token of bad) {
      await expect(tokens().verify(token, settings())).rejects.toMatchObject({ code: 'invalid-credentials' });
    }
  });
});

/** A key set whose good keys stand among others. */
const among = (...others: unknown[]) => {
  const { keys: good } = JSON.parse(jwks) as { keys: unknown[] };
  answer = (_, response) => response.end(JSON.stringify({ keys: [...others, ...good, ...others] }));
};

describe('a key that is of no use', () => {
  const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
  const small = rsa(1024);
  const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' });
  const [n] = [jwkOf(rsa(2048).publicKey).n];
  const useless: [string, unknown][] = [
    ['null', null],
    ['a text', 'RS256'],
    ['a list', []],
    ['nothing', {}],
    ['RSA of 1024 bits', { ...jwkOf(small.publicKey), kid: 'RS256' }],
    ['RSA of 1024 bits without kid', jwkOf(small.publicKey)],
    ['RSA without a modulus', { kty: 'RSA', kid: 'RS256', e: 'AQAB' }],
    ['RSA with a number for a modulus', { kty: 'RSA', kid: 'RS256', e: 'AQAB', n: 7 }],
    ['an RSA key for encryption', { kty: 'RSA', kid: 'RS256', e: 'AQAB', n, use: 'enc' }],
    ['a private key', { ...jwkOf(rsa(2048).privateKey), kid: 'RS256' }],
    ['a point that is not on the curve', { kty: 'EC', kid: 'ES256', crv: 'P-256', x: 'AAAA', y: 'AAAA' }],
    ['a curve that nobody knows', { kty: 'EC', kid: 'ES256', crv: 'P-257', x: 'AAAA', y: 'AAAA' }],
    ['a type that nobody knows', { kty: 'PQC', kid: 'RS256' }],
    ['a type that is no text', { kty: {}, kid: 'RS256' }],
    ['a shared secret', { kty: 'oct', kid: 'RS256', k: 'AAAA' }],
  ];

  test.each(useless)('does not hide those beside it: %s', async (_, key) => {
    among(key);
    for (const alg of ['RS256', 'ES256'] as const) {
      await expect(tokens().verify(await sign(right, alg), settings())).resolves.toMatchObject({ subject: '42' });
    }
    await expect(tokens().verify(await sign(right, 'ES256', { kid: undefined }), settings())).resolves.toBeDefined();
  });

  test('is as if it was not there: what it has signed is refused, alone or among others', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'RS256', kid: 'small' })}.${part(right)}`;
    const token = `${signed}.${signBytes('sha256', Buffer.from(signed), small.privateKey).toString('base64url')}`;
    const key = { ...jwkOf(small.publicKey), kid: 'small' };
    const refused = { code: 'invalid-credentials' };
    among(key);
    await expect(tokens().verify(token, settings())).rejects.toMatchObject(refused);
    for (const keys of [[], [key], useless.map(([, one]) => one)]) {
      answer = (_, response) => response.end(JSON.stringify({ keys }));
      await expect(tokens().verify(token, settings())).rejects.toMatchObject(refused);
      await expect(tokens().verify(await sign(), settings())).rejects.toMatchObject(refused);
    }
  });
});

describe('the key set', () => {
  const failure = { code: 'unavailable' };

  test('that cannot be fetched makes the login unavailable, not refused', async () => {
    const token = await sign();
    const answers: RequestListener[] = [
      (_, response) => response.writeHead(500).end(),
      (_, response) => response.writeHead(302, { location: `${url}/elsewhere` }).end(),
      (_, response) => response.end('no json'),
      (_, response) => response.end('{"keys": 7}'),
      (_, response) => response.end('null'),
      (_, response) => response.end(`"${'x'.repeat(300_000)}"`),
      (request) => request.destroy(),
    ];
    for (const bad of answers) {
      answer = bad;
      await expect(tokens().verify(token, settings())).rejects.toMatchObject(failure);
    }
  });

  test('is asked for once, not at every token', async () => {
    let asked = 0;
    answer = (_, response) => {
      asked++;
      response.end(jwks);
    };
    const verifier = tokens();
    for (let i = 0; i < 5; i++) await verifier.verify(await sign(), settings());
    expect(asked).toBe(1);
  });

  test('is not fetched for a token of an algorithm that is not allowed', async () => {
    let asked = 0;
    answer = () => asked++;
    await expect(tokens().verify(await sign(right, 'PS256'), settings())).rejects.toMatchObject({
      code: 'invalid-credentials',
    });
    expect(asked).toBe(0);
  });

  test.each(['http', 'https'])('on loopback is out of reach outside of tests (%s)', async (scheme) => {
    let asked = 0;
    server.on('connection', () => asked++);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]']) {
      const jwksUri = `${scheme}://${host}:${new URL(url).port}/jwks`;
      const verifying = tokens(start, false).verify(await sign(), { ...settings(), jwksUri });
      await expect(verifying).rejects.toMatchObject(failure);
    }
    expect(asked).toBe(0);
  });

  test.each([
    'http://10.0.0.1/',
    'https://169.254.169.254/',
    'https://[fd00::1]/',
    'http://8.8.8.8:1/',
    'ftp://127.0.0.1/',
  ])('%s is out of reach', async (address) => {
    const fetch = providerFetch({ loopbackAllowed: address.startsWith('https') || address.startsWith('ftp') });
    const options = { headers: new Headers(), method: 'GET', redirect: 'manual', signal: AbortSignal.timeout(2000) };
    const fetching = (async () => fetch(address, options))();
    await expect(fetching).rejects.toMatchObject({ name: 'AddressRefused' });
  });
});
