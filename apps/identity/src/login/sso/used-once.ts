import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

const USED = 'sso-tokens';
/** So long beyond its time a thing stays used: a clock may go ahead and be set back. */
const CLOCK_SET_BACK_MS = 3_600_000;

/** ID tokens, and logins by a provider, by their hashes. */
@Injectable()
export class UsedOnce {
  private readonly records: Records<{ readonly until: number }>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    private readonly expiries: Expiries,
  ) {
    this.records = engine.records(USED);
  }

  /** True once for each, whichever portal it is used in. `until`: milliseconds; from then on it is refused for its age. */
  async useUp(hash: string, until: number): Promise<boolean> {
    const key = [hash];
    await this.expiries.add(until + CLOCK_SET_BACK_MS, { collection: USED, key });
    return this.records.create(key, { until });
  }
}
