import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { base32 } from '@scure/base';
import { bringUpStandalone } from '#apps/standalone/src/standalone.js';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { AppName, Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import type { Commit, Engine } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { codeAt, timeStepAt } from '#libs/totp/src/totp.js';
import { OPERATOR_TOKEN } from '../process/product.js';
import { ATTEMPTS, LIMIT, PORTAL, WRONG_CODES, wrongCodesOf } from './accounts.js';
import type { Original } from './copies.js';

/** The portal, as its gateway and who logs in see it. */
export interface Portal {
  readonly serviceId: string;
  readonly serviceToken: string;
  /** Of the model, as the product opened them. */
  readonly challenges: Readonly<Record<'gateway' | 'login', string>>;
  /** What the product recorded of a wrong code. */
  readonly wrongCode: Commit;
}

/** An account that has done by the product's own calls what others are to have done: see `Copies`. */
export interface Model extends Original {
  readonly username: string;
  /** In identity's log. */
  readonly registration: readonly Commit[];
  /** In two-factor's log, until the second factor is on. */
  readonly enrolment: readonly Commit[];
  /** After it: wrong codes, then a right one. */
  readonly attempts: readonly Commit[];
}

type Call = (
  endpoint: Endpoint,
  token: string,
  body?: object,
  accepted?: readonly number[],
) => Promise<Record<string, string>>;

const PASSWORD = 'a password for the benchmarks';

/** The portal with 2FA on, the service token of a gateway, and the model. */
export async function makePortal(env: NodeJS.ProcessEnv): Promise<{ portal: Portal; model: Model }> {
  const { apps, close } = await bringUpStandalone(env);
  try {
    const call = callOf(apps);
    const admin = { username: 'admin', password: PASSWORD };
    await call(identityEndpoints.createPortal, OPERATOR_TOKEN, { id: PORTAL, admin });
    await call(adminPolicyEndpoints.grantAddOn, OPERATOR_TOKEN);
    const { accessToken = '' } = await call(identityEndpoints.login, '', { portal: PORTAL, ...admin });
    await call(adminPolicyEndpoints.changeSettings, accessToken, { enabled: true, maxFailedAttempts: LIMIT });
    const gateway = { name: 'gateway', scopes: ['challenges'] };
    const issued = await call(adminPolicyEndpoints.issueServiceToken, OPERATOR_TOKEN, gateway);
    const { id: serviceId = '', token: serviceToken = '' } = issued;

    const model = await makeModel(apps, call, accessToken);
    const { account: id, username } = model;
    const challenges = {
      gateway: challengeIn(await call(twoFactorEndpoints.openChallenge, serviceToken, { accountId: id })),
      login: challengeIn(await call(identityEndpoints.login, '', { portal: PORTAL, username, password: PASSWORD })),
    };
    return { portal: { serviceId, serviceToken, challenges, wrongCode: model.attempts[0]! }, model };
  } finally {
    await close();
  }
}

async function makeModel(apps: Apps, call: Call, admin: string): Promise<Model> {
  const credentials = { username: 'the-model-of-all-accounts', password: PASSWORD };
  const contributor = { ...credentials, type: 'contributor' };
  const { id: account = '' } = await call(identityEndpoints.registerAccount, admin, contributor);
  const recorded = (app: AppName) =>
    apps
      .get(app)!
      .get<Engine>(ENGINE)
      .log.read(streamOfAccount({ portal: PORTAL, accountId: account }));
  const registration = await recorded('identity');

  const { accessToken = '' } = await call(identityEndpoints.login, '', { portal: PORTAL, ...credentials });
  const { otpauthUri = '' } = await call(twoFactorEndpoints.setUp, accessToken);
  const secret = Buffer.from(base32.decode(new URL(otpauthUri).searchParams.get('secret') ?? ''));
  const step = timeStepAt(Date.now());
  await call(twoFactorEndpoints.confirm, accessToken, { code: codeAt(secret, step) });
  const enrolment = await recorded('two-factor');

  for (const code of [...wrongCodesOf(secret, Date.now(), WRONG_CODES), codeAt(secret, step + 1)]) {
    await call(identityEndpoints.reAuthenticate, accessToken, { password: PASSWORD, code }, [200, 401]);
  }
  const attempts = (await recorded('two-factor')).slice(enrolment.length);
  if (attempts.length !== ATTEMPTS) throw new Error(`${attempts.length} attempts were recorded`);
  return { account, username: credentials.username, registration, enrolment, attempts };
}

function challengeIn({ challenge }: Record<string, string>): string {
  if (challenge === undefined) throw new Error('no challenge was opened');
  return challenge;
}

type Apps = ReadonlyMap<AppName, NestFastifyApplication>;

const callOf =
  (apps: Apps): Call =>
  async ({ app, method, path, operationId, status }, token, body, accepted = [status]) => {
    const response = await apps.get(app)!.inject({
      method,
      url: path.replace(':portal', PORTAL),
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      ...(body !== undefined && { payload: body }),
    });
    if (!accepted.includes(response.statusCode)) {
      throw new Error(`${operationId} answered ${response.statusCode}: ${response.body}`);
    }
    return response.body === '' ? {} : response.json<Record<string, string>>();
  };
