import { updateRecord } from '#libs/engine/src/records.js';
import { Inject, Injectable } from '@nestjs/common';
import type { SsoSettings } from '#libs/contracts/src/events/admin-policy.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

export const SSO = 'sso';

interface Adopted {
  /** Null: it was removed. */
  readonly settings: SsoSettings | null;
  /** Of the portal's stream at admin-policy; an older event changes nothing. */
  readonly version: number;
}

/** The identity provider of each portal, adopted from admin-policy. */
@Injectable()
export class PortalSso {
  private readonly records: Records<Adopted>;

  constructor(@Inject(ENGINE) engine: Engine) {
    this.records = engine.records(SSO);
  }

  async find(portal: string): Promise<SsoSettings | null> {
    return (await this.records.get([portal]))?.settings ?? null;
  }

  async adopt(portal: string, version: number, settings: SsoSettings | null): Promise<void> {
    await updateRecord(this.records, [portal], (present) =>
      present && version <= present.version ? undefined : { settings, version },
    );
  }
}
