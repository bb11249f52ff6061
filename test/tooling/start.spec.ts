import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { apart, itApart } from '#test/support/process/apart.js';
import { endProcess } from '#test/support/process/end-process.js';
import { refused, Started } from '#test/support/process/started.js';
import { until } from '#test/support/until.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const needed = {
  OPERATOR_TOKEN: 'operator-token-of-the-tests-0123456789',
  VAULT_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  BUS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  PORT: '0',
};
const dataDir = () => join(folder, 'data');
const line = (text: string | RegExp) => ({
  code: 1,
  lines: [typeof text === 'string' ? text : expect.stringMatching(text)],
});

describe('a setting that is wrong ends the start with one line and exit code 1', () => {
  it.each<[string, string, string | RegExp]>([
    ['PORT', 'abc', 'PORT must be a port from 0 to 65535'],
    ['PORT', '65536', 'PORT must be a port from 0 to 65535'],
    ['HOST', 'not a host', 'HOST must be an address or a host name'],
    ['HOST', 'fe80::1', 'HOST is not an address of this machine (EINVAL)'],
    ['HOST', '198.51.100.1', 'HOST is not an address of this machine (EADDRNOTAVAIL)'],
    ['HOST', '...', /^HOST (is not an address of this machine|cannot be resolved)/],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL must be one of /],
    ['TRUST_PROXY', 'proxy.example', /^TRUST_PROXY must be /],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or http/json'],
    ['OTEL_TRACES_SAMPLER', 'some', /^OTEL_TRACES_SAMPLER must be one of always_on, /],
  ])('in standalone and in the gateway: %s=%s', async (name, value, told) => {
    expect(await refused('standalone', { ...needed, DATA_DIR: dataDir(), [name]: value })).toEqual(line(told));
    expect(await refused('gateway', { PORT: '0', [name]: value })).toEqual(line(told));
  });

  it.each([
    ['IDENTITY_URL', 'nonsense', 'must be a comma-separated list of http or https URLs'],
    ['TWO_FACTOR_URL', 'http://a,ftp://b', 'must be a comma-separated list of http or https URLs'],
    ['ADMIN_POLICY_URL', 'http://a:65536', 'must be a comma-separated list of http or https URLs'],
    ['AUDIT_URL', 'http://a/path', 'must be an origin: scheme, host and port only'],
    ['AUDIT_URL', 'http://a?query', 'must be an origin: scheme, host and port only'],
    ['AUDIT_URL', 'http://user:password@a', 'must be an origin: scheme, host and port only'],
  ])('in the gateway: %s=%s', async (name, value, told) => {
    expect(await refused('gateway', { PORT: '0', [name]: value })).toEqual(line(`${name} ${told}`));
  });

  it('mail without a server, or from nobody', async () => {
    const [SMTP_URL, MAIL_FROM] = ['smtp://127.0.0.1:25', 'no-reply@acme.example'];
    const standalone = { ...needed, DATA_DIR: dataDir() };
    expect(await refused('standalone', { ...standalone, SMTP_URL })).toEqual(
      line('MAIL_FROM is missing: SMTP_URL requires it'),
    );
    expect(await refused('standalone', { ...standalone, MAIL_FROM })).toEqual(
      line('SMTP_URL is missing: MAIL_FROM requires it'),
    );
    const engines = { MONGO_URL: 'mongodb://127.0.0.1:1', KAFKA_BROKERS: '127.0.0.1:1' };
    expect(await refused('notify', { ...needed, ...engines, MAIL_FROM })).toEqual(
      line('SMTP_URL is missing: notify sends mail and nothing else'),
    );
  });

  it.each([
    ['file', 'EEXIST'],
    ['file/data', 'ENOTDIR'],
    ['dangling', 'ENOENT'],
    ['loop', 'ELOOP'],
    ['x'.repeat(300), 'ENAMETOOLONG'],
  ])('DATA_DIR is %s', async (name, code) => {
    const told = new RegExp(`^DATA_DIR cannot be used: ${code}: `);
    expect(await refused('standalone', { ...needed, DATA_DIR: join(folder, name) })).toEqual(line(told));
  });

  it.each(['OPERATOR_TOKEN', 'VAULT_KEYS', 'BUS_KEYS', 'MONGO_URL', 'KAFKA_SASL_PASSWORD', 'SMTP_URL'])(
    '%s_FILE is a folder',
    async (name) => {
      const env = { PORT: '0', DATA_DIR: dataDir(), [`${name}_FILE`]: folder };
      const told = `${name}_FILE names a file that cannot be read: ${folder} (EISDIR)`;
      expect(await refused('standalone', env)).toEqual(line(told));
    },
  );

  itApart('HOST is a name while DNS is away', async () => {
    const told = 'HOST cannot be resolved: DNS does not answer';
    const HOST = 'twinlock.example';
    expect(await refused('standalone', { ...needed, DATA_DIR: dataDir(), HOST }, apart)).toEqual(line(told));
    expect(await refused('gateway', { PORT: '0', HOST }, apart)).toEqual(line(told));
  });

  it.each(['nope', '../apps/gateway/src/main', 'shared/open'])('APP=%s', async (APP) => {
    const image = new Started(join(process.cwd(), 'scripts/app.mjs'), { ...needed, APP });
    expect(await image.ended()).toEqual(
      line('APP must be one of admin-policy, audit, gateway, identity, notify, openid, standalone, two-factor'),
    );
  });
});

describe('a signal to npm ends what it started', () => {
  const away = { MONGO_URL: 'mongodb://127.0.0.1:1', KAFKA_BROKERS: '127.0.0.1:1' };

  it.each<[string, Record<string, string>]>([
    ['start', { DEMO: 'off' }],
    ['start:identity', away],
    ['start:two-factor', away],
    ['start:admin-policy', away],
    ['start:audit', away],
    ['start:gateway', {}],
  ])('npm run %s', async (script, settings) => {
    const port = await freePort();
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...needed, ...settings, DATA_DIR: dataDir() };
    const npm = spawn('npm', ['run', script], { env: { ...env, PORT: String(port) }, stdio: 'ignore' });
    try {
      // it builds first
      await until('it listens', () => listens(port), 100_000);
      const ended = once(npm, 'close');
      npm.kill('SIGTERM');
      await until('nobody listens any more', async () => !(await listens(port)), 15_000);
      await ended;
    } finally {
      await endProcess(npm, 'SIGKILL');
    }
  });
});

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
