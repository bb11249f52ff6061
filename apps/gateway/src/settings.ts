import { z } from 'zod';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { SettingError, settings } from '#libs/platform/src/config.js';

const upstream = (port: number) =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .refine((url) => new URL(url).pathname === '/', 'must be an origin, without a path')
    .default(`http://127.0.0.1:${port}`);

const { PORT, HOST, LOG_LEVEL } = settings.shape;

/** Where the gateway listens, and where each app is. */
const gatewaySettings = z.object({
  PORT,
  HOST,
  LOG_LEVEL,
  IDENTITY_URL: upstream(3001),
  TWO_FACTOR_URL: upstream(3002),
  ADMIN_POLICY_URL: upstream(3003),
  AUDIT_URL: upstream(3004),
});

export interface GatewaySettings {
  readonly port: number;
  readonly host: string;
  readonly logLevel: string;
  readonly upstreams: Readonly<Record<AppName, string>>;
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
  return {
    port: data.PORT,
    host: data.HOST,
    logLevel: data.LOG_LEVEL,
    upstreams: {
      identity: data.IDENTITY_URL,
      'two-factor': data.TWO_FACTOR_URL,
      'admin-policy': data.ADMIN_POLICY_URL,
      audit: data.AUDIT_URL,
    },
  };
}
