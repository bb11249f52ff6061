import { Attempts } from '../load/attempts.js';
import { drive, driver } from '../load/drive.js';
import { Worker } from '../process/child.js';
import { caughtUp, productEnv, startProduct } from '../process/product.js';
import { memoryOf } from '../process/usage.js';
import { figure } from '../report/figures.js';
import { ATTEMPTS } from '../seed/accounts.js';
import type { Context, Found } from './section.js';

const CONNECTIONS = 64;

/** What the product holds in memory while many accounts come by. */
export async function memory(context: Context): Promise<Found> {
  const { dataDir, portal } = await context.bigStore();
  const { manyAccounts, verifications } = context.options.sizes;
  const attempts = new Attempts(productEnv(dataDir, context.engine), portal, manyAccounts);
  const product = await startProduct(context, dataDir);
  const client = new Worker(driver);
  try {
    const before = memoryOf(product.pid);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${portal.serviceToken}` };
    const accountsOfEach = Math.max(1, Math.round((verifications[CONNECTIONS] ?? 0) / ATTEMPTS / CONNECTIONS));
    const bodies = attempts.bodies('gateway', CONNECTIONS, accountsOfEach);
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
