import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { AppName, Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { writePrivate } from '#libs/platform/src/settings/secrets.js';

type Apps = ReadonlyMap<AppName, NestFastifyApplication>;

const portal = 'demo';
const passwords = z.strictObject({ admin: z.string(), alice: z.string(), bob: z.string() });
type Passwords = z.infer<typeof passwords>;
const people = [
  { username: 'alice', type: 'contributor' },
  { username: 'bob', type: 'power-reader' },
] as const;

export interface Demo {
  /** Makes what is missing of the portal and prints the passwords; nothing if there is no demo to make. */
  make(apps: Apps, print: (line: string) => void): Promise<void>;
}

/**
 * The portal `demo` of an empty DATA_DIR. Until it is whole and printed its passwords stand in a private file, so that a
 * start that was cut off is taken up by the next one with the same passwords.
 */
export function demoOf({ demo, dataDir, operatorToken = '' }: Config, hasData: boolean): Demo {
  const path = join(dataDir, 'demo-in-the-making');
  if (demo && !hasData) writePrivate(path, JSON.stringify(newPasswords()));
  return {
    async make(apps, print) {
      if (!demo || !existsSync(path)) return;
      try {
        const made = passwords.parse(JSON.parse(readFileSync(path, 'utf8')));
        await makePortal(caller(apps), operatorToken, made);
        print(announcement(made));
        rmSync(path);
      } catch (error) {
        const why = error instanceof DemoStopped ? error.message : `${path} cannot be read`;
        print(`The demo portal is incomplete (${why}). The next start will try again unless DEMO=off.`);
      }
    },
  };
}

const newPasswords = (): Passwords => {
  const password = () => randomBytes(12).toString('base64url');
  return { admin: password(), alice: password(), bob: password() };
};

/** Every step may have been done by a start that was cut off. */
async function makePortal(call: Call, operatorToken: string, made: Passwords): Promise<void> {
  const ofPortal = { portal };
  const admin = { username: 'admin', password: made.admin };
  await call(identityEndpoints.createPortal, { token: operatorToken, body: { id: portal, admin }, accept: [201, 409] });
  await call(adminPolicyEndpoints.grantAddOn, { token: operatorToken, params: ofPortal, accept: [204] });
  const login = await call(identityEndpoints.login, { body: { portal, ...admin }, accept: [200] });
  const { accessToken } = z.object({ accessToken: z.string() }).parse(login);
  const body = { enabled: true, maxFailedAttempts: 5 };
  await call(adminPolicyEndpoints.changeSettings, { token: accessToken, params: ofPortal, body, accept: [200] });
  for (const { username, type } of people) {
    const account = { username, type, password: made[username] };
    const accept = [201, 409];
    await call(identityEndpoints.registerAccount, { token: accessToken, params: ofPortal, body: account, accept });
  }
  await call(identityEndpoints.logout, { token: accessToken, accept: [204] });
}

class DemoStopped extends Error {
  override readonly name = 'DemoStopped';
}

interface CallOptions {
  readonly token?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly accept: readonly number[];
}
type Call = (endpoint: Endpoint, options: CallOptions) => Promise<unknown>;

/** The same calls as from outside, before there is a port. */
const caller =
  (apps: Apps): Call =>
  async (endpoint, { token, params = {}, body, accept }) => {
    const response = await apps.get(endpoint.app)!.inject({
      method: endpoint.method,
      url: endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? '')),
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
      ...(body === undefined ? {} : { payload: body }),
    });
    if (!accept.includes(response.statusCode)) {
      throw new DemoStopped(`${endpoint.operationId} answered ${response.statusCode}`);
    }
    return response.body === '' ? undefined : response.json();
  };

const announcement = ({ admin, alice, bob }: Passwords): string =>
  [
    '',
    '  Demo portal with two-factor authentication on. These passwords are shown only once:',
    '',
    `    admin   ${admin}   administrator`,
    `    alice   ${alice}   Contributor`,
    `    bob     ${bob}   Power Reader`,
    '',
  ].join('\n');
