import { join, resolve } from 'node:path';
import { appNames } from '#libs/contracts/src/http/endpoint.js';
import { runTool, withFiles } from './data.js';
import { areWhole } from './log-reports.js';

/* `npm run backup -- DIR`: compacted copies of the stores, while the server is stopped: the stores
   know how far they have read each other's logs, so copies of different moments would not fit. Keys and the operator token are
   not copied. A log that is not whole is copied as it is, and ends it with an error. */

await runTool(async () => {
  const [target] = process.argv.slice(2);
  if (target === undefined) {
    console.error('usage: npm run backup -- DIR');
    return false;
  }
  const whole = await withFiles({ readOnly: false }, async (stores) => {
    for (const app of appNames) await stores[app].backup(join(resolve(target), app));
    return areWhole(stores);
  });
  console.log(`Copied to ${resolve(target)}. The backup does not include the keys: keep vault-keys somewhere else.`);
  return whole;
});
