import { Inject, Injectable } from '@nestjs/common';
import type { Engine } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import type { Profile } from '../accounts/account.js';
import { Accounts } from './accounts.js';
import { Claims } from './claims.js';

/** Which account an identity provider's `sub` stands for. */
@Injectable()
export class SsoSubjects extends Claims {
  constructor(@Inject(ENGINE) engine: Engine, @Inject(CLOCK) clock: Clock, accounts: Accounts, keys: PersonalKeys) {
    const claimed = {
      kind: 'sso-subject',
      collection: 'sso-subjects',
      of: ({ sso }: Profile) => sso?.subject,
      taken: 'sso-subject-taken',
    } as const;
    super(claimed, engine, accounts, keys, clock);
  }
}
