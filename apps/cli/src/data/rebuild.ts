import { setTimeout as sleep } from 'node:timers/promises';
import { rebuildAdminPolicy } from '#apps/admin-policy/src/change/rebuild.js';
import { rebuildAudit } from '#apps/audit/src/maintain/maintenance.js';
import { rebuildIdentity } from '#apps/identity/src/directory/rebuild.js';
import { rebuildNotify } from '#apps/notify/src/rebuild.js';
import { rebuildTwoFactor } from '#apps/two-factor/src/policy/rebuild.js';
import { readSettings } from '#libs/platform/src/settings/config.js';
import { storedRingOf } from '#libs/platform/src/settings/secrets.js';
import { bringUpStandalone } from '#apps/standalone/src/standalone.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { Options } from '../command/leaf.js';
import { answer, say, tell } from '../command/output.js';
import { Progress } from '../command/progress.js';
import { withStores } from './data.js';
import { areWhole } from './log-reports.js';
import { tellAudit } from './tell-audit.js';
import { watched } from './watched.js';

/**
 * Deletes every projection and makes it again from the logs (R29). Then brings the apps up without a port until each has adopted
 * what the others' logs say, so that the next start serves at once by the whole of it. On MongoDB too, with every instance of
 * every app stopped: then the logs are read from there, and Kafka is left alone. False: a log is not whole, and nothing is changed.
 */
export async function rebuild({ json }: Options): Promise<boolean> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KAFKA_')));
  // names are found by what only their keys can open
  const ring = storedRingOf(readSettings(process.env), 'identity');
  const progress = new Progress();
  const replayed: Record<string, { streams?: number; events: number }> = {};
  const report = (app: string, { streams, events }: { streams?: number; events: number }) => {
    replayed[app] = { streams, events };
    progress.clear();
    if (json !== true) say(`${app}: ${events} events ${streams === undefined ? '' : `in ${streams} streams `}replayed`);
  };
  const seen = (app: string, engine: Engine): Engine => ({
    log: watched(engine.log, (commits) => progress.at(`${app}: ${commits} entries read`)),
    records: (name) => engine.records(name),
    erasures: engine.erasures,
    check: () => engine.check(),
    damaged: (damage) => engine.damaged(damage),
    close: () => engine.close(),
  });
  const whole = await withStores({ readOnly: false }, async (stores) => {
    // of what is lost or altered in the log, the projections may be the last trace
    if (!(await areWhole(stores))) return false;
    report('identity', await rebuildIdentity(seen('identity', stores.identity), ring));
    report('two-factor', await rebuildTwoFactor(seen('two-factor', stores['two-factor'])));
    report('admin-policy', await rebuildAdminPolicy(seen('admin-policy', stores['admin-policy'])));
    await rebuildAudit(stores.audit);
    if (stores.notify) await rebuildNotify(stores.notify, stores['admin-policy'].log);
    return true;
  });
  if (!whole) {
    tell('Nothing has been changed.');
    return false;
  }
  const told = await tellAudit(env, (events) => progress.at(`audit: ${events} events read`));
  report('audit', { events: told });
  const standalone = await bringUpStandalone(env);
  try {
    while (!(await standalone.caughtUp())) {
      progress.at('the apps take over what the others say');
      await sleep(20);
    }
  } finally {
    await standalone.close();
  }
  progress.clear();
  answer({ replayed }, { json }, () => 'All projections have been rebuilt.');
  return true;
}
