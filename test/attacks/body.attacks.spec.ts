import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { times } from '#test/support/calls/entrances.js';
import { allEndpoints, callOf, sampleOf } from '#test/support/calls/samples.js';
import { newAddress } from '#test/support/calls/http.js';
import type { Person } from '#test/support/people/portal.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack, { maxFailedAttempts: 100 });
let user: Person;
beforeAll(async () => {
  user = await portal.enrolled();
});

const left = async () => Number((await user.fail(1)).refused('wrong-code').attemptsLeft);
const answerOf = ({ status, text }: { status: number; text: string }) => [status, JSON.parse(text).code as unknown];
const malformed = [400, 'malformed-request'];

describe('a body', () => {
  it('with the code twice is one attempt, judged by one of them', async () => {
    const challenge = await user.challenge();
    const [right, wrong] = [user.phone.freshCode(), user.phone.wrongCode()];
    const before = await left();
    const twice = (a: string, b: string) => `{"challenge":${JSON.stringify(challenge)},"code":"${a}","code":"${b}"}`;
    expect(answerOf(await stack.api.raw('POST', '/v1/login/code', twice(right, wrong)))).toEqual([401, 'wrong-code']);
    expect(await left()).toBe(before - 2);
    const both = { challenge, code: wrong, backupCode: user.backupCodes[0] };
    expect(answerOf(await stack.api.raw('POST', '/v1/login/code', both))).toEqual(malformed);
    expect(answerOf(await stack.api.raw('POST', '/v1/login/code', { challenge }))).toEqual(malformed);
    expect(answerOf(await stack.api.raw('POST', '/v1/login/code', [{ challenge, code: wrong }]))).toEqual(malformed);
    expect(await left()).toBe(before - 3);
    (await stack.api.sendCode(challenge, { code: right })).success();
  });

  it('changes no prototype: what it brings along under such names is refused', async () => {
    const { username, password } = user.credentials;
    const start = `{"portal":"${portal.id}","username":"${username}","password":"${password}"`;
    for (const more of [
      '"__proto__":{"admin":true}',
      '"constructor":{"prototype":{"admin":true}}',
      '"prototype":{"admin":true}',
      '"toString":"x"',
      '"hasOwnProperty":false',
    ]) {
      expect(answerOf(await stack.api.raw('POST', '/v1/login', `${start},${more}}`))).toEqual(malformed);
    }
    for (const query of ['__proto__[admin]=true', 'constructor.prototype.admin=true', '__proto__=1', 'limit[]=5']) {
      expect(answerOf(await portal.api.raw('GET', `/v1/portals/${portal.id}/accounts?${query}`))).toEqual(malformed);
    }
    expect((await portal.contributor()).token).toBeTruthy();
    expect((await user.enterPassword()).success().status).toBe('code-required');
  });

  it('assigns nothing that the call does not name: rights, status, 2FA, ids, the portal', async () => {
    const account = { username: 'mallory', password: 'a long password', type: 'contributor' };
    for (const more of [
      { id: 'chosen' },
      { status: 'active' },
      { portal: 'p-other' },
      { twoFactor: { status: 'none' } },
      { passwordId: 'x' },
      { roles: ['admin'] },
    ]) {
      (await portal.api.register(portal.id, { ...account, ...more })).refused('malformed-request');
      (await portal.api.changeAccount(portal.id, user.id, more)).refused('malformed-request');
    }
    (await portal.api.changeAccount(portal.id, user.id, { password: 'a new password' })).refused('malformed-request');
    (await portal.api.register(portal.id, { ...account, type: 'administrator' })).refused('malformed-request');
    expect((await portal.api.accounts(portal.id, { query: 'mallory' })).success().accounts).toEqual([]);
    (await user.enterCode(user.phone.freshCode())).success();
  });

  it.each<[string, string]>([
    ['thousands of levels deep', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['thousands of members long', `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":1`).join()}}`],
    ['with a number beyond all bounds', '{"challenge":1e999999,"code":"123456"}'],
    ['that is a text', '"challenge"'],
    ['that is nothing', 'null'],
    ['with a comment', '{/**/"challenge":"x","code":"123456"}'],
    ['cut off', '{"challenge":"x","code":"1234'],
  ])('%s is refused at every call that takes one', async (_, body) => {
    for (const endpoint of allEndpoints.filter(({ allow, method }) => allow.includes('public') && method !== 'GET')) {
      const { method, path } = sampleOf(endpoint, { portal: portal.id, account: user.id, token: 'any' });
      const [status] = answerOf(await stack.api.from(newAddress()).raw(method, path, body));
      expect([callOf(endpoint), status]).toEqual([callOf(endpoint), 400]);
    }
  });

  it('over 64 KiB is not read, and one that grows when it is unpacked is not unpacked', async () => {
    const challenge = await user.challenge();
    const large = { challenge, code: '1'.repeat(70_000) };
    expect(answerOf(await stack.api.raw('POST', '/v1/login/code', large))).toEqual([413, 'body-too-large']);
    const packed = gzipSync(Buffer.alloc(20_000_000, '{"code":"123456"}'));
    const response = await fetch(`${stack.origin}/v1/login/code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: packed,
    });
    expect([400, 413, 415]).toContain(response.status);
    expect((await stack.api.raw('GET', '/health/ready')).status).toBe(200);
  });

  it('of another type than JSON is not read, so that no web page of another site can send one', async () => {
    const body = JSON.stringify({ portal: portal.id, ...user.credentials });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/json+x',
    ]) {
      const answer = await stack.api.raw('POST', '/v1/login', body, { 'content-type': type });
      expect([type, ...answerOf(answer)]).toEqual([type, 415, 'unsupported-media-type']);
    }
    const preflight = await stack.api.raw('OPTIONS', '/v1/login', undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
    });
    expect(preflight.status).toBe(405);
    for (const { headers } of [
      preflight,
      await stack.api.raw('GET', '/v1/me', undefined, { origin: 'https://evil.example' }),
    ]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});

describe('a public key for signed commands', () => {
  const issue = (x: string) => {
    const publicKey = { kty: 'OKP' as const, crv: 'Ed25519' as const, x };
    return stack.operator.issueServiceToken(portal.id, { name: 'a tool', scopes: ['commands'], publicKey });
  };

  it.each([
    ['the neutral point', `01${'00'.repeat(31)}`],
    ['of order 2', `ec${'ff'.repeat(30)}7f`],
    ['of order 4', '00'.repeat(32)],
    ['of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['not canonical', 'ff'.repeat(32)],
    ['not on the curve', `02${'00'.repeat(31)}`],
  ])('under which anybody could sign, or nobody, is not taken: %s', async (_, hex) => {
    const { errors } = (await issue(Buffer.from(hex, 'hex').toString('base64url'))).refused('malformed-request');
    expect(errors).toMatchObject([{ field: 'publicKey.x' }]);
  });

  it('as software makes it is taken', async () => {
    const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    (await issue(x!)).success();
  });
});

describe('a very long input', () => {
  it('is refused or read in its bounds, and the product stays up', async () => {
    const long = 'x'.repeat(60_000);
    const { username } = user.credentials;
    const login = (body: object) =>
      stack.api.from(newAddress()).raw('POST', '/v1/login', { portal: portal.id, ...body });
    expect(answerOf(await login({ username, password: long }))).toEqual(malformed);
    expect(answerOf(await login({ username: long, password: 'x' }))).toEqual(malformed);
    // grows to 18 times its length in NFKC
    expect((await login({ username: '\ufdfa'.repeat(512), password: 'x' })).status).toBe(401);
    (await stack.api.sendCode(long, { code: '000000' })).refused('malformed-request');
    (await stack.api.loginWithSso(portal.id, long)).refused('malformed-request');
    (await stack.api.loginWithToken(portal.id, long)).refused('malformed-request');
    (await portal.api.accounts(portal.id, { query: 'é'.repeat(300) })).refused('malformed-request');
    const headers = { authorization: `Bearer ses_${'x'.repeat(8_000)}` };
    expect(answerOf(await stack.api.raw('GET', '/v1/me', undefined, headers))).toEqual([401, 'unauthenticated']);
    expect((await stack.api.raw('GET', `/v1/portals/${long.slice(0, 8_000)}/events`)).status).toBe(404);
  });

  it('of a password is judged whole: no more of it is ignored than of a short one', async () => {
    const password = 'p'.repeat(256);
    const username = `long-${portal.id}`;
    (await portal.api.register(portal.id, { username, password, type: 'contributor' })).success();
    const login = (typed: string) =>
      stack.api.from(newAddress()).login({ portal: portal.id, username, password: typed });
    for (const other of [password.slice(0, 255), password.slice(0, 72), `${password.slice(0, 255)}q`, `${password}p`]) {
      (await login(other)).refused('invalid-credentials');
    }
    (await login(password)).success();
    const zero = `${username}-0`;
    (
      await portal.api.register(portal.id, { username: zero, password: 'before\0after', type: 'contributor' })
    ).success();
    const at = (typed: string) =>
      stack.api.from(newAddress()).login({ portal: portal.id, username: zero, password: typed });
    (await at('before\0other')).refused('invalid-credentials');
    (await at('before\0after')).success();
  });
});

describe('the throttle of passwords', () => {
  it('cannot be dodged by headers that name another address', async () => {
    const other = await portal.register();
    const address = newAddress();
    const names = [
      'x-forwarded-for',
      'forwarded',
      'x-real-ip',
      'x-client-ip',
      'cf-connecting-ip',
      'true-client-ip',
      'x-originating-ip',
    ];
    const guess = (i: number) => {
      const from = `203.0.113.${i + 1}`;
      const headers = Object.fromEntries(names.map((name) => [name, name === 'forwarded' ? `for=${from}` : from]));
      const body = { portal: portal.id, username: other.credentials.username, password: 'not the password' };
      return stack.api.from(address).raw('POST', '/v1/login', body, headers);
    };
    for (let i = 0; i < 5; i += 1) expect(answerOf(await guess(i))).toEqual([401, 'invalid-credentials']);
    expect(answerOf(await guess(5))).toEqual([429, 'too-many-attempts']);
  });

  it('cannot be dodged by other writings of the same username', async () => {
    const { username } = (await portal.register({ username: `strasse-${portal.id.slice(2)}` })).credentials;
    const wide = [...username]
      .map((c) => (/[!-~]/.test(c) ? String.fromCodePoint(c.codePointAt(0)! + 0xfee0) : c))
      .join('');
    const writings = [username.toUpperCase(), ` ${username} `, wide, username.replace('ss', 'ß'), `\u3000${username}`];
    const api = stack.api.from(newAddress());
    for (const writing of writings) {
      (await api.login({ portal: portal.id, username: writing, password: 'not the password' })).refused(
        'invalid-credentials',
      );
    }
    (await api.login({ portal: portal.id, username, password: 'not the password' })).refused('too-many-attempts');
  });

  it('lets no more through when 60 guesses come at the same moment', async () => {
    const other = await portal.register();
    const api = stack.api.from(newAddress());
    const answers = await times(60, () => other.enterWrongPassword(api));
    expect(answers.filter(({ code }) => code === 'invalid-credentials')).toHaveLength(5);
    for (const answer of answers) {
      if (answer.code === 'invalid-credentials') continue;
      answer.refused('too-many-attempts');
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d{0,3}$/);
    }
    (await other.enterPassword(stack.api.from(newAddress()))).success();
  });
});
