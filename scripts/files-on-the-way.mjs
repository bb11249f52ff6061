// Counts the files of ours that one verification enters, from the socket to the append and back: those with a function that V8's
// coverage shows as run while a warm product in this process answers one. `npm run build`, then `node scripts/files-on-the-way.mjs`.
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { base32 } from '@scure/base';

const WARM_UP = 60;
const root = join(import.meta.dirname, '../dist');
const folder = mkdtempSync(join(tmpdir(), 'twinlock-way-'));
const operator = randomBytes(24).toString('hex');
const { startStandalone } = await import('../dist/apps/standalone/src/standalone.js');
const product = await startStandalone({
  PORT: '0',
  DATA_DIR: join(folder, 'data'),
  OPERATOR_TOKEN: operator,
  DEMO: 'off',
  LOG_LEVEL: 'error',
});
const { url } = product;

async function call(method, path, token, body) {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, ...(text && JSON.parse(text)) };
}

/** RFC 6238, for the time step. */
function codeOf(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', base32.decode(secret)).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

const admin = { username: 'admin', password: 'a password for the count' };
await call('POST', '/v1/portals', operator, { id: 'way', admin });
await call('PUT', '/v1/portals/way/add-ons/enterprise-security', operator);
const { accessToken } = await call('POST', '/v1/login', '', { portal: 'way', ...admin });
await call('PUT', '/v1/portals/way/settings/two-factor', accessToken, { enabled: true, maxFailedAttempts: 100 });
const gateway = await call('POST', '/v1/portals/way/service-tokens', operator, { name: 'way', scopes: ['challenges'] });
const { id: accountId } = await call('GET', '/v1/me', accessToken);
const { otpauthUri } = await call('POST', '/v1/me/two-factor/setup', accessToken);
const secret = new URL(otpauthUri).searchParams.get('secret');
const step = () => Math.floor(Date.now() / 30_000);
await call('POST', '/v1/me/two-factor/confirm', accessToken, { code: codeOf(secret, step()) });
const { challenge } = await call('POST', '/v1/portals/way/challenges', gateway.token, { accountId });
const right = new Set([-1, 0, 1, 2].map((distance) => codeOf(secret, step() + distance)));
const wrong = ['000000', '111111', '222222', '333333', '444444'].find((code) => !right.has(code));
const verify = () => call('POST', '/v1/challenges/verify', gateway.token, { challenge, code: wrong });

for (let i = 0; i < WARM_UP; i += 1) await verify();
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
await verify();
await session.post('Profiler.takePreciseCoverage');
const { status } = await verify();
const { result } = await session.post('Profiler.takePreciseCoverage');
session.disconnect();
if (status !== 401) throw new Error(`the verification was answered ${status}`);

const files = result
  .filter(({ url, functions }) => url.startsWith('file:') && functions.some(({ ranges }) => ranges[0].count > 0))
  .map(({ url }) => relative(root, fileURLToPath(url)))
  .filter((file) => /^(apps|libs)\//.test(file))
  .sort();
for (const file of files) {
  const source = join(root, '..', file.replace(/\.js$/, '.ts'));
  console.log(
    `${String(readFileSync(source, 'utf8').split('\n').length).padStart(4)}  ${file.replace(/\.js$/, '.ts')}`,
  );
}
console.log(`\n${files.length} files`);
await product.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
