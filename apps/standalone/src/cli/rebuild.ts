import { setTimeout as sleep } from 'node:timers/promises';
import { rebuildAdminPolicy } from '#apps/admin-policy/src/change/rebuild.js';
import { rebuildAudit } from '#apps/audit/src/maintain/maintenance.js';
import { rebuildIdentity } from '#apps/identity/src/directory/rebuild.js';
import { rebuildTwoFactor } from '#apps/two-factor/src/policy/rebuild.js';
import { readSettings } from '#libs/platform/src/settings/config.js';
import { storedRingOf } from '#libs/platform/src/settings/secrets.js';
import { bringUpStandalone } from '../standalone.js';
import { runTool, withStores } from './data.js';
import { areWhole } from './log-reports.js';
import { tellAudit } from './tell-audit.js';

/*
 * `npm run rebuild`: deletes every projection and makes it again from the logs (R29). Then brings the apps up without a port until
 * each has adopted what the others' logs say, so that the next start serves at once by the whole of it. On MongoDB too, with every
 * instance of every app stopped: then the logs are read from there, and Kafka is left alone.
 */

const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KAFKA_')));

await runTool(async () => {
  // names are found by what only their keys can open
  const ring = storedRingOf(readSettings(process.env), 'identity');
  const whole = await withStores({ readOnly: false }, async (stores) => {
    // of what is lost or altered in the log, the projections may be the last trace
    if (!(await areWhole(stores))) return false;
    const report = (app: string, { streams, events }: { streams: number; events: number }) =>
      console.log(`${app}: ${events} events in ${streams} streams replayed`);
    report('identity', await rebuildIdentity(stores.identity, ring));
    report('two-factor', await rebuildTwoFactor(stores['two-factor']));
    report('admin-policy', await rebuildAdminPolicy(stores['admin-policy']));
    await rebuildAudit(stores.audit);
    return true;
  });
  if (!whole) {
    console.error('Nothing has been changed.');
    return false;
  }
  console.log(`audit: ${await tellAudit(env)} events replayed`);
  const standalone = await bringUpStandalone(env);
  try {
    while (!(await standalone.caughtUp())) await sleep(20);
  } finally {
    await standalone.close();
  }
  console.log('All projections have been rebuilt.');
  return true;
});
