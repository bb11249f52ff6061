import { ChallengeSealer } from '#apps/two-factor/src/challenge/sealed-challenge.js';
import { ATTEMPTS, Attempts } from '../load/attempts.js';
import { drive, driver } from '../load/drive.js';
import { Worker } from '../process/child.js';
import { caughtUp, productEnv, startProduct } from '../process/product.js';
import { memoryOf } from '../process/usage.js';
import { figure } from '../report/figures.js';
import type { Context, Found } from '../section.js';
import { configFor } from '../seed/stores.js';

const CONNECTIONS = 64;

/** What the product holds in memory while many accounts come by. */
export async function memory(context: Context): Promise<Found> {
  const { dataDir, portal, serviceId, serviceToken } = await context.bigStore();
  const { manyAccounts, verifications } = context.options.sizes;
  const config = configFor(productEnv(dataDir, context.engine));
  const attempts = new Attempts(new ChallengeSealer(config.vaultKeys), portal, manyAccounts);
  const product = await startProduct(context, dataDir);
  const client = new Worker(driver);
  try {
    const before = memoryOf(product.pid);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${serviceToken}` };
    const purpose = { kind: 'gateway', serviceId, portal } as const;
    const accountsOfEach = Math.max(1, Math.round((verifications[CONNECTIONS] ?? 0) / ATTEMPTS / CONNECTIONS));
    const bodies = attempts.bodies(purpose, CONNECTIONS, accountsOfEach);
    const requests = accountsOfEach * ATTEMPTS;
    const { statuses } = await drive(client, product, { path: '/v1/challenges/verify', headers, bodies, requests });
    const loaded = memoryOf(product.pid);
    await caughtUp(product);
    const after = memoryOf(product.pid);

    const row = (what: string, used: typeof after) => [
      what,
      figure(used?.rss ?? null),
      figure(used?.anonymous ?? null),
    ];
    return {
      title: `Memory with ${figure(manyAccounts)} accounts`,
      table: [
        ['', 'resident MB', 'without mapped files'],
        row('after the start', before),
        row(`after ${figure(CONNECTIONS * requests)} verifications`, loaded),
        row('when every consumer has caught up', after),
      ],
      measured: { before, loaded, after, statuses },
      aims: after === null ? [] : [{ what: 'memory, resident', value: after.rss, unit: 'MB', below: 300 }],
    };
  } finally {
    await client.end();
    await product.stop();
  }
}
