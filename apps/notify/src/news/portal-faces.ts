import { Inject, Injectable } from '@nestjs/common';
import { type PortalProfile, wholeProfile } from '#libs/contracts/src/events/admin-policy.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { updateRecord } from '#libs/engine/src/records.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

export const FACES = 'faces';

interface Adopted {
  readonly profile: PortalProfile;
  /** Of the portal's stream at admin-policy; an older event changes nothing. */
  readonly version: number;
}

/** Name, language and support contact of each portal, adopted from admin-policy. */
@Injectable()
export class PortalFaces {
  private readonly records: Records<Adopted>;

  constructor(@Inject(ENGINE) engine: Engine) {
    this.records = engine.records(FACES);
  }

  async of(portal: string): Promise<PortalProfile> {
    return wholeProfile((await this.records.get([portal]))?.profile);
  }

  async adopt(portal: string, version: number, profile: PortalProfile): Promise<void> {
    await updateRecord(this.records, [portal], (present) =>
      present && version <= present.version ? undefined : { profile, version },
    );
  }
}
