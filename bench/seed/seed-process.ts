import { setTimeout as sleep } from 'node:timers/promises';
import { bringUpStandalone } from '#apps/standalone/src/standalone.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { answerJobs } from '../process/child.js';
import { concurrently } from './concurrently.js';
import { Copies } from './copies.js';
import { eventsOf, History } from './history.js';
import { makePortal, type Model } from './portal.js';
import type { Seeded, SeedJob } from './seed.js';
import { configFor, withStore } from './stores.js';

const AT_ONCE = 256;

/** A portal and one account by the product's own calls; the others straight into the logs, like that one. */
answerJobs<SeedJob, Seeded>(async ({ env, accounts, events, adopt }) => {
  const { portal, model } = await makePortal(env);
  const enrolment = eventsOf(model.enrolment);
  const config = configFor(env);
  const writing = performance.now();
  await withStore(config, 'identity', (engine) => register(engine, config, model, accounts));
  await withStore(config, 'two-factor', async (engine) => {
    const attempts = (events ?? enrolment) - enrolment;
    const history = new History(engine, config, model, attempts);
    await concurrently(accounts, AT_ONCE, (index) => history.enrol(index));
    for (let attempt = 0; attempt < attempts; attempt++) {
      history.passMinute();
      await concurrently(accounts, AT_ONCE, (index) => history.attempt(index));
    }
  });
  const adopting = performance.now();
  if (adopt) await adoptAll(env);
  return {
    portal,
    events: accounts * (events ?? enrolment) + enrolment + eventsOf(model.attempts),
    writtenInMs: adopting - writing,
    adoptedInMs: performance.now() - adopting,
  };
});

/** Nobody of them has a password. */
async function register(engine: Engine, { vaultKeys }: Config, model: Model, accounts: number): Promise<void> {
  const copies = new Copies(engine.log, model, new PersonalKeys(engine, vaultKeys));
  await concurrently(accounts, AT_ONCE, async (index) => {
    for (const commit of model.registration) await copies.append(index, commit, Date.now());
  });
}

async function adoptAll(env: NodeJS.ProcessEnv): Promise<void> {
  const standalone = await bringUpStandalone(env);
  while (!(await standalone.caughtUp())) await sleep(50);
  await standalone.close();
}
