import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}

const text = readFileSync(join(process.cwd(), 'docker-compose.yml'), 'utf8');
const { services } = parse(text, { merge: true }) as Compose;

describe('docker-compose.yml', () => {
  it.each<[string, string[]]>([
    ['identity', ['BUS_KEYS', 'IDENTITY_DB_PASSWORD', 'IDENTITY_VAULT_KEYS', 'OPERATOR_TOKEN']],
    ['two-factor', ['BUS_KEYS', 'TWO_FACTOR_DB_PASSWORD', 'TWO_FACTOR_VAULT_KEYS']],
    ['admin-policy', ['ADMIN_POLICY_DB_PASSWORD', 'ADMIN_POLICY_VAULT_KEYS', 'BUS_KEYS', 'OPERATOR_TOKEN']],
    ['audit', ['AUDIT_DB_PASSWORD', 'BUS_KEYS']],
    ['openid', ['BUS_KEYS', 'OPENID_DB_PASSWORD', 'OPENID_VAULT_KEYS']],
    ['notify', ['BUS_KEYS', 'NOTIFY_DB_PASSWORD']],
    ['gateway', []],
    ['kafka', []],
  ])('gives %s its own secrets and no others', (name, secrets) => {
    const values = Object.values(services[name]?.environment ?? {}).join('\n');
    // what may be left out is a setting and no secret
    const given = [...values.matchAll(/\$\{(\w+)(?!\w|:-)/g)].map(([, secret]) => secret);
    expect(given.sort()).toEqual(secrets);
  });

  it('lets notify alone know the mail server, and start when asked to', () => {
    const knowing = Object.entries(services).filter(([, { environment = {} }]) => 'SMTP_URL' in environment);
    expect(knowing.map(([name, { profiles }]) => [name, profiles])).toEqual([['notify', ['mail']]]);
  });

  it.each(['identity', 'two-factor', 'admin-policy', 'audit', 'openid', 'notify'])(
    'lets %s be nobody else in the database',
    (name) => {
      const variable = `${name.toUpperCase().replace('-', '_')}_DB_PASSWORD`;
      expect(services[name]?.environment?.MONGO_URL).toBe(`mongodb://${name}:\${${variable}}@mongo:27017/twinlock`);
    },
  );
});
