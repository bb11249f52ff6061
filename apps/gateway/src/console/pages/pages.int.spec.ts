import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Front } from '#libs/platform/src/http/front.js';
import { ConsolePage } from '#test/support/calls/console.js';
import { openGateway } from '../../gateway.js';
import { readGatewaySettings } from '../../settings.js';
import { consoleOf } from '../console.js';

const logger = pino({ level: 'silent' });
const script = `console.log(${JSON.stringify('long enough to be worth it '.repeat(100))})`;
let folder: string;
let front: Front;

const open = (built: string, publicUrl?: string) =>
  openGateway(
    // nothing is there
    readGatewaySettings({ PORT: '0', IDENTITY_URL: 'http://127.0.0.1:1' }),
    logger,
    consoleOf({ logger, host: '127.0.0.1', publicUrl, folder: built }),
  );
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(front.url + path, { headers, redirect: 'manual' });
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'twinlock-console-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Twinlock</title>');
  writeFileSync(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(folder, 'assets/index-Ab12.js'), script);
  writeFileSync(join(folder, 'assets/index-Ab12.js.map'), '{}');
  front = await open(folder);
});
afterAll(async () => {
  await front.close(0);
  rmSync(folder, { recursive: true });
});

describe('the page of the console', () => {
  it('is where people begin', async () => {
    for (const path of ['/', '/console']) {
      const answer = await get(path);
      expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 302, '/console/']);
    }
  });

  it.each(['/console/', '/console/index.html', '/console/profile?tab=1', '/console/accounts/4f.6-a'])(
    'stands at %s, never kept by a cache',
    async (path) => {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-store',
      ]);
      expect(await answer.text()).toContain('<title>Twinlock</title>');
    },
  );

  it.each(['/', '/console', '/console/', '/console/profile', '/console/icon.svg', '/console/api/v1/nothing'])(
    'answers HEAD as it answers GET, without the body: %s',
    async (path) => {
      const [got, head] = await Promise.all(
        ['GET', 'HEAD'].map((method) => fetch(front.url + path, { method, redirect: 'manual' })),
      );
      const own = ['x-request-id', 'date', 'connection', 'keep-alive'];
      const kept = ({ headers }: Response) => [...headers].filter(([name]) => !own.includes(name));
      expect([head!.status, await head!.text()]).toEqual([got!.status, '']);
      expect(kept(head!)).toEqual(kept(got!));
    },
  );

  it.each([
    ['PUT', '/console/api/v1/login', 'POST'],
    ['POST', '/console/api/v1/me', 'GET, HEAD'],
    ['PUT', '/console/api/operator?x', 'POST, DELETE'],
    ['DELETE', '/', 'GET, HEAD'],
    ['PROPFIND', '/console/profile', 'GET, HEAD'],
  ])('has no %s of %s, and says what it has', async (method, path, allow) => {
    const headers = { 'x-twinlock-console': '1', 'sec-fetch-site': 'same-origin', origin: front.url };
    const answer = await fetch(front.url + path, { method, headers });
    expect([answer.headers.get('allow'), ...(await codeOf(answer))]).toEqual([allow, 405, 'method-not-allowed']);
  });

  it('has files that caches keep for good, smaller for who can read that', async () => {
    const answer = await get('/console/assets/index-Ab12.js', { 'accept-encoding': 'gzip' });
    expect(await answer.text()).toBe(script);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    });
    expect(Number(answer.headers.get('content-length'))).toBeLessThan(script.length / 4);
    const plain = await get('/console/assets/index-Ab12.js', { 'accept-encoding': 'identity' });
    expect([await plain.text(), plain.headers.get('content-encoding')]).toEqual([script, null]);
    expect((await get('/console/icon.svg')).headers.get('content-type')).toBe('image/svg+xml');
  });

  it('has no files but its own', async () => {
    for (const path of [
      '/console/assets/index-Zz99.js',
      '/console/assets/index-Ab12.js.map',
      '/console/assets/..%2f..%2fpackage.json',
      '/console/api/v1/nothing',
      '/console/api/',
    ]) {
      expect([path, ...(await codeOf(await get(path)))]).toEqual([path, 404, 'not-found']);
    }
    const post = await fetch(`${front.url}/console/`, { method: 'POST' });
    expect([post.headers.get('allow'), ...(await codeOf(post))]).toEqual(['GET, HEAD', 405, 'method-not-allowed']);
    expect(await codeOf(await get('/console/%zz'))).toEqual([400, 'malformed-request']);
    expect((await get('/consoles')).status).toBe(404);
  });

  it.each(['/console/', '/console/assets/index-Ab12.js', '/console/api/v1/nothing', '/console/assets/nothing.js'])(
    'allows at %s nothing but this origin, and nothing inline',
    async (path) => {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')?.split(';')).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]);
      expect(Object.fromEntries(headers)).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
      });
    },
  );

  it('says so when it is not built, and the calls serve without it', async () => {
    const bare = await open(join(folder, 'nothing'));
    try {
      const page = await fetch(`${bare.url}/console/`);
      expect([page.status, await page.json()]).toMatchObject([
        404,
        { code: 'not-found', detail: 'The console has not been built. Run npm run build.' },
      ]);
      expect(await codeOf(await fetch(`${bare.url}/console/api/v1/me`))).toEqual([503, 'unavailable']);
    } finally {
      await bare.close(0);
    }
  });
});

describe('a change by the page', () => {
  let behind: Front;
  let page: ConsolePage;
  const serveAt = async (publicUrl?: string) => {
    behind = await open(folder, publicUrl);
    page = new ConsolePage(behind.url);
  };
  afterEach(async () => {
    page.close();
    await behind.close(0);
  });
  const logOut = async (headers: Record<string, string>) =>
    (await page.send('DELETE', '/operator', { headers })).status;
  const port = () => new URL(behind.url).port;

  it('is taken from the own addresses', async () => {
    await serveAt();
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', '[0:0:0:0:0:0:0:1]']) {
      expect([host, await logOut({ origin: `http://${host}:${port()}` })]).toEqual([host, 204]);
    }
  });

  it('is taken from no other, whatever the request says of its own host', async () => {
    await serveAt();
    for (const [origin, host] of [
      ['http://evil.example', 'evil.example'],
      [`http://evil.example:${port()}`, `evil.example:${port()}`],
      ['http://127.0.0.1', '127.0.0.1'],
      [`https://127.0.0.1:${port()}`, `127.0.0.1:${port()}`],
      [`http://127.0.0.2:${port()}`, `127.0.0.2:${port()}`],
      ['null', 'null'],
      ['', ''],
    ] as const) {
      expect([origin, await logOut({ origin, host })]).toEqual([origin, 403]);
      const forwarded = { 'x-forwarded-host': host, 'x-forwarded-proto': 'https', forwarded: `host="${host}"` };
      expect([origin, await logOut({ origin, ...forwarded })]).toEqual([origin, 403]);
    }
  });

  it('is taken from the origin that browsers use, and from it alone, however the request came here', async () => {
    await serveAt('https://portal.example');
    const ways: Record<string, string>[] = [
      {},
      { host: 'portal.example:443' },
      { host: 'PORTAL.example' },
      { host: 'evil.example' },
      { 'x-forwarded-host': 'portal.example, inner.example', 'x-forwarded-proto': 'https, http' },
    ];
    for (const headers of ways) {
      for (const origin of ['https://portal.example', 'https://PORTAL.EXAMPLE', 'https://portal.example:443']) {
        expect([origin, headers, await logOut({ ...headers, origin })]).toEqual([origin, headers, 204]);
      }
    }
    for (const origin of [
      'http://portal.example',
      'https://portal.example:8443',
      'https://portal.example.evil.example',
      'https://evil.example',
      `http://127.0.0.1:${port()}`,
    ]) {
      expect([origin, await logOut({ origin, host: new URL(origin).host })]).toEqual([origin, 403]);
    }
  });

  it('says which setting names the address of the page', async () => {
    await serveAt();
    const answer = await page.send('DELETE', '/operator', { headers: { origin: 'https://portal.example' } });
    expect(answer.body).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('PUBLIC_URL') });
  });

  it('has cookies that are bound to the host, and to https, where browsers come by https', async () => {
    const cookie = { path: '/', maxAge: 0, httpOnly: true, sameSite: 'strict', value: '' };
    await serveAt('https://portal.example');
    const secure = await page.send('DELETE', '/operator', { headers: { origin: 'https://portal.example' } });
    expect(secure.cookies).toEqual([{ name: '__Host-twinlock-operator', secure: true, ...cookie }]);
    await behind.close(0);
    page.close();
    await serveAt('http://portal.example');
    const plain = await page.send('DELETE', '/operator', { headers: { origin: 'http://portal.example' } });
    expect(plain.cookies).toEqual([{ name: 'twinlock-operator', ...cookie }]);
  });
});
