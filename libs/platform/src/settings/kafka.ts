import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import type { KafkaSettings } from '#libs/messaging/src/kafka/cluster/connection.js';
import { readSecretFile, readSettingFile } from './files.js';
import { SettingError } from './setting-error.js';

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const isBroker = (text: string): boolean => {
  const port = Number(/^[^\s:/]+:(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
};

const count = (most: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, `must be a whole number from 1 to ${most}`)
    .transform(Number)
    .refine((number) => number >= 1 && number <= most, `must be a whole number from 1 to ${most}`);

export const kafkaSettings = z.object({
  KAFKA_BROKERS: z
    .string()
    .transform(list)
    .refine((brokers) => brokers.length > 0 && brokers.every(isBroker), 'must be a comma-separated list of host:port')
    .optional()
    .describe('Kafka as the bus instead of the one in the process.'),
  KAFKA_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 letters, digits, dots, hyphens or underscores')
    .default('twinlock')
    .describe('What the topics begin with.'),
  KAFKA_PARTITIONS: count(10_000).optional().describe('Of topics that are made; 12 unless told.'),
  KAFKA_REPLICATION: count(100).optional().describe('Copies of each partition of topics that are made; 1 unless told.'),
  KAFKA_TLS: z.enum(['on', 'off'], 'must be on or off').optional().describe('Speak TLS with the brokers.'),
  KAFKA_TLS_CA: z.string().optional().describe('PEM file of the authorities that are trusted; else those of Node.'),
  KAFKA_TLS_CERT: z.string().optional().describe('PEM file of the certificate that proves this app to the brokers.'),
  KAFKA_TLS_KEY: z.string().optional().describe('PEM file of its private key.'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'must be plain, scram-sha-256 or scram-sha-512, in lower case')
    .optional()
    .describe('How the app proves itself to the brokers.'),
  KAFKA_SASL_USERNAME: z.string().optional().describe('The name that the topic ACLs know it by.'),
  KAFKA_SASL_PASSWORD: z.string().optional().describe('Its password.'),
});
type Read = z.output<typeof kafkaSettings>;

export interface KafkaConfig extends KafkaSettings {
  /** Of topics that are made. */
  readonly partitions?: number;
  readonly replication?: number;
}

/** Undefined: the bus is that in the process. @throws SettingError settings that do not go together, or a file that cannot be read */
export function kafkaConfigOf(read: Read): KafkaConfig | undefined {
  const { KAFKA_BROKERS: brokers, KAFKA_PARTITIONS: partitions, KAFKA_REPLICATION: replication } = read;
  if (brokers === undefined) {
    for (const [name, value] of Object.entries(read)) {
      if (name.startsWith('KAFKA_') && name !== 'KAFKA_PREFIX' && value !== undefined && value !== 'off') {
        throw new SettingError(name, 'requires KAFKA_BROKERS');
      }
    }
    return undefined;
  }
  const tls = tlsOf(read);
  const sasl = saslOf(read);
  return {
    brokers,
    ...(partitions !== undefined && { partitions }),
    ...(replication !== undefined && { replication }),
    ...(tls !== undefined && { tls }),
    ...(sasl !== undefined && { sasl }),
  };
}

function tlsOf(read: Read): KafkaSettings['tls'] {
  const files = {
    ca: read.KAFKA_TLS_CA,
    cert: read.KAFKA_TLS_CERT,
    key: read.KAFKA_TLS_KEY,
  };
  const given = Object.entries(files).flatMap(([part, path]) => (path === undefined ? [] : [[part, path] as const]));
  if (read.KAFKA_TLS !== 'on') {
    for (const [part] of given) throw new SettingError(`KAFKA_TLS_${part.toUpperCase()}`, 'requires KAFKA_TLS=on');
    return undefined;
  }
  if (files.cert !== undefined && files.key === undefined)
    throw new SettingError('KAFKA_TLS_CERT', needs('KAFKA_TLS_KEY'));
  if (files.key !== undefined && files.cert === undefined)
    throw new SettingError('KAFKA_TLS_KEY', needs('KAFKA_TLS_CERT'));
  if (given.length === 0) return true;
  const tls = Object.fromEntries(given.map(([part, path]) => [part, pem(`KAFKA_TLS_${part.toUpperCase()}`, path)]));
  if (tls.ca !== undefined && !works(() => new X509Certificate(tls.ca!)))
    throw new SettingError('KAFKA_TLS_CA', 'names a file that is not a certificate');
  if (!works(() => createSecureContext(tls)))
    throw new SettingError('KAFKA_TLS_CERT', 'and KAFKA_TLS_KEY do not belong together');
  return tls;
}

function works(use: () => unknown): boolean {
  try {
    use();
    return true;
  } catch {
    return false;
  }
}

function pem(setting: string, path: string): string {
  const text = setting === 'KAFKA_TLS_KEY' ? readSecretFile(setting, path) : readSettingFile(setting, path);
  if (!text.includes('-----BEGIN ')) throw new SettingError(setting, 'names a file that is not in PEM format');
  return text;
}

function saslOf(read: Read): KafkaSettings['sasl'] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = read;
  if (mechanism === undefined) {
    if (username !== undefined) throw new SettingError('KAFKA_SASL_USERNAME', needs('KAFKA_SASL_MECHANISM'));
    if (password !== undefined) throw new SettingError('KAFKA_SASL_PASSWORD', needs('KAFKA_SASL_MECHANISM'));
    return undefined;
  }
  if (username === undefined) throw new SettingError('KAFKA_SASL_MECHANISM', needs('KAFKA_SASL_USERNAME'));
  if (password === undefined) throw new SettingError('KAFKA_SASL_MECHANISM', needs('KAFKA_SASL_PASSWORD'));
  return { mechanism, username, password };
}

const needs = (other: string): string => `requires ${other}`;
