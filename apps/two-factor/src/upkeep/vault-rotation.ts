import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG, LOGGER } from '#libs/platform/src/tokens.js';
import { parseKeyRing } from '#libs/vault/src/keyring.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { ChallengeSealer } from '../challenge/sealed-challenge.js';
import { VAULT } from '../accounts/second-factors.js';

/**
 * Brings every entry of the vault under the present key while the app serves: after a start with several keys, and when the file of the key ring
 * changes. A ring that cannot be read changes nothing.
 */
@Injectable()
export class VaultRotation implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stop = new AbortController();
  private watcher: FSWatcher | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    @Inject(VAULT) private readonly vault: RecordsVault,
    private readonly sealer: ChallengeSealer,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    // with one key there is none to bring them from; what cannot be decrypted, `vault -- rotate` tells
    if (this.config.vaultKeys.length > 1) this.next(() => this.rotate());
    const file = this.config.vaultKeysFile;
    if (file === undefined) return;
    // the directory, since the file is replaced by another of its name
    this.watcher = watch(dirname(file), { persistent: false }, (_, name) => {
      if (name === basename(file)) this.next(() => this.takeOver(file));
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.watcher?.close();
    this.stop.abort();
    await this.work;
  }

  private next(step: () => Promise<void>): void {
    this.work = this.work.then(step).catch((error: unknown) => {
      this.logger.error({ err: error }, 'the vault was not brought under the present key');
    });
  }

  private async takeOver(file: string): Promise<void> {
    const ring = parseKeyRing((await readFile(file, 'utf8')).trim());
    this.vault.useRing(ring);
    this.sealer.useRing(ring);
    await this.rotate();
  }

  private async rotate(): Promise<void> {
    const { presentKeyId, reencrypted, damaged, complete } = await this.vault.rotate({ signal: this.stop.signal });
    if (reencrypted > 0) this.logger.info({ presentKeyId, reencrypted, complete }, 'vault entries re-encrypted');
    if (damaged.length > 0) this.logger.error({ damaged }, 'vault entries cannot be decrypted');
  }
}
