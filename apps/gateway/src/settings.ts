import { z } from 'zod';
import type { ServingApp } from '#libs/contracts/src/http/endpoint.js';
import type { TrustedProxies } from '#libs/platform/src/http/client-address.js';
import { type Config, portAlone, settings } from '#libs/platform/src/settings/config.js';
import { tracingOf, tracingSettings } from '#libs/platform/src/settings/tracing.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';

function isOrigin(text: string): boolean {
  const { href, origin } = new URL(text);
  return href === `${origin}/`;
}

const origin = z
  .url({ protocol: /^https?$/, error: 'must be a comma-separated list of http or https URLs', abort: true })
  .refine(isOrigin, 'must be an origin: scheme, host and port only');

/** Every instance of an app. */
const upstreams = (app: ServingApp) =>
  z
    .string()
    .default(`http://127.0.0.1:${portAlone[app]}`)
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(origin));

const { PORT, HOST, LOG_LEVEL, TRUST_PROXY, TRUST_PROXY_HEADER, PUBLIC_URL } = settings.shape;

/** Where the gateway listens, and where each app is. */
const gatewaySettings = z.object({
  PORT,
  HOST,
  LOG_LEVEL,
  TRUST_PROXY,
  TRUST_PROXY_HEADER,
  PUBLIC_URL,
  ...tracingSettings.shape,
  IDENTITY_URL: upstreams('identity'),
  TWO_FACTOR_URL: upstreams('two-factor'),
  ADMIN_POLICY_URL: upstreams('admin-policy'),
  AUDIT_URL: upstreams('audit'),
  OPENID_URL: upstreams('openid'),
});

export interface GatewaySettings {
  readonly port: number;
  readonly host: string;
  readonly logLevel: string;
  readonly trustProxy: TrustedProxies;
  readonly publicUrl?: string;
  readonly tracing?: Config['tracing'];
  readonly upstreams: Readonly<Record<ServingApp, readonly string[]>>;
}

/** @throws SettingError the first setting that is wrong */
export function readGatewaySettings(env: NodeJS.ProcessEnv): GatewaySettings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in gatewaySettings.shape && value !== ''),
  );
  const read = gatewaySettings.safeParse(given);
  if (!read.success) {
    const issue = read.error.issues[0]!;
    throw new SettingError(String(issue.path[0]), issue.message);
  }
  const { data } = read;
  const tracing = tracingOf(data);
  return {
    port: data.PORT,
    host: data.HOST,
    logLevel: data.LOG_LEVEL,
    trustProxy: { networks: data.TRUST_PROXY, header: data.TRUST_PROXY_HEADER },
    ...(data.PUBLIC_URL === undefined ? {} : { publicUrl: data.PUBLIC_URL }),
    ...(tracing === undefined ? {} : { tracing }),
    upstreams: {
      identity: data.IDENTITY_URL,
      'two-factor': data.TWO_FACTOR_URL,
      'admin-policy': data.ADMIN_POLICY_URL,
      audit: data.AUDIT_URL,
      openid: data.OPENID_URL,
    },
  };
}
