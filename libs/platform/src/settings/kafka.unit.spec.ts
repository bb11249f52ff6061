import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, configOf, readSettings } from './config.js';

const secrets = { operatorToken: 'o', vaultKeys: [], busKeys: [] };
const read = (env: NodeJS.ProcessEnv): Config => configOf(readSettings(env), secrets);
const KAFKA_BROKERS = 'one:9092';

let folder: string;
const file = (name: string, text: string, mode = 0o600): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'twinlock-settings-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const { certificate: CERT, key: KEY } = generated();
const { key: OTHER } = generated();

function generated() {
  const made = execFileSync(
    'openssl',
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test -keyout -'.split(' '),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [key = '', certificate = ''] = made.match(/-----BEGIN [^]*?-----END [^\n]*\n/g) ?? [];
  return { key, certificate };
}

const BROKEN = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n';

describe('the settings of Kafka', () => {
  it('are those of the topics, of TLS and of SASL', () => {
    const path = file('pem', CERT, 0o644);
    expect(
      read({
        KAFKA_BROKERS,
        KAFKA_PARTITIONS: '24',
        KAFKA_REPLICATION: '3',
        KAFKA_TLS: 'on',
        KAFKA_TLS_CA: path,
        KAFKA_TLS_CERT: path,
        KAFKA_TLS_KEY: file('key', KEY),
        KAFKA_SASL_MECHANISM: 'scram-sha-512',
        KAFKA_SASL_USERNAME: 'two-factor',
        KAFKA_SASL_PASSWORD_FILE: file('password', 'correct horse\n'),
      }).kafka,
    ).toEqual({
      brokers: [KAFKA_BROKERS],
      partitions: 24,
      replication: 3,
      tls: { ca: CERT, cert: CERT, key: KEY },
      sasl: { mechanism: 'scram-sha-512', username: 'two-factor', password: 'correct horse' },
    });
    expect(read({ KAFKA_BROKERS, KAFKA_TLS: 'on' }).kafka).toEqual({ brokers: [KAFKA_BROKERS], tls: true });
    expect(read({ KAFKA_BROKERS, KAFKA_TLS: 'off' }).kafka).toEqual({ brokers: [KAFKA_BROKERS] });
    expect(read({ KAFKA_TLS: 'off' })).not.toHaveProperty('kafka');
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ['KAFKA_BROKERS must be a comma-separated list of host:port', { KAFKA_BROKERS: 'one:0' }],
    ['KAFKA_BROKERS must be a comma-separated list of host:port', { KAFKA_BROKERS: 'one:9092,two:65536' }],
    ['KAFKA_PARTITIONS must be a whole number from 1 to 10000', { KAFKA_BROKERS, KAFKA_PARTITIONS: '0' }],
    ['KAFKA_REPLICATION must be a whole number from 1 to 100', { KAFKA_BROKERS, KAFKA_REPLICATION: 'three' }],
    ['KAFKA_TLS must be on or off', { KAFKA_BROKERS, KAFKA_TLS: 'yes' }],
    ['KAFKA_TLS_CA requires KAFKA_TLS=on', { KAFKA_BROKERS, KAFKA_TLS_CA: '/ca.pem' }],
    ['KAFKA_TLS_CERT requires KAFKA_TLS_KEY', { KAFKA_BROKERS, KAFKA_TLS: 'on', KAFKA_TLS_CERT: '/c' }],
    ['KAFKA_TLS_KEY requires KAFKA_TLS_CERT', { KAFKA_BROKERS, KAFKA_TLS: 'on', KAFKA_TLS_KEY: '/k' }],
    [
      'KAFKA_TLS_CA names a file that cannot be read: /no/ca.pem (ENOENT)',
      { KAFKA_BROKERS, KAFKA_TLS: 'on', KAFKA_TLS_CA: '/no/ca.pem' },
    ],
    [
      'KAFKA_SASL_MECHANISM must be plain, scram-sha-256 or scram-sha-512, in lower case',
      { KAFKA_BROKERS, KAFKA_SASL_MECHANISM: 'GSSAPI' },
    ],
    [
      'KAFKA_SASL_MECHANISM requires KAFKA_SASL_PASSWORD',
      { KAFKA_BROKERS, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u' },
    ],
    ['KAFKA_SASL_USERNAME requires KAFKA_SASL_MECHANISM', { KAFKA_BROKERS, KAFKA_SASL_USERNAME: 'u' }],
    ['KAFKA_SASL_PASSWORD requires KAFKA_SASL_MECHANISM', { KAFKA_BROKERS, KAFKA_SASL_PASSWORD: 'hunter2' }],
    ['KAFKA_TLS requires KAFKA_BROKERS', { KAFKA_TLS: 'on' }],
    ['KAFKA_PARTITIONS requires KAFKA_BROKERS', { KAFKA_PARTITIONS: '3' }],
  ])('that do not go together are one line: %s', (line, env) => {
    expect(() => read(env)).toThrow(new Error(line));
  });

  it('name a certificate and the key of it', () => {
    const tls = { KAFKA_BROKERS, KAFKA_TLS: 'on' };
    const pair = (cert: string, key: string) => ({
      ...tls,
      KAFKA_TLS_CERT: file('cert', cert),
      KAFKA_TLS_KEY: file('key', key),
    });
    expect(() => read({ ...tls, KAFKA_TLS_CA: file('ca', BROKEN) })).toThrow(
      'KAFKA_TLS_CA names a file that is not a certificate',
    );
    for (const given of [pair(CERT, OTHER), pair(BROKEN, KEY), pair(CERT, BROKEN), pair(KEY, KEY)]) {
      expect(() => read(given)).toThrow('KAFKA_TLS_CERT and KAFKA_TLS_KEY do not belong together');
    }
  });

  it('name files of PEM', () => {
    const path = file('der', '\u0001\u0002');
    expect(() => read({ KAFKA_BROKERS, KAFKA_TLS: 'on', KAFKA_TLS_CA: path })).toThrow(
      'KAFKA_TLS_CA names a file that is not in PEM format',
    );
  });
});

describe('secrets in files', () => {
  it('stand in the place of the setting', () => {
    const MONGO_URL_FILE = file('mongo', ' mongodb://user:hunter2@db/twinlock\n');
    expect(read({ MONGO_URL_FILE }).mongoUrl).toBe('mongodb://user:hunter2@db/twinlock');
  });

  it.each<[string, () => NodeJS.ProcessEnv]>([
    ['MONGO_URL and MONGO_URL_FILE are both set', () => ({ MONGO_URL: 'mongodb://db', MONGO_URL_FILE: '/x' })],
    ['OPERATOR_TOKEN_FILE names a file that cannot be read: /no (ENOENT)', () => ({ OPERATOR_TOKEN_FILE: '/no' })],
    ['VAULT_KEYS_FILE names an empty file', () => ({ VAULT_KEYS_FILE: file('empty', '\n') })],
    ['VAULT_KEYS_FILE names a file that cannot be read: /tmp (EISDIR)', () => ({ VAULT_KEYS_FILE: '/tmp' })],
    ['MONGO_URL must begin with mongodb:// or mongodb+srv://', () => ({ MONGO_URL_FILE: file('other', 'http://db') })],
  ])('are refused with one line: %s', (line, env) => {
    expect(() => read(env())).toThrow(new Error(line));
  });

  const names = ['OPERATOR_TOKEN', 'VAULT_KEYS', 'BUS_KEYS', 'MONGO_URL', 'KAFKA_SASL_PASSWORD'].map(
    (name) => `${name}_FILE`,
  );
  const refused = (mode: string, owner = process.getuid?.()) =>
    new RegExp(`^\\w+ names a file that others can read: /.* \\(mode ${mode}, owner ${owner}\\)$`);

  it.each(names)('are refused when others can read them, without being quoted: %s', (name) => {
    for (const mode of [0o644, 0o640, 0o604, 0o660, 0o444, 0o777]) {
      const given = () => read({ [name]: file('open', 'hunter2', mode) });
      expect(given).toThrow(refused(mode.toString(8).padStart(4, '0')));
      expect(given).not.toThrow('hunter2');
    }
    const link = join(folder, `link-${name}`);
    symlinkSync(file('open', 'hunter2', 0o640), link);
    expect(() => read({ [name]: link })).toThrow(refused('0640'));
  });

  it('are refused as the key of TLS in the same way; what is public may be read', () => {
    const tls = { KAFKA_BROKERS, KAFKA_TLS: 'on', KAFKA_TLS_CERT: file('cert', CERT, 0o644) };
    expect(() => read({ ...tls, KAFKA_TLS_KEY: file('key', KEY, 0o640) })).toThrow(refused('0640'));
    expect(read({ ...tls, KAFKA_TLS_KEY: file('key', KEY, 0o400) }).kafka).toMatchObject({ tls: { key: KEY } });
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  asRoot('may be those of root that it may read by its group, as they are mounted, and of no third user', () => {
    const given = (owner: number, mode: number) => {
      const path = file(`mounted-${owner}-${mode}`, 'mongodb://db', mode);
      chownSync(path, owner, 0);
      return () => read({ MONGO_URL_FILE: path });
    };
    expect(given(12_345, 0o400)).toThrow(refused('0400', 12_345));
    const mounted = [given(0, 0o440), given(0, 0o444)];
    chmodSync(folder, 0o755);
    process.seteuid?.(12_345);
    try {
      expect(mounted[0]).not.toThrow();
      expect(mounted[1]).toThrow(refused('0444', 0));
    } finally {
      process.seteuid?.(0);
    }
  });
});
