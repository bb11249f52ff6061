import { resolve } from 'node:path';
import { configOf, readSettings } from './config.js';
import { SettingError } from './setting-error.js';

const refusal = (env: NodeJS.ProcessEnv): string => {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('settings', () => {
  it('has a default for everything but the secrets', () => {
    expect(configOf(readSettings({}), { operatorToken: 'o', vaultKeys: [] })).toEqual({
      port: 3000,
      host: '127.0.0.1',
      dataDir: resolve('./data'),
      operatorToken: 'o',
      vaultKeys: [],
      kafkaPrefix: 'twinlock',
      logLevel: 'info',
      demo: true,
      trustProxy: { networks: [], header: 'x-forwarded-for' },
      addressRetentionDays: 400,
      issuer: 'Twinlock',
      test: false,
    });
  });

  it('reads what is set, and takes an empty one as not set', () => {
    const env = {
      PORT: '0',
      HOST: '0.0.0.0',
      DATA_DIR: '/srv/twinlock',
      KAFKA_BROKERS: 'one:9092, two:9092',
      KAFKA_PREFIX: '',
      DEMO: 'off',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      TRUST_PROXY_HEADER: 'forwarded',
      PUBLIC_URL: 'HTTPS://Portal.Example:443/',
      ISSUER: ' Acme Zürich ',
      NODE_ENV: 'production',
      UNRELATED: 'x',
    };
    expect(configOf(readSettings(env), { operatorToken: 'o', vaultKeys: [], busKeys: [] })).toMatchObject({
      port: 0,
      host: '0.0.0.0',
      dataDir: '/srv/twinlock',
      kafka: { brokers: ['one:9092', 'two:9092'] },
      kafkaPrefix: 'twinlock',
      demo: false,
      trustProxy: { networks: ['10.0.0.0/8', '::1'], header: 'forwarded' },
      publicUrl: 'https://portal.example',
      issuer: 'Acme Zürich',
      test: false,
    });
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '80a'],
    ['PORT', '-1'],
    ['HOST', 'not a host'],
    ['OPERATOR_TOKEN', 'short'],
    ['OPERATOR_TOKEN', 'has a space 0123456789012345678901234'],
    ['OPERATOR_TOKEN', 'ümlaut-0123456789012345678901234567890'],
    ['OPERATOR_TOKEN', 'ses_0123456789012345678901234567890123'],
    ['MONGO_URL', 'http://db'],
    ['KAFKA_BROKERS', 'broker-without-port'],
    ['KAFKA_PREFIX', 'with space'],
    ['LOG_LEVEL', 'loud'],
    ['DEMO', 'maybe'],
    ['TRUST_PROXY', 'proxy.example'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '10.0.0.0/8/8'],
    ['TRUST_PROXY', '10.0.0.0/00'],
    ['TRUST_PROXY', '10.0.0.0/255.0.0.0'],
    ['TRUST_PROXY', 'fe80::1%eth0'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['TRUST_PROXY', '::/0'],
    ['TRUST_PROXY', '0.0.0.0/1,128.0.0.0/1'],
    ['TRUST_PROXY', '10.0.0.1, ::ffff:0:0/96'],
    ['TRUST_PROXY', '::ffff:0:0/90'],
    ['TRUST_PROXY', '2000::/3'],
    ['TRUST_PROXY_HEADER', 'x-real-ip'],
    ['PUBLIC_URL', 'portal.example'],
    ['PUBLIC_URL', 'ftp://portal.example'],
    ['PUBLIC_URL', 'https://portal.example/console'],
    ['PUBLIC_URL', 'https://portal.example?x'],
    ['PUBLIC_URL', 'https://user@portal.example'],
    ['PUBLIC_URL', 'https://a.example,https://b.example'],
    ['PUBLIC_URL', 'null'],
    ['ISSUER', 'Acme: Zürich'],
    ['ISSUER', 'Ac\nme'],
    ['ISSUER', 'Ac\u202eme'],
    ['ISSUER', 'Ü'.repeat(33)],
    ['ISSUER', '  '],
  ])('refuses %s=%s with one line that names it and does not quote it', (name, value) => {
    const line = refusal({ [name]: value });
    expect(line).toMatch(new RegExp(`^${name} must [^\n]+$`));
    expect(line).not.toContain(value);
  });

  it('takes TEST_CLOCK_FILE only under test and on loopback', () => {
    const TEST_CLOCK_FILE = '/tmp/offset';
    expect(refusal({ TEST_CLOCK_FILE, NODE_ENV: 'test' })).toBe('accepted');
    expect(refusal({ TEST_CLOCK_FILE, NODE_ENV: 'test', HOST: '127.1.2.3' })).toBe('accepted');
    expect(refusal({ TEST_CLOCK_FILE })).toMatch(/^TEST_CLOCK_FILE requires/);
    expect(refusal({ TEST_CLOCK_FILE, NODE_ENV: 'production' })).toMatch(/^TEST_CLOCK_FILE requires/);
    expect(refusal({ TEST_CLOCK_FILE, NODE_ENV: 'test', HOST: '0.0.0.0' })).toMatch(/^TEST_CLOCK_FILE requires/);
    expect(refusal({ TEST_CLOCK_FILE, NODE_ENV: 'test', HOST: '127.0.0.1.example' })).toMatch(/^TEST_CLOCK_FILE/);
  });
});
