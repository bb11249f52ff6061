import { resolve } from 'node:path';
import { z } from 'zod';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { noColon } from '#libs/contracts/src/primitives.js';
import type { OtlpProtocol } from '#libs/tracing/src/sdk/start.js';
import { isVisible } from '#libs/contracts/src/text/readable.js';
import { networkOf, proxyHeaders, type TrustedProxies } from '../http/client-address.js';
import { withFiles } from './files.js';
import { type KafkaConfig, kafkaConfigOf, kafkaSettings } from './kafka.js';
import { isLoopbackHost } from './loopback-host.js';
import { type MailConfig, mailConfigOf, mailSettings } from './mail.js';
import { tracingOf, tracingSettings } from './tracing.js';
import { SettingError } from './setting-error.js';

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** Absent where no call is the operator's. */
  readonly operatorToken?: string | undefined;
  /** The first encrypts; all decrypt. */
  readonly vaultKeys: readonly { readonly id: string; readonly key: Buffer }[];
  /** Where the ring stands when it is not from the environment; a changed file is taken over while the app serves. */
  readonly vaultKeysFile?: string;
  /** Where several apps in one process have rings of their own; `vaultKeys` is that of the others. */
  readonly vaultKeysOf?: Partial<Record<AppName, Config['vaultKeys']>>;
  /** With `kafka`: what seals requests between the apps, the same for all of them. As `vaultKeys`. */
  readonly busKeys?: Config['vaultKeys'];
  readonly busKeysFile?: string;
  readonly mongoUrl?: string;
  readonly kafka?: KafkaConfig;
  readonly kafkaPrefix: string;
  readonly logLevel: string;
  readonly demo: boolean;
  /** Nobody unless set. */
  readonly trustProxy: TrustedProxies;
  /** The one that browsers use, where it is set: `https://portal.example`. */
  readonly publicUrl?: string;
  /** How long addresses and user agents can be read. */
  readonly addressRetentionDays: number;
  /** What stands above the codes in an authenticator. */
  readonly issuer: string;
  /** The form of OTLP in which traces leave; absent where nothing is traced. */
  readonly tracing?: OtlpProtocol;
  /** Absent: nobody is mailed. */
  readonly mail?: MailConfig;
  readonly testClockFile?: string;
  /** NODE_ENV=test: plain http and loopback are allowed for the SSO JWKS. */
  readonly test: boolean;
}

/** Where an app listens that runs alone, unless told: side by side on one machine, where the gateway looks for them. */
export const portAlone: Readonly<Record<AppName, number>> = {
  identity: 3001,
  'two-factor': 3002,
  'admin-policy': 3003,
  audit: 3004,
  notify: 3005,
  openid: 3006,
};

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** More than any network of one's own has: 10.0.0.0/8 and fc00::/7 are the largest. */
function isTooWide(text: string): boolean {
  const network = networkOf(text);
  return network !== undefined && network.bits < (network.address.includes(':') ? 7 : 8);
}

/** It stands twice in a QR code, beside a name of 128 characters: more would not fit. */
const MAX_ISSUER_BYTES = 64;

/** As browsers write it; undefined: it is no origin of the web, or more than one. */
function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, href } = new URL(text);
  return /^https?:$/.test(protocol) && href === `${origin}/` ? origin : undefined;
}

export const operatorTokenSetting = z
  .string()
  .regex(/^[\x21-\x7e]{32,}$/, 'must be at least 32 visible ASCII characters, without spaces')
  .refine(
    (token) => !/^(ses|svc|lgn)_/.test(token),
    'must not begin with the prefix of a session, service or login token',
  );

const ringOfOneApp = z.string().optional().describe('For tools: the VAULT_KEYS that this app runs with by itself.');

/** Every setting of a start, read from the environment; an empty one is as one that is not there. */
export const settings = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port from 0 to 65535')
    .default(3000)
    .describe('Port to listen on; 0 lets the system choose.'),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/, 'must be an address or a host name')
    .default('127.0.0.1')
    .describe('Address to listen on.'),
  DATA_DIR: z
    .string()
    .default('./data')
    .transform((path) => resolve(path))
    .describe('Folder of the embedded engine.'),
  OPERATOR_TOKEN: operatorTokenSetting.optional().describe('Bearer token of who runs the installation.'),
  VAULT_KEYS: z.string().optional().describe('Key ring `id:base64,…`: 32 bytes each; the first encrypts, all decrypt.'),
  VAULT_KEYS_FILE: z
    .string()
    .optional()
    .describe('File of the key ring; a changed one is taken over while the app serves.'),
  IDENTITY_VAULT_KEYS: ringOfOneApp,
  TWO_FACTOR_VAULT_KEYS: ringOfOneApp,
  ADMIN_POLICY_VAULT_KEYS: ringOfOneApp,
  OPENID_VAULT_KEYS: ringOfOneApp,
  MONGO_URL: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://')
    .optional()
    .describe('MongoDB as the store instead of the embedded engine.'),
  ...kafkaSettings.shape,
  BUS_KEYS: z
    .string()
    .optional()
    .describe('Key ring of what the apps ask one another over Kafka; the same for all apps.'),
  BUS_KEYS_FILE: z.string().optional().describe('File of it; a changed one is taken over while the app serves.'),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be one of fatal, error, warn, info, debug, trace, silent',
    )
    .default('info')
    .describe('The least level that is logged.'),
  DEMO: z
    .enum(['on', 'off'], 'must be on or off')
    .default('on')
    .describe('Make the portal `demo` on an empty DATA_DIR.'),
  TRUST_PROXY: z
    .string()
    .transform(list)
    .refine(
      (networks) => networks.every((each) => networkOf(each)),
      'must be a comma-separated list of IP addresses or CIDR ranges',
    )
    .refine((networks) => !networks.some(isTooWide), 'must not contain a network larger than an IPv4 /8 or an IPv6 /7')
    .default([])
    .describe('Proxies that are believed whom they speak for.'),
  TRUST_PROXY_HEADER: z
    .enum(proxyHeaders, `must be ${proxyHeaders.join(' or ')}`)
    .default('x-forwarded-for')
    .describe('Where the proxies of TRUST_PROXY say it.'),
  PUBLIC_URL: z
    .string()
    .transform(originOf)
    .refine((origin) => origin !== undefined, 'must be an http or https origin without a path')
    .optional()
    .describe('Origin that browsers use; the own addresses unless set.'),
  ADDRESS_RETENTION_DAYS: z
    .string()
    .regex(/^\d{1,4}$/, 'must be a number of days from 1 to 3650')
    .transform(Number)
    .refine((days) => days >= 1 && days <= 3650, 'must be a number of days from 1 to 3650')
    .default(400)
    .describe('How long addresses and user agents in events can be read.'),
  ISSUER: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .regex(noColon, 'must not contain a colon')
    .refine(isVisible, 'must not contain control, bidirectional or invisible characters')
    .refine(
      (name) => Buffer.byteLength(name) <= MAX_ISSUER_BYTES,
      `must have at most ${MAX_ISSUER_BYTES} bytes of UTF-8`,
    )
    .default('Twinlock')
    .describe('Name of the installation in authenticators.'),
  ...mailSettings.shape,
  ...tracingSettings.shape,
  TEST_CLOCK_FILE: z.string().optional().describe('File with an offset of the clock in seconds; for tests alone.'),
  NODE_ENV: z
    .string()
    .optional()
    .describe('`test` allows what tests need: TEST_CLOCK_FILE, an identity provider on loopback.'),
});
export type Settings = z.output<typeof settings>;

/** @throws SettingError the first setting that is wrong */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(
    Object.entries(withFiles(env)).filter(([name, value]) => name in settings.shape && value !== ''),
  );
  const read = settings.safeParse(given);
  if (!read.success) {
    const issue = read.error.issues[0]!;
    throw new SettingError(String(issue.path[0]), issue.message);
  }
  const { TEST_CLOCK_FILE, NODE_ENV, HOST } = read.data;
  if (TEST_CLOCK_FILE !== undefined && (NODE_ENV !== 'test' || !isLoopbackHost(HOST))) {
    throw new SettingError('TEST_CLOCK_FILE', 'requires NODE_ENV=test and a loopback HOST');
  }
  return read.data;
}

/** @throws SettingError settings that do not go together, or name files that cannot be read */
export function configOf(
  read: Settings,
  secrets: Pick<Config, 'operatorToken' | 'vaultKeys' | 'vaultKeysFile' | 'vaultKeysOf' | 'busKeys' | 'busKeysFile'>,
): Config {
  const kafka = kafkaConfigOf(read);
  const tracing = tracingOf(read);
  const mail = mailConfigOf(read);
  if (kafka !== undefined && secrets.busKeys === undefined) throw new SettingError('BUS_KEYS', 'is missing');
  return {
    port: read.PORT,
    host: read.HOST,
    dataDir: read.DATA_DIR,
    ...secrets,
    ...(read.MONGO_URL === undefined ? {} : { mongoUrl: read.MONGO_URL }),
    ...(kafka === undefined ? {} : { kafka }),
    kafkaPrefix: read.KAFKA_PREFIX,
    logLevel: read.LOG_LEVEL,
    demo: read.DEMO === 'on',
    trustProxy: { networks: read.TRUST_PROXY, header: read.TRUST_PROXY_HEADER },
    ...(read.PUBLIC_URL === undefined ? {} : { publicUrl: read.PUBLIC_URL }),
    addressRetentionDays: read.ADDRESS_RETENTION_DAYS,
    issuer: read.ISSUER,
    ...(tracing === undefined ? {} : { tracing }),
    ...(mail === undefined ? {} : { mail }),
    ...(read.TEST_CLOCK_FILE === undefined ? {} : { testClockFile: read.TEST_CLOCK_FILE }),
    test: read.NODE_ENV === 'test',
  };
}
