import { Inject, Injectable } from '@nestjs/common';
import pMap from 'p-map';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine } from '#libs/engine/src/port.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { ENGINE } from '../tokens.js';

const SIDE_BY_SIDE = 32;

/** What each app with keys does of a deleted account, around what it has of its own (R42). */
@Injectable()
export class ErasedAccounts {
  constructor(
    @Inject(ENGINE) private readonly engine: Pick<Engine, 'erasures'>,
    private readonly keys: PersonalKeys,
  ) {}

  /** The list first: a store that is restored from a backup learns of it by this. The keys last. Again it changes nothing. */
  async erase({ portal, accountId }: AccountRef, destroyOwn: () => Promise<void> = async () => {}): Promise<void> {
    await this.engine.erasures.add(portal, accountId);
    await destroyOwn();
    await this.keys.destroy(portal, accountId);
  }

  /** Those that are listed and that a restored store has brought back; before the app serves. */
  async eraseBroughtBack(erase: (account: AccountRef) => Promise<void>): Promise<void> {
    await pMap(this.broughtBack(), erase, { concurrency: SIDE_BY_SIDE });
  }

  private async *broughtBack(): AsyncGenerator<AccountRef> {
    for await (const [portal, accountId] of this.engine.erasures.all()) {
      if (!(await this.keys.isErased(portal, accountId))) yield { portal, accountId };
    }
  }
}
