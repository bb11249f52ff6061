import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { configOf, readSettings } from './config.js';
import { givenSecrets, keptSecrets } from './secrets.js';

const key = randomBytes(32).toString('base64');
const token = 'an-operator-token-of-enough-length-1';

describe('secrets of a start', () => {
  let parent: string;
  let dataDir: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'twinlock-secrets-'));
    dataDir = join(parent, 'data');
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  const settings = (env: NodeJS.ProcessEnv = {}) => readSettings({ DATA_DIR: dataDir, ...env });

  it('makes what is lacking in files for the owner alone, once', () => {
    const first = keptSecrets(settings(), false);
    expect(first.made).toEqual([join(dataDir, 'operator-token'), join(dataDir, 'vault-keys')]);
    for (const path of first.made) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(first.operatorToken).toMatch(/^[\x21-\x7e]{32,}$/);
    expect(first.vaultKeys.map(({ key }) => key.length)).toEqual([32]);
    expect(readdirSync(dataDir).sort()).toEqual(['operator-token', 'vault-keys']);

    const second = keptSecrets(settings(), true);
    expect(second).toEqual({ ...first, made: [] });
  });

  it('makes no file for what is given', () => {
    const secrets = keptSecrets(settings({ OPERATOR_TOKEN: token, VAULT_KEYS: `a:${key}` }), false);
    expect(secrets).toEqual({
      operatorToken: token,
      vaultKeys: [{ id: 'a', key: Buffer.from(key, 'base64') }],
      made: [],
    });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('makes no new keys beside data that the lost ones encrypted', () => {
    expect(() => keptSecrets(settings(), true)).toThrow(
      /^VAULT_KEYS is missing, as is vault-keys in .+, which holds data$/,
    );
  });

  it('refuses a damaged file by its path, without its content', () => {
    keptSecrets(settings(), false);
    writeFileSync(join(dataDir, 'operator-token'), 'cut');
    expect(() => keptSecrets(settings(), true)).toThrow(/^OPERATOR_TOKEN in .+operator-token must be at least 32/);
    writeFileSync(join(dataDir, 'operator-token'), token);
    const ring = readFileSync(join(dataDir, 'vault-keys'), 'utf8').trim();
    writeFileSync(join(dataDir, 'vault-keys'), ring.slice(0, 20));
    expect(() => keptSecrets(settings(), true)).toThrow(/^VAULT_KEYS in .+vault-keys is invalid: /);
    expect(() => keptSecrets(settings(), true)).not.toThrow(ring.slice(5, 20));
  });

  it.each(['operator-token', 'vault-keys'])('refuses %s when others can read it, and when it is a folder', (name) => {
    keptSecrets(settings(), false);
    const path = join(dataDir, name);
    const setting = name.toUpperCase().replace('-', '_');
    chmodSync(path, 0o640);
    expect(() => keptSecrets(settings(), true)).toThrow(
      `${setting} stands in a file that others can read: ${path} (mode 0640, owner `,
    );
    rmSync(path);
    mkdirSync(path);
    expect(() => keptSecrets(settings(), true)).toThrow(
      `${setting} stands in a file that cannot be read: ${path} (EISDIR)`,
    );
  });

  it.each<[string, (path: string) => string | void]>([
    ['a file', (path) => writeFileSync(path, '')],
    ['a link that leads nowhere', (path) => symlinkSync(join(path, '../nowhere'), path)],
    ['a link to itself', (path) => symlinkSync(path, path)],
    ['in a file', (path) => (writeFileSync(path, ''), join(path, 'data'))],
    ['too long a name', (path) => path + 'x'.repeat(300)],
    ['too long', (path) => path + '/x'.repeat(4_000)],
  ])('is told in one line of a DATA_DIR that is %s', (_, make) => {
    dataDir = make(dataDir) ?? dataDir;
    expect(() => keptSecrets(settings(), false)).toThrow(/^DATA_DIR cannot be used: E[A-Z]+: [^\n]+$/);
    const given = settings({ OPERATOR_TOKEN: token, VAULT_KEYS: `a:${key}` });
    expect(() => keptSecrets(given, false)).toThrow(/^DATA_DIR cannot be used: E[A-Z]+: [^\n]+$/);
  });

  it('knows the file of a ring that stands in one', () => {
    const file = join(parent, 'ring');
    writeFileSync(file, `a:${key}\n`, { mode: 0o600 });
    const ring = { vaultKeys: [{ id: 'a', key: Buffer.from(key, 'base64') }], vaultKeysFile: file };
    const given = settings({ OPERATOR_TOKEN: token, VAULT_KEYS_FILE: file });
    expect(givenSecrets(given, 'two-factor')).toEqual(ring);
    expect(keptSecrets(given, true)).toMatchObject(ring);
    writeFileSync(file, 'cut');
    const cut = settings({ OPERATOR_TOKEN: token, VAULT_KEYS_FILE: file });
    expect(() => givenSecrets(cut, 'two-factor')).toThrow(/^VAULT_KEYS_FILE is invalid: /);
  });

  it('takes of an app alone what it has a use for, and requires that', () => {
    const alone = (given: Record<string, string>, app: AppName) => givenSecrets(settings(given), app);
    const all = { OPERATOR_TOKEN: token, VAULT_KEYS: `a:${key}` };
    const ring = { vaultKeys: [{ id: 'a', key: Buffer.from(key, 'base64') }] };
    expect(alone(all, 'identity')).toEqual({ operatorToken: token, ...ring });
    expect(alone(all, 'admin-policy')).toEqual({ operatorToken: token, ...ring });
    expect(alone(all, 'two-factor')).toEqual(ring);
    expect(alone(all, 'audit')).toEqual({ vaultKeys: [] });

    expect(() => alone({ VAULT_KEYS: `a:${key}` }, 'identity')).toThrow(/^OPERATOR_TOKEN is missing$/);
    expect(() => alone({}, 'admin-policy')).toThrow(/^OPERATOR_TOKEN is missing$/);
    for (const app of ['identity', 'two-factor', 'admin-policy'] as const) {
      expect(() => alone({ OPERATOR_TOKEN: token }, app)).toThrow(/^VAULT_KEYS is missing$/);
      expect(() => alone({ OPERATOR_TOKEN: token, VAULT_KEYS: key }, app)).toThrow(/^VAULT_KEYS is invalid: /);
    }
    expect(alone({}, 'audit')).toEqual({ vaultKeys: [] });
  });

  it('takes the keys of the bus with Kafka alone, of every app, and requires them there', () => {
    const KAFKA_BROKERS = 'one:9092';
    const given = { OPERATOR_TOKEN: token, VAULT_KEYS: `a:${key}` };
    const busKeys = [{ id: 'b', key: Buffer.from(key, 'base64') }];
    const config = (env: Record<string, string>, app: AppName) => {
      const read = settings({ ...given, ...env });
      return configOf(read, givenSecrets(read, app));
    };
    for (const app of ['identity', 'two-factor', 'admin-policy', 'audit'] as const) {
      expect(config({ KAFKA_BROKERS, BUS_KEYS: `b:${key}` }, app)).toMatchObject({ busKeys });
      expect(config({ BUS_KEYS: `b:${key}` }, app)).not.toHaveProperty('busKeys');
      expect(() => config({ KAFKA_BROKERS }, app)).toThrow(/^BUS_KEYS is missing$/);
      expect(() => config({ KAFKA_BROKERS, BUS_KEYS: key }, app)).toThrow(/^BUS_KEYS is invalid: [^\n]+$/);
    }
    const file = join(parent, 'bus');
    writeFileSync(file, `b:${key}\n`, { mode: 0o600 });
    expect(config({ KAFKA_BROKERS, BUS_KEYS_FILE: file }, 'audit')).toMatchObject({ busKeys, busKeysFile: file });
    writeFileSync(file, 'cut');
    expect(() => config({ KAFKA_BROKERS, BUS_KEYS_FILE: file }, 'audit')).toThrow(/^BUS_KEYS_FILE is invalid: /);
  });

  it('takes the rings that apps have of their own, for tools that run all of them', () => {
    const ring = [{ id: 'i', key: Buffer.from(key, 'base64') }];
    const env = { OPERATOR_TOKEN: token, VAULT_KEYS: `a:${key}`, IDENTITY_VAULT_KEYS: `i:${key}` };
    expect(keptSecrets(settings(env), true)).toMatchObject({
      vaultKeys: [{ id: 'a' }],
      vaultKeysOf: { identity: ring },
    });
    expect(() => keptSecrets(settings({ ...env, ADMIN_POLICY_VAULT_KEYS: 'cut' }), true)).toThrow(
      /^ADMIN_POLICY_VAULT_KEYS is invalid: /,
    );
  });

  it('makes the keys of the bus where it runs on Kafka and lacks them, also beside data', () => {
    keptSecrets(settings(), false);
    const onKafka = settings({ KAFKA_BROKERS: 'one:9092' });
    const file = join(dataDir, 'bus-keys');
    const first = keptSecrets(onKafka, true);
    expect(first.made).toEqual([file]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(first).toMatchObject({ busKeys: [{ key: expect.any(Buffer) as Buffer }], busKeysFile: file });
    expect(keptSecrets(onKafka, true)).toEqual({ ...first, made: [] });
    rmSync(file);
    const given = settings({ KAFKA_BROKERS: 'one:9092', BUS_KEYS: `b:${key}` });
    expect(keptSecrets(given, true)).toMatchObject({ busKeys: [{ id: 'b' }], made: [] });
    writeFileSync(file, 'cut', { mode: 0o600 });
    expect(() => keptSecrets(onKafka, true)).toThrow(/^BUS_KEYS in .+bus-keys is invalid: /);
  });
});
