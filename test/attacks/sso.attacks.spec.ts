import { exportJWK, generateKeyPair } from 'jose';
import { times } from '#test/support/calls/entrances.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { startStack } from '#test/support/process/stack.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { type Claims, Forger, unsigned } from './support/forger.js';

const stack = useStack();
const portal = usePortal(stack);
let user: Person;
let idp: Forger;
beforeAll(async () => {
  idp = await Forger.start(stack.clock);
  (await portal.api.changeSso(portal.id, idp.settings)).success();
  user = await portal.register();
  (await portal.api.changeAccount(portal.id, user.id, { ssoSubject: 'alice' })).success();
});
afterAll(() => idp.stop());

const logIn = (idToken: string) => stack.api.loginWithSso(portal.id, idToken);
const now = () => Math.floor(stack.clock.now() / 1000);

describe('an ID token', () => {
  it('that is good logs in, and once', async () => {
    const idToken = await idp.sign(idp.claims('alice'));
    const answers = await times(20, () => logIn(idToken));
    expect(answers.filter(({ code }) => code === null)).toHaveLength(1);
    for (const answer of answers) if (answer.code !== null) answer.refused('invalid-credentials');
    (await logIn(idToken)).refused('invalid-credentials');
  });

  it('without a signature logs in nobody: alg none in any case, no signature, an empty one', async () => {
    const claims = idp.claims('alice');
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'RS256']) {
      for (const signature of ['', 'AA', Buffer.alloc(256).toString('base64url')]) {
        (await logIn(unsigned({ alg, kid: 'k1' }, claims, signature))).refused('invalid-credentials');
      }
    }
  });

  it('signed with the public key as a shared secret logs in nobody (HS256 confusion)', async () => {
    const secrets = [await idp.publicPem(), JSON.stringify(idp.publicJwk), idp.publicJwk.n ?? ''];
    for (const secret of secrets) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const key = Buffer.from(secret.padEnd(64, ' '));
        (await logIn(await idp.sign(idp.claims('alice'), { alg }, key))).refused('invalid-credentials');
      }
    }
  });

  it('signed with a key that it brings along logs in nobody: jwk, jku, x5u, x5c, an unknown or strange kid', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const headers: Claims[] = [
      { jwk },
      { jku: `${idp.issuer}/mine` },
      { x5u: `${idp.issuer}/mine` },
      { kid: 'k2' },
      { kid: '../../../../dev/null' },
      { kid: undefined, jwk },
    ];
    for (const header of headers) {
      (await logIn(await idp.sign(idp.claims('alice'), header, privateKey))).refused('invalid-credentials');
    }
    expect(idp.asked.filter((path) => path !== '/jwks')).toEqual([]);
  });

  it('signed by an algorithm that is not RS256 or ES256 logs in nobody, by whichever key', async () => {
    const { privateKey } = await generateKeyPair('PS256', { extractable: true });
    (await logIn(await idp.sign(idp.claims('alice'), { alg: 'PS256' }, privateKey))).refused('invalid-credentials');
    const ed = await generateKeyPair('EdDSA', { extractable: true });
    (await logIn(await idp.sign(idp.claims('alice'), { alg: 'EdDSA' }, ed.privateKey))).refused('invalid-credentials');
  });

  it.each<[string, () => Claims]>([
    ['another issuer', () => ({ iss: 'https://evil.example' })],
    ['an issuer that only begins alike', () => ({ iss: `${idp.issuer}.evil.example` })],
    ['no issuer', () => ({ iss: undefined })],
    ['another audience', () => ({ aud: 'another-app' })],
    ['no audience', () => ({ aud: undefined })],
    ['several audiences and no authorized party', () => ({ aud: ['another-app', idp.audience] })],
    ['another authorized party', () => ({ aud: [idp.audience, 'another-app'], azp: 'another-app' })],
    ['no subject', () => ({ sub: undefined })],
    ['an empty subject', () => ({ sub: '' })],
    ['a subject that nobody has', () => ({ sub: 'mallory' })],
    ['a subject in another case', () => ({ sub: 'ALICE' })],
    ['a subject that is a list', () => ({ sub: ['alice'] })],
    ['an end in the past', () => ({ exp: now() - 31 })],
    ['no end', () => ({ exp: undefined })],
    ['an end that is no number', () => ({ exp: '9999999999' })],
    ['an age of more than 5 minutes', () => ({ iat: now() - 302, exp: now() + 300 })],
    ['no time of issue', () => ({ iat: undefined })],
    ['a time of issue in the future', () => ({ iat: now() + 60, exp: now() + 600 })],
    ['a time of issue in milliseconds', () => ({ iat: now() * 1000 })],
    ['a beginning in the future', () => ({ nbf: now() + 60 })],
  ])('with %s logs in nobody', async (_, changed) => {
    (await logIn(await idp.sign(idp.claims('alice', changed())))).refused('invalid-credentials');
  });

  it('that says it is another kind of token, or asks for what is not understood, logs in nobody', async () => {
    for (const header of [{ typ: 'at+jwt' }, { typ: 'logout+jwt' }, { crit: ['b64'], b64: false }]) {
      const idToken = await idp
        .sign(idp.claims('alice'), header)
        .catch(() => unsigned({ alg: 'RS256', kid: 'k1', ...header }, idp.claims('alice'), 'AA'));
      (await logIn(idToken)).refused('invalid-credentials');
    }
  });

  it('that was used logs in no more in another writing of it', async () => {
    const idToken = await idp.sign(idp.claims('alice'));
    (await logIn(idToken)).success();
    const [header, payload, signature] = idToken.split('.') as [string, string, string];
    const others = [`${idToken}=`, ` ${idToken}`, `${idToken} `, `${idToken}\n`, `${header}.${payload}.${signature}A`];
    const base64 = signature.replaceAll('-', '+').replaceAll('_', '/');
    for (const other of [...others, `${header}.${payload}.${base64}`, `${header}.${payload}=.${signature}`]) {
      (await logIn(other)).refused('invalid-credentials');
    }
  });

  it('of another provider, which the portal trusts by now, logs in nobody whose subject was given under the one before', async () => {
    const later = await Forger.start(stack.clock);
    try {
      (await portal.api.changeSso(portal.id, later.settings)).success();
      (await logIn(await later.sign(later.claims('alice')))).refused('invalid-credentials');
      const other = await portal.register();
      (await portal.api.changeAccount(portal.id, other.id, { ssoSubject: 'bob' })).success();
      (await logIn(await later.sign(later.claims('bob')))).success();
    } finally {
      (await portal.api.changeSso(portal.id, idp.settings)).success();
      await later.stop();
    }
    (await logIn(await idp.sign(idp.claims('bob')))).refused('invalid-credentials');
    (await logIn(await idp.sign(idp.claims('alice')))).success();
  });

  it('of a provider that comes later logs in nobody whose subject was set before there was one: it cannot be', async () => {
    const other = await Portal.make(stack);
    const twin = await other.register();
    const set = (ssoSubject: string | null) => other.api.changeAccount(other.id, twin.id, { ssoSubject });
    const refused = { errors: [{ field: 'ssoSubject' }] };
    expect((await set('alice')).refused('malformed-request')).toMatchObject(refused);
    (await other.api.changeSso(other.id, idp.settings)).success();
    (await other.api.removeSso(other.id)).success();
    expect((await set('alice')).refused('malformed-request')).toMatchObject(refused);
    (await set(null)).success();
    (await other.api.changeSso(other.id, idp.settings)).success();
    (await stack.api.loginWithSso(other.id, await idp.sign(idp.claims('alice')))).refused('invalid-credentials');
  });

  it('of the same person, used in one portal, logs in to no other that trusts the same provider', async () => {
    const other = await Portal.make(stack);
    (await other.api.changeSso(other.id, idp.settings)).success();
    const twin = await other.register();
    (await other.api.changeAccount(other.id, twin.id, { ssoSubject: 'alice' })).success();
    const idToken = await idp.sign(idp.claims('alice'));
    (await logIn(idToken)).success();
    (await stack.api.loginWithSso(other.id, idToken)).refused('invalid-credentials');
  });
});

describe('the address of the key set', () => {
  it.each([
    'http://idp.example/jwks',
    'ftp://idp.example/jwks',
    'file:///etc/passwd',
    'data:application/json,{"keys":[]}',
    'https://10.0.0.1/jwks',
    'https://172.16.0.1/jwks',
    'https://192.168.1.1/jwks',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/jwks',
    'https://0.0.0.0/jwks',
    'https://167772161/jwks',
    'https://0x0a000001/jwks',
    'https://012.0.0.1/jwks',
    'https://[fd00::1]/jwks',
    'https://[fe80::1]/jwks',
    'https://[::ffff:10.0.0.1]/jwks',
    'https://[64:ff9b::10.0.0.1]/jwks',
    'https://[2002:a00:1::]/jwks',
    'https://router.local/jwks',
    'https://vault.internal/jwks',
    'https://intranet/jwks',
    'https://user:password@idp.example/jwks',
    'https://idp.example@10.0.0.1/jwks',
  ])('may not be %s', async (jwksUri) => {
    (await portal.api.changeSso(portal.id, { ...idp.settings, jwksUri })).refused('malformed-request');
  });

  it('is not left by a redirect, and no answer but a key set is believed', async () => {
    const target = await Forger.start(stack.clock);
    try {
      const replies: [string, NonNullable<Forger['reply']>][] = [
        ['/a', (_, response) => response.writeHead(302, { location: `${target.issuer}/jwks` }).end()],
        ['/b', (_, response) => response.writeHead(307, { location: `${target.issuer}/jwks` }).end()],
        ['/c', (_, response) => response.writeHead(500).end('{"keys":[]}')],
        ['/d', (_, response) => response.writeHead(200).end('<html>')],
        ['/e', (_, response) => response.writeHead(200).end(`{"keys":[],"more":"${'x'.repeat(1_000_000)}"}`)],
        ['/f', (_, response) => response.writeHead(200, { 'content-length': '100' }).destroy()],
      ];
      for (const [path, reply] of replies) {
        idp.reply = reply;
        (await portal.api.changeSso(portal.id, { ...idp.settings, jwksUri: idp.issuer + path })).success();
        const { code } = await logIn(await idp.sign(idp.claims('alice')));
        expect([path, code]).toEqual([path, 'unavailable']);
      }
      expect(target.asked).toEqual([]);
    } finally {
      idp.reply = null;
      await target.stop();
      (await portal.api.changeSso(portal.id, idp.settings)).success();
    }
    (await logIn(await idp.sign(idp.claims('alice')))).success();
  });
});

describe('outside of tests', () => {
  it('the key set may be on this machine as little as in its network', async () => {
    const production = await startStack({ env: { NODE_ENV: 'production', TEST_CLOCK_FILE: '' } });
    try {
      const own = await Portal.make(production);
      const addresses = [
        'http://127.0.0.1:1',
        'https://127.0.0.1',
        'https://localhost',
        'https://[::1]',
        'https://2130706433',
      ];
      for (const address of [...addresses, idp.issuer, 'https://localhost.', 'https://x.localhost']) {
        const body = { issuer: idp.issuer, audience: 'a', jwksUri: `${address}/jwks` };
        (await own.api.changeSso(own.id, body)).refused('malformed-request');
      }
    } finally {
      await production.stop();
    }
  });
});
