import { Inject, Injectable } from '@nestjs/common';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine } from '#libs/engine/src/port.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { ENGINE } from '../tokens.js';

/** What each app with keys does of a deleted account, after all else (R42). */
@Injectable()
export class ErasedAccounts {
  constructor(
    @Inject(ENGINE) private readonly engine: Pick<Engine, 'erasures'>,
    private readonly keys: PersonalKeys,
  ) {}

  /** Before anything is destroyed: a store that is restored from a backup learns of it by this. */
  list({ portal, accountId }: AccountRef): Promise<void> {
    return this.engine.erasures.add(portal, accountId);
  }

  destroyKeys({ portal, accountId }: AccountRef): Promise<void> {
    return this.keys.destroy(portal, accountId);
  }

  /** Those that are listed and that a restored store has brought back. To be erased again before the app serves. */
  async *broughtBack(): AsyncGenerator<AccountRef> {
    for await (const [portal, accountId] of this.engine.erasures.all()) {
      if (!(await this.keys.isErased(portal, accountId))) yield { portal, accountId };
    }
  }
}
