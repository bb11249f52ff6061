import { setTimeout as sleep } from 'node:timers/promises';
import { bringUpStandalone } from '#apps/standalone/src/standalone.js';
import { answerJobs } from '../process/child.js';
import { enrolAccounts } from './enrol.js';
import { makePortal } from './portal.js';
import { registerAccounts } from './register.js';
import type { Seeded, SeedJob } from './seed.js';
import { configFor, withStore } from './stores.js';

answerJobs<SeedJob, Seeded>(async ({ env, ...enrolment }) => {
  const service = await makePortal(env);
  const config = configFor(env);
  const writing = performance.now();
  await withStore(config, 'identity', (engine) => registerAccounts(engine, enrolment.accounts));
  await withStore(config, 'two-factor', (engine) => enrolAccounts(engine, config, enrolment));
  const adopting = performance.now();
  const standalone = await bringUpStandalone(env);
  while (!(await standalone.caughtUp())) await sleep(50);
  await standalone.close();
  return { service, writtenInMs: adopting - writing, adoptedInMs: performance.now() - adopting };
});
