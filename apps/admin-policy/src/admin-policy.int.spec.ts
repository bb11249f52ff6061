import { anEvent } from '#libs/contracts/src/testing/events.js';
import { initialTwoFactorSettings as off } from '#libs/contracts/src/events/admin-policy.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Actor } from '#libs/contracts/src/events/event.js';
import {
  adminPolicyRequests,
  adoptedRequests,
  identityRequests,
  twoFactorRequests,
} from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { type Engine, StoreUnavailable } from '#libs/engine/src/port.js';
import { recordedEvents } from '#libs/event-store/src/commit.js';
import { createApp } from '#libs/platform/src/app.js';
import { contextOf, testConfig } from '#libs/platform/src/testing/stand-ins.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { adminPolicyApp } from './admin-policy.module.js';
import { PortalsEvents } from './portals/portals.events.js';
import { SsoMessages } from './settings/sso/sso.controller.js';
import { ServiceTokensMessages } from './service-tokens/service-tokens.messages.js';

const administrator = newToken('ses_');
const proof = { passwordAt: '2026-11-24T09:30:00.000Z', authenticatorId: null };
const session = { sessionId: 's1', accountId: 'admin', username: 'admin', type: 'contributor', administrator: true };
const on = { ...off, enabled: true };

let path: string;
let engine: Engine;
let app: NestFastifyApplication;
/** What the other apps were asked but for the proof of a session, whether they adopt, and whether that proof is fresh. */
let asked: { pattern: string; payload: unknown; actor: Actor }[];
let adopting: boolean;
/** Until then nobody says whether they adopt. */
let adoptable: Promise<unknown>;
let proved: boolean;

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'twinlock-admin-policy-'));
  engine = await openEmbeddedEngine({ path, name: 'admin-policy' });
  asked = [];
  adopting = true;
  adoptable = Promise.resolve();
  proved = true;
  const note = (pattern: string, answer: () => unknown) => ({
    [pattern]: (payload: never, { actor }: { actor: Actor }) => {
      asked.push({ pattern, payload, actor });
      return answer();
    },
  });
  const adopt = async () => {
    await adoptable;
    if (adopting) return {};
    throw new Problem('not-yet-effective', undefined, { retryAfter: 1 });
  };
  const requireProof = (payload: unknown) => {
    if (proved) return {};
    expect(payload).toEqual({ portal: 'demo', accountId: 'admin', sessionId: 's1', proof });
    throw new Problem('re-authentication-required', undefined, { needs: ['password'] });
  };
  const expiresAt = '2030-01-01T00:00:00.000Z';
  const replies = {
    [identityRequests.introspectSession.pattern]: (payload: { tokenHash: string }) =>
      payload.tokenHash === tokenHash(administrator)
        ? { status: 'active', session: { ...session, portal: 'demo', expiresAt, proof } }
        : { status: 'unknown' },
    [adminPolicyRequests.introspectServiceToken.pattern]: (payload: { tokenHash: string }) =>
      app.get(ServiceTokensMessages, { strict: false }).introspect(payload),
    ...note(adoptedRequests['two-factor'].pattern, adopt),
    ...note(adoptedRequests.identity.pattern, adopt),
    [twoFactorRequests.requireProof.pattern]: requireProof,
    ...note(twoFactorRequests.unlockUser.pattern, () => ({ status: 'active' })),
    ...note(twoFactorRequests.disableUser.pattern, () => ({ status: 'none' })),
  };
  app = await createApp(adminPolicyApp, contextOf('admin-policy', replies, { engine }));
  for (const portal of ['demo', 'other']) await portalCreated(portal);
});

afterEach(async () => {
  await app.close();
  await engine.close();
  rmSync(path, { recursive: true, force: true });
});

async function portalCreated(portal: string): Promise<void> {
  await app
    .get(PortalsEvents, { strict: false })
    .portalCreated(anEvent({ type: 'identity.portal-created.v1', portal, data: {} }));
}

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';
async function call(
  method: Method,
  url: string,
  { token = administrator, body }: { token?: string; body?: object } = {},
) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await app.inject({ method, url: `/v1/portals${url}`, headers, ...(body && { payload: body }) });
  return { status: answer.statusCode, body: (answer.body === '' ? null : JSON.parse(answer.body)) as never };
}
const byOperator = (method: Method, url: string, body?: object) =>
  call(method, url, { token: testConfig.operatorToken, ...(body && { body }) });

const events = async (portal = 'demo') => (await engine.log.read(portal)).flatMap(recordedEvents);
const waitedFor = () => asked.filter(({ pattern }) => pattern.endsWith('.adopted')).map(({ payload }) => payload);
const adoption = (versions: Record<string, number>) => ({ source: 'admin-policy', stream: 'demo', versions });

describe('two-factor settings', () => {
  const settings = '/demo/settings/two-factor';

  it('are off at first, and cannot be turned on without the add-on', async () => {
    expect((await call('GET', settings)).body).toEqual({ ...off, effective: false });
    expect(await call('PUT', settings, { body: on })).toMatchObject({ status: 409, body: { code: 'add-on-required' } });
    expect(await events()).toEqual([]);
  });

  it('are turned on with the add-on, by whom, from what, to what', async () => {
    await byOperator('PUT', '/demo/add-ons/enterprise-security');
    expect(await call('PUT', settings, { body: on })).toEqual({ status: 200, body: { ...on, effective: true } });
    expect((await events())[1]).toMatchObject({
      type: 'admin-policy.settings-changed.v1',
      actor: { kind: 'administrator', id: 'admin' },
      data: { from: off, to: on },
    });
    const [granted, changed] = [adoption({ AddOnGranted: 1 }), adoption({ AddOnGranted: 1, SettingsChanged: 2 })];
    expect(waitedFor()).toEqual([granted, granted, changed, changed]);
    expect(new Set(asked.map(({ pattern }) => pattern)).size).toBe(2);
  });

  it('are as they were when the add-on returns', async () => {
    await byOperator('PUT', '/demo/add-ons/enterprise-security');
    await call('PUT', settings, { body: on });
    expect((await byOperator('DELETE', '/demo/add-ons/enterprise-security')).status).toBe(204);
    expect((await call('GET', settings)).body).toEqual({ ...on, effective: false });
    await byOperator('PUT', '/demo/add-ons/enterprise-security');
    expect((await call('GET', settings)).body).toEqual({ ...on, effective: true });
  });

  it('are answered only when they are effective; saying the same again waits for the same', async () => {
    adopting = false;
    const body = { ...off, maxFailedAttempts: 7 };
    for (let i = 0; i < 2; i++) {
      expect(await call('PUT', settings, { body })).toMatchObject({ status: 503, body: { code: 'not-yet-effective' } });
    }
    adopting = true;
    expect((await call('PUT', settings, { body })).status).toBe(200);
    expect(await events()).toHaveLength(1);
    expect(waitedFor()).toEqual(Array.from({ length: 6 }, () => adoption({ SettingsChanged: 1 })));
  });
});

describe('the add-on', () => {
  it('is granted and revoked as often as one likes, and is an event once', async () => {
    for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE'] as const) {
      expect((await byOperator(method, '/demo/add-ons/enterprise-security')).status).toBe(204);
    }
    expect((await events()).map(({ type }) => type)).toEqual([
      'admin-policy.add-on-granted.v1',
      'admin-policy.add-on-revoked.v1',
    ]);
  });
});

describe('the identity provider', () => {
  const idp = { issuer: 'https://idp.example', audience: 'twinlock', jwksUri: 'https://idp.example/jwks' };

  it('is answered when identity acts by it', async () => {
    const body = { ...idp, clientId: null, hasClientSecret: false };
    expect(await call('PUT', '/demo/settings/sso', { body: idp })).toEqual({ status: 200, body });
    expect(asked).toMatchObject([{ pattern: adoptedRequests.identity.pattern, payload: adoption({ SsoChanged: 1 }) }]);
  });

  it('has no keys at a private address', async () => {
    const body = { ...idp, jwksUri: 'https://10.0.0.1/jwks' };
    expect(await call('PUT', '/demo/settings/sso', { body })).toMatchObject({
      status: 400,
      body: { code: 'malformed-request', errors: [{ field: 'jwksUri' }] },
    });
    expect(await events()).toEqual([]);
  });

  describe('of a client with a secret', () => {
    const put = (body: object) => call('PUT', '/demo/settings/sso', { body: { ...idp, ...body } });
    const vault = () => engine.records('vault').list({});
    const open = async () => {
      const event = (await events()).findLast(({ type }) => type === 'admin-policy.sso-changed.v1');
      const { to } = (event?.data ?? {}) as { to: { clientSecretId?: string } };
      const secretId = to.clientSecretId ?? 'none';
      return (await app.get(SsoMessages, { strict: false }).open({ portal: 'demo', secretId })).secret;
    };

    it('has it sealed, told to identity alone, and destroyed when another takes its place', async () => {
      expect(await put({ clientId: 'ours', clientSecret: 'planted-secret' })).toMatchObject({
        body: { clientId: 'ours', hasClientSecret: true },
      });
      expect(await open()).toBe('planted-secret');
      expect(JSON.stringify([await vault(), await events()])).not.toContain('planted');
      expect(await put({ clientId: 'ours', audience: 'other' })).toMatchObject({ body: { hasClientSecret: true } });
      expect(await open()).toBe('planted-secret');
      await put({ clientId: 'ours', clientSecret: 'another' });
      expect([await open(), (await vault()).length]).toEqual(['another', 1]);
    });

    it.each([
      ['another client', { clientId: 'theirs' }],
      ['another issuer', { issuer: 'https://idp2.example', clientId: 'ours' }],
      ['no client', {}],
      ['none', { clientId: 'ours', clientSecret: null }],
    ])('loses it with %s', async (_, change) => {
      await put({ clientId: 'ours', clientSecret: 'planted-secret' });
      expect(await put(change)).toMatchObject({ status: 200, body: { hasClientSecret: false } });
      expect(await vault()).toEqual([]);
    });

    it('loses it when the provider is removed, which is an event once', async () => {
      await put({ clientId: 'ours', clientSecret: 'planted-secret' });
      for (let i = 0; i < 2; i += 1) expect((await call('DELETE', '/demo/settings/sso')).status).toBe(204);
      expect(await vault()).toEqual([]);
      expect((await events()).map(({ type }) => type)).toEqual([
        'admin-policy.sso-changed.v1',
        'admin-policy.sso-removed.v1',
      ]);
      const none = { issuer: null, audience: null, jwksUri: null, clientId: null, hasClientSecret: false };
      expect((await call('GET', '/demo/settings/sso')).body).toEqual(none);
    });

    it('destroys the one before also when identity does not act by the change in time', async () => {
      await put({ clientId: 'ours', clientSecret: 'planted-secret' });
      adopting = false;
      expect((await put({ clientId: 'ours', clientSecret: 'another' })).status).toBe(503);
      expect([await open(), (await vault()).length]).toEqual(['another', 1]);
    });

    const removed = () => call('DELETE', '/demo/settings/sso');
    const recorded = async (count: number) => {
      while ((await events()).length < count) await setImmediate();
    };

    it('has it destroyed when the provider is removed while it is being set', async () => {
      await call('GET', '/demo/settings/sso');
      let adopt = () => {};
      adoptable = new Promise<void>((resolve) => (adopt = resolve));
      const append = engine.log.append.bind(engine.log);
      let goOn = () => {};
      const held = new Promise<void>((resolve) => (goOn = resolve));
      const reached = new Promise<void>((resolve) => {
        engine.log.append = async (commit) => {
          resolve();
          await held;
          await append(commit);
        };
      });
      const setting = put({ clientId: 'ours', clientSecret: 'planted-secret' });
      await reached;
      const removing = removed();
      await setTimeout(50);
      goOn();
      await recorded(2);
      adopt();
      expect([(await setting).status, (await removing).status]).toEqual([200, 204]);
      expect(await vault()).toEqual([]);
    });

    it('has none that is left by a change that was not recorded', async () => {
      await put({ clientId: 'ours', clientSecret: 'planted-secret' });
      const append = engine.log.append.bind(engine.log);
      engine.log.append = () => Promise.reject(new Error('refused for good'));
      expect((await put({ clientId: 'ours', clientSecret: 'another' })).status).toBe(500);
      engine.log.append = append;
      expect([await open(), (await vault()).length]).toEqual(['planted-secret', 1]);
    });

    it('keeps one of which nobody knows whether it was recorded, and opens it to nobody before', async () => {
      const append = engine.log.append.bind(engine.log);
      engine.log.append = () => Promise.reject(new StoreUnavailable('away'));
      expect((await put({ clientId: 'ours', clientSecret: 'planted-secret' })).status).toBe(503);
      engine.log.append = append;
      const [entry] = await vault();
      const secretId = String(entry!.key[2]);
      expect(await app.get(SsoMessages, { strict: false }).open({ portal: 'demo', secretId })).toEqual({
        secret: null,
      });
    });

    it.each([
      ['clientSecret', { clientSecret: 'x' }],
      ['clientSecret', { clientId: 'ours', clientSecret: 'ü' }],
      ['clientId', { clientId: '' }],
      ['issuer', { issuer: 'idp', clientId: 'ours' }],
      ['issuer', { issuer: 'http://idp.example', clientId: 'ours' }],
      ['issuer', { issuer: 'https://idp.example?x=1', clientId: 'ours' }],
      ['issuer', { issuer: 'https://10.0.0.1', clientId: 'ours' }],
    ])('is refused where %s is wrong: %j', async (field, body) => {
      expect(await put(body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
      expect([await vault(), await events()]).toEqual([[], []]);
    });
  });
});

describe('a service token', () => {
  const publicKey = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  const introspect = (token: string) =>
    app.get(ServiceTokensMessages, { strict: false }).introspect({ tokenHash: tokenHash(token) });
  const describeToken = (tokenId: string) => app.get(ServiceTokensMessages, { strict: false }).describe({ tokenId });
  const issue = async (body: object = { name: 'vpn', scopes: ['commands'], publicKey }) =>
    (await byOperator('POST', '/demo/service-tokens', body)).body as { id: string; token: string };

  it('is good at once; neither it nor its hash is in the event', async () => {
    const { id, token } = await issue();
    expect(await introspect(token)).toEqual({ status: 'active', tokenId: id, portal: 'demo', scopes: ['commands'] });
    expect(await describeToken(id)).toEqual({ status: 'active', portal: 'demo', scopes: ['commands'], publicKey });
    const recorded = JSON.stringify(await events());
    expect(recorded).toContain(id);
    expect(recorded).not.toContain(token);
    expect(recorded).not.toContain(tokenHash(token));
  });

  it('is not made for who sends a private key along', async () => {
    const body = { name: 'vpn', scopes: ['commands'], publicKey: { ...publicKey, d: 'private' } };
    expect(await byOperator('POST', '/demo/service-tokens', body)).toMatchObject({
      status: 400,
      body: { code: 'malformed-request' },
    });
    expect(await engine.records('service-tokens').list({})).toEqual([]);
  });

  it('is not made for a key under which anybody can sign', async () => {
    const x = Buffer.from(`01${'00'.repeat(31)}`, 'hex').toString('base64url');
    const body = { name: 'vpn', scopes: ['commands'], publicKey: { ...publicKey, x } };
    expect(await byOperator('POST', '/demo/service-tokens', body)).toMatchObject({
      status: 400,
      body: { code: 'malformed-request', errors: [{ field: 'publicKey.x' }] },
    });
    expect(await engine.records('service-tokens').list({})).toEqual([]);
  });

  it('is good for nothing when the crash came before its event', async () => {
    const append = engine.log.append.bind(engine.log);
    engine.log.append = () => Promise.reject(new Error('killed'));
    expect((await byOperator('POST', '/demo/service-tokens', { name: 'vpn', scopes: ['events'] })).status).toBe(500);
    engine.log.append = append;
    const [kept] = await engine.records('service-tokens').list({});
    const messages = app.get(ServiceTokensMessages, { strict: false });
    expect(await messages.introspect({ tokenHash: String(kept?.key[0]) })).toEqual({ status: 'unknown' });
  });

  it('is unknown when it is revoked, which may be said again', async () => {
    const { id, token } = await issue();
    expect((await byOperator('DELETE', `/demo/service-tokens/${id}`)).status).toBe(204);
    expect(await introspect(token)).toEqual({ status: 'unknown' });
    expect(await describeToken(id)).toEqual({ status: 'unknown' });
    expect(await engine.records('service-tokens').list({})).toEqual([]);
    expect((await byOperator('DELETE', `/demo/service-tokens/${id}`)).status).toBe(204);
    expect((await events()).map(({ type }) => type)).toEqual([
      'admin-policy.service-token-issued.v1',
      'admin-policy.service-token-revoked.v1',
    ]);
    const revoked = adoption({ ServiceTokenIssued: 1, ServiceTokenRevoked: 2 });
    expect(waitedFor()).toEqual([revoked, revoked]);
  });

  it('of another portal, or of none, is not found', async () => {
    const { id, token } = await issue();
    expect((await byOperator('DELETE', `/other/service-tokens/${id}`)).status).toBe(404);
    expect((await byOperator('DELETE', '/demo/service-tokens/nothing')).status).toBe(404);
    expect(await introspect(token)).toMatchObject({ status: 'active' });
    expect(await introspect(newToken('svc_'))).toEqual({ status: 'unknown' });
  });
});

describe('without a fresh proof', () => {
  it.each<[Method, string, object | undefined]>([
    ['PUT', '/demo/settings/two-factor', on],
    ['PUT', '/demo/settings/two-factor', { ...on, enabled: false }],
    ['PUT', '/demo/settings/sso', { issuer: 'https://idp', audience: 'a', jwksUri: 'https://idp.example/jwks' }],
    ['DELETE', '/demo/settings/sso', undefined],
    ['POST', '/demo/accounts/a1/unlock', undefined],
    ['POST', '/demo/accounts/a1/two-factor/disable', undefined],
  ])('an administrator changes nothing: %s %s', async (method, url, body) => {
    await byOperator('PUT', '/demo/add-ons/enterprise-security');
    [asked, proved] = [[], false];
    expect(await call(method, url, { ...(body && { body }) })).toMatchObject({
      status: 403,
      body: { code: 're-authentication-required', needs: ['password'] },
    });
    expect(asked).toEqual([]);
    expect(await events()).toHaveLength(1);
  });

  it('an administrator reads, and the operator does what is theirs', async () => {
    proved = false;
    expect((await call('GET', '/demo/settings/two-factor')).status).toBe(200);
    expect((await byOperator('POST', '/demo/accounts/a1/unlock')).status).toBe(200);
  });
});

describe('an unlock and a disable', () => {
  it('go to two-factor, with who it was', async () => {
    expect(await call('POST', '/demo/accounts/a1/unlock')).toEqual({ status: 200, body: { status: 'active' } });
    expect(await byOperator('POST', '/demo/accounts/a1/two-factor/disable')).toEqual({
      status: 200,
      body: { status: 'none' },
    });
    const account = { portal: 'demo', accountId: 'a1' };
    expect(asked.map(({ payload, actor }) => ({ payload, actor }))).toEqual([
      { payload: account, actor: { kind: 'administrator', id: 'admin' } },
      { payload: account, actor: { kind: 'operator' } },
    ]);
  });

  it('by a tool tell its token', async () => {
    const { body } = await byOperator('POST', '/demo/service-tokens', { name: 'desk', scopes: ['commands'] });
    const { id, token } = body as { id: string; token: string };
    expect((await call('POST', '/demo/accounts/admin/two-factor/disable', { token })).status).toBe(200);
    expect(asked.at(-1)).toMatchObject({ payload: { accountId: 'admin' }, actor: { kind: 'service', id } });
  });

  it('of 2FA is not for the own account (R14)', async () => {
    expect(await call('POST', '/demo/accounts/admin/two-factor/disable')).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(asked).toEqual([]);
  });
});

describe('portals', () => {
  it('are listed by id, page by page, with their add-ons', async () => {
    await byOperator('PUT', '/other/add-ons/enterprise-security');
    const first = (await byOperator('GET', '?limit=1')).body;
    expect(first).toEqual({ portals: [{ id: 'demo', addOns: [] }], next: 'demo' });
    expect((await byOperator('GET', '?limit=1&after=demo')).body).toEqual({
      portals: [{ id: 'other', addOns: ['enterprise-security'] }],
      next: null,
    });
  });

  it('are found by a part of their id', async () => {
    for (const [query, found] of [
      ['THE', ['other']],
      ['e', ['demo', 'other']],
      ['nowhere', []],
    ] as const) {
      const { portals } = (await byOperator('GET', `?query=${query}`)).body as { portals: { id: string }[] };
      expect([query, portals.map(({ id }) => id)]).toEqual([query, found]);
    }
    const first = (await byOperator('GET', '?query=e&limit=1')).body;
    expect(first).toMatchObject({ portals: [{ id: 'demo' }], next: 'demo' });
    expect((await byOperator('GET', '?query=e&limit=1&after=demo')).body).toMatchObject({
      portals: [{ id: 'other' }],
      next: null,
    });
    expect((await byOperator('GET', '?query=ot&after=other')).body).toEqual({ portals: [], next: null });
  });

  it('that do not exist are not found, whatever is asked', async () => {
    const calls = [
      byOperator('PUT', '/nowhere/add-ons/enterprise-security'),
      byOperator('DELETE', '/nowhere/add-ons/enterprise-security'),
      byOperator('POST', '/nowhere/service-tokens', { name: 'x', scopes: ['events'] }),
      byOperator('DELETE', '/nowhere/service-tokens/t1'),
      byOperator('POST', '/nowhere/accounts/a1/unlock'),
      byOperator('POST', '/nowhere/accounts/a1/two-factor/disable'),
      call('GET', '/nowhere/settings/two-factor'),
      call('GET', '/other/settings/two-factor'),
      call('PUT', '/other/settings/two-factor', { body: on }),
    ];
    for (const answer of await Promise.all(calls))
      expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await engine.records('service-tokens').list({})).toEqual([]);
    expect(asked).toEqual([]);
  });
});
