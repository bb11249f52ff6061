import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { Attempts } from '../load/attempts.js';
import { productEnv } from '../process/product.js';
import { type Server, startServer } from '../process/server.js';
import type { Context } from '../sections/section.js';
import { accountId, PORTAL } from '../seed/accounts.js';
import { concurrently } from '../seed/concurrently.js';
import type { Portal } from '../seed/portal.js';
import { seed } from '../seed/seed.js';

/** The apps as processes of their own, with accounts whose codes are known. */
export interface SplitProduct {
  readonly twoFactor: Server;
  /** Of a gateway that may open challenges. */
  readonly headers: Readonly<Record<string, string>>;
  readonly attempts: Attempts;
  /** Of its challenges, as the bus is told. */
  readonly purpose: ChallengePurpose;
  /** What the product records of a wrong code. */
  readonly wrongCode: Portal['wrongCode'];
  stop(): Promise<void>;
}

export async function startSplit({ engine, folder, options }: Context, accounts: number): Promise<SplitProduct> {
  const env = { ...productEnv(join(folder, 'keys'), engine), LOG_LEVEL: 'error' };
  const { portal } = await seed({ env, accounts, adopt: false });
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const start = (app: string, node: readonly string[] = []) => {
    const module = new URL(`../../bin/${app}.js`, import.meta.url);
    return startServer({ module, env, folder, node });
  };
  const servers = await Promise.all([start('two-factor', profiling), start('admin-policy'), start('identity')]);
  const [twoFactor] = servers;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${portal.serviceToken}` };
  await concurrently(accounts, 16, (index) => known(twoFactor, headers, accountId(index)));
  return {
    twoFactor,
    headers,
    attempts: new Attempts(env, portal, accounts),
    purpose: { kind: 'gateway', serviceId: portal.serviceId, portal: PORTAL },
    wrongCode: portal.wrongCode,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** Until two-factor has adopted what identity's log says of the account. */
async function known({ url }: Server, headers: Readonly<Record<string, string>>, account: string): Promise<void> {
  for (;;) {
    const body = JSON.stringify({ accountId: account });
    const response = await fetch(`${url}/v1/portals/${PORTAL}/challenges`, { method: 'POST', headers, body });
    await response.text();
    if (response.status === 200) return;
    if (response.status !== 404 && response.status !== 503) throw new Error(`a challenge: ${response.status}`);
    await sleep(100);
  }
}
