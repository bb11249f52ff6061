import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { bringUpStandalone } from '#apps/standalone/src/standalone.js';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { AppName, Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { OPERATOR_TOKEN } from '../process/product.js';
import { LIMIT, PORTAL } from './accounts.js';

export interface Service {
  readonly id: string;
  readonly token: string;
}

/** The portal with 2FA on and the service token of a gateway, made by the product's own calls. */
export async function makePortal(env: NodeJS.ProcessEnv): Promise<Service> {
  const { apps, close } = await bringUpStandalone(env);
  try {
    const admin = { username: 'admin', password: 'a password for the benchmarks' };
    const call = callOf(apps);
    await call(identityEndpoints.createPortal, OPERATOR_TOKEN, { id: PORTAL, admin });
    await call(adminPolicyEndpoints.grantAddOn, OPERATOR_TOKEN);
    const { accessToken } = await call(identityEndpoints.login, '', { portal: PORTAL, ...admin });
    await call(adminPolicyEndpoints.changeSettings, String(accessToken), { enabled: true, maxFailedAttempts: LIMIT });
    const gateway = { name: 'gateway', scopes: ['challenges'] };
    const { id, token } = await call(adminPolicyEndpoints.issueServiceToken, OPERATOR_TOKEN, gateway);
    return { id: String(id), token: String(token) };
  } finally {
    await close();
  }
}

const callOf =
  (apps: ReadonlyMap<AppName, NestFastifyApplication>) =>
  async ({ app, method, path, operationId }: Endpoint, token: string, body?: object) => {
    const response = await apps.get(app)!.inject({
      method,
      url: path.replace(':portal', PORTAL),
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      ...(body !== undefined && { payload: body }),
    });
    if (response.statusCode >= 400) throw new Error(`${operationId} answered ${response.statusCode}: ${response.body}`);
    return response.body === '' ? {} : response.json<Record<string, unknown>>();
  };
