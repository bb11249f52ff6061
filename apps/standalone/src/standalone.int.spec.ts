import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import type { Started } from '#libs/platform/src/running/start.js';
import { startStandalone } from './standalone.js';

const operatorToken = 'operator-token-of-the-tests-0123456789';
const unfinished = 'demo-in-the-making';

let dataDir: string;
let printed: string;
let running: Started | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'twinlock-standalone-'));
  printed = '';
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(dataDir, { recursive: true });
});

const start = async (env: NodeJS.ProcessEnv = {}): Promise<Started> => {
  const given = { PORT: '0', DATA_DIR: dataDir, OPERATOR_TOKEN: operatorToken, LOG_LEVEL: 'silent', NODE_ENV: 'test' };
  running = await startStandalone({ ...given, ...env }, { print: (line) => (printed += `${line}\n`) });
  return running;
};
const stop = async (): Promise<void> => {
  await running?.close();
  running = undefined;
  printed = '';
};

async function call(method: string, path: string, token?: string, body?: object) {
  const response = await fetch(running!.url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}
const logIn = (username: string, password: string) =>
  call('POST', '/v1/login', undefined, { portal: 'demo', username, password });

function printedPasswords(): Record<string, string> {
  return Object.fromEntries(
    [...printed.matchAll(/^ {4}(\w+) +(\S+) /gm)].map(([, name, password]) => [name!, password!]),
  );
}

describe('all apps in one process', () => {
  it('serve every contract from one origin', async () => {
    const { apps, url } = await start({ DEMO: 'off' });
    const missing = endpoints.filter(({ app, method, path }) => {
      const fastify: FastifyInstance = apps.get(app)!.getHttpAdapter().getInstance();
      return !fastify.hasRoute({ method, url: path });
    });
    expect(missing.map(({ operationId }) => operationId)).toEqual([]);

    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(document.paths)).toHaveLength(new Set(endpoints.map(({ path }) => path)).size);
    await expect(call('GET', '/health/ready')).resolves.toEqual({
      status: 200,
      body: {
        status: 'ok',
        apps: { identity: 'ok', 'two-factor': 'ok', 'admin-policy': 'ok', audit: 'ok', openid: 'ok' },
      },
    });
    await expect(call('GET', '/v1/portals', operatorToken)).resolves.toEqual({
      status: 200,
      body: { portals: [], next: null },
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const app of apps.keys()) {
      expect(metrics).toMatch(
        new RegExp(`^twinlock_build_info\\{version="\\d+\\.\\d+\\.\\d+",app="${app}"\\} 1$`, 'm'),
      );
    }
    expect(printed).toMatch(/^Created .+vault-keys \(readable only by its owner\)\n$/);
  });

  it('refuse a DATA_DIR that is in use, and leave it as it is', async () => {
    await start({ DEMO: 'off' });
    const second = startStandalone({
      PORT: '0',
      DATA_DIR: dataDir,
      OPERATOR_TOKEN: operatorToken,
      LOG_LEVEL: 'silent',
    });
    await expect(second).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(call('GET', '/v1/portals', operatorToken)).resolves.toMatchObject({ status: 200 });
  });

  it('close all they opened when the port is taken', async () => {
    const { url } = await start({ DEMO: 'off' });
    const other = mkdtempSync(join(tmpdir(), 'twinlock-standalone-'));
    const env = { PORT: new URL(url).port, DATA_DIR: other, LOG_LEVEL: 'silent', DEMO: 'off' };
    await expect(startStandalone(env, { print: () => undefined })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const again = await startStandalone({ ...env, PORT: '0' }, { print: () => undefined });
    await again.close();
    rmSync(other, { recursive: true });
  });
});

describe('the portal demo', () => {
  it('is made on an empty DATA_DIR, and its passwords are printed once', async () => {
    await start();
    const passwords = printedPasswords();
    expect(Object.keys(passwords)).toEqual(['admin', 'alice', 'bob']);
    const admin = await logIn('admin', passwords.admin!);
    expect(admin).toMatchObject({ status: 200, body: { status: 'complete' } });
    const token = admin.body.accessToken as string;
    await expect(call('GET', '/v1/portals/demo/settings/two-factor', token)).resolves.toMatchObject({
      body: { enabled: true, maxFailedAttempts: 5, effective: true },
    });
    const { body } = await call('GET', '/v1/portals/demo/accounts', token);
    expect(body.accounts).toMatchObject([
      { username: 'admin', type: 'contributor', admin: true },
      { username: 'alice', type: 'contributor', admin: false },
      { username: 'bob', type: 'power-reader', admin: false },
    ]);
    await expect(logIn('alice', passwords.alice!)).resolves.toMatchObject({ status: 200 });
    await expect(logIn('bob', passwords.bob!)).resolves.toMatchObject({ status: 200 });
    expect(existsSync(join(dataDir, unfinished))).toBe(false);

    await stop();
    await start();
    expect(printed).toBe('');
    await expect(logIn('alice', passwords.alice!)).resolves.toMatchObject({ status: 200 });
  });

  it('is not made with DEMO=off, nor later beside data', async () => {
    await start({ DEMO: 'off' });
    await stop();
    await start();
    expect(printed).toBe('');
    await expect(call('GET', '/v1/portals', operatorToken)).resolves.toMatchObject({ body: { portals: [] } });
  });

  it('is finished by the next start when one was cut off', async () => {
    const passwords = { admin: 'password-of-admin', alice: 'password-of-alice', bob: 'password-of-bob' };
    await start({ DEMO: 'off' });
    const admin = { username: 'admin', password: passwords.admin };
    await expect(call('POST', '/v1/portals', operatorToken, { id: 'demo', admin })).resolves.toMatchObject({
      status: 201,
    });
    await stop();
    writeFileSync(join(dataDir, unfinished), JSON.stringify(passwords));

    await start();
    expect(printedPasswords()).toEqual(passwords);
    expect(existsSync(join(dataDir, unfinished))).toBe(false);
    await expect(logIn('bob', passwords.bob)).resolves.toMatchObject({ status: 200 });
  });

  it('that cannot be made is told of, and the apps are up', async () => {
    await start({ DEMO: 'off' });
    const admin = { username: 'admin', password: 'not the one in the file' };
    await call('POST', '/v1/portals', operatorToken, { id: 'demo', admin });
    await stop();
    const passwords = { admin: 'password-of-admin', alice: 'password-of-alice', bob: 'password-of-bob' };
    writeFileSync(join(dataDir, unfinished), JSON.stringify(passwords));

    await start();
    expect(printed).toBe(
      'The demo portal is incomplete (login answered 401). The next start will try again unless DEMO=off.\n',
    );
    expect(existsSync(join(dataDir, unfinished))).toBe(true);
    await stop();
    await start({ DEMO: 'off' });
    expect(printed).toBe('');
  });
});

describe('a DATA_DIR without its keys', () => {
  it('is refused', async () => {
    mkdirSync(join(dataDir, 'two-factor'));
    await expect(start()).rejects.toThrow(/^VAULT_KEYS is missing/);
  });
});
