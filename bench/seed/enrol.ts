import type { Engine } from '#libs/engine/src/port.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { concurrently } from './concurrently.js';
import { ENROLMENT, History } from './history.js';

const AT_ONCE = 256;

export interface Enrolment {
  readonly accounts: number;
  /** Events of each account when it is done: those of its enrolment, then attempts. */
  readonly events: number;
}

export async function enrolAccounts(engine: Engine, config: Config, { accounts, events }: Enrolment): Promise<void> {
  const history = new History(engine, config, { accounts, minutes: events });
  await concurrently(accounts, AT_ONCE, (index) => history.enrol(index));
  for (let event = ENROLMENT; event < events; event++) {
    history.passMinute();
    await concurrently(accounts, AT_ONCE, (index) => history.attempt(index));
  }
  await history.settled();
}
