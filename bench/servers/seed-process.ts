import { answerJobs } from '../process/child.js';
import { enrolAccounts } from '../seed/enrol.js';
import { ENROLMENT } from '../seed/history.js';
import { makePortal, type Service } from '../seed/portal.js';
import { registerAccounts } from '../seed/register.js';
import { configFor, withStore } from '../seed/stores.js';
import type { SeedStoresJob } from './seed.js';

/** A portal by the product's own calls; accounts and their enrolment straight into the logs, to be published later. */
answerJobs<SeedStoresJob, Service>(async ({ env, accounts }) => {
  const service = await makePortal(env);
  const config = configFor(env);
  await withStore(config, 'identity', (engine) => registerAccounts(engine, accounts));
  await withStore(config, 'two-factor', (engine) => enrolAccounts(engine, config, { accounts, events: ENROLMENT }));
  return service;
});
