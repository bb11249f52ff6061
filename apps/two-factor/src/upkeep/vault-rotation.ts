import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Notifier } from '#libs/messaging/src/consuming/notifier.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { readSecretFile } from '#libs/platform/src/settings/files.js';
import { CONFIG, LOGGER } from '#libs/platform/src/tokens.js';
import { formatKeyRing, parseKeyRing, type RingKey } from '#libs/vault/src/keyring.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { ChallengeSealer } from '../challenge/sealed-challenge.js';
import { VAULT } from '../change/second-factors.js';

/** Where a folder tells of no change, as one that is mounted may not, the file is looked at that often. */
const LOOK_EVERY_MS = 10_000;

/** The ring in the file would leave entries that nobody can decrypt. */
class RingLacksKey extends Error {
  override readonly name = 'RingLacksKey';
}

/**
 * Brings every entry of the vault under the present key while the app serves: after a start with several keys, and when the
 * file of the key ring changes. A ring that cannot be read, or lacks a key that is in use, changes nothing; it is told once,
 * and looked at again.
 */
@Injectable()
export class VaultRotation implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stop = new AbortController();
  private readonly changed = new Notifier();
  private watcher: FSWatcher | undefined;
  private looking: Promise<void> | undefined;
  private work: Promise<void> = Promise.resolve();
  /** What was last told of the file, so that it is not told at every look. */
  private told = '';
  private ring: readonly RingKey[];

  constructor(
    @Inject(VAULT) private readonly vault: RecordsVault,
    private readonly sealer: ChallengeSealer,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.ring = config.vaultKeys;
  }

  onApplicationBootstrap(): void {
    // with one key there is none to bring them from; what cannot be decrypted, `vault -- rotate` tells
    if (this.ring.length > 1) this.next();
    const file = this.config.vaultKeysFile;
    if (file === undefined) return;
    // whatever changes in its folder: the file is replaced by another of its name, or by a link to a folder beside it
    this.watcher = watch(dirname(file), { persistent: false }, this.changed.notify);
    this.looking = this.keepLooking(file);
  }

  async onApplicationShutdown(): Promise<void> {
    this.watcher?.close();
    this.stop.abort();
    this.changed.notify();
    await this.looking;
    await this.work;
  }

  private async keepLooking(file: string): Promise<void> {
    while (!this.stop.signal.aborted) {
      this.changed.reset();
      try {
        await this.look(file);
        this.told = '';
      } catch (error) {
        const { name, message } = error as Error;
        if (this.told !== message) this.logger.error({ reason: `${name}: ${message}` }, 'key ring not reloaded');
        this.told = message;
      }
      await this.changed.wait(LOOK_EVERY_MS);
    }
  }

  private async look(file: string): Promise<void> {
    const ring = parseKeyRing(readSecretFile('VAULT_KEYS', file, 'stands in').trim());
    if (formatKeyRing(ring) === formatKeyRing(this.ring)) return;
    await this.refuseLacking(ring);
    this.ring = ring;
    this.vault.useRing(ring);
    this.sealer.useRing(ring);
    // on every instance: then the next step of a rotation may be done
    this.logger.info({ keyIds: ring.map(({ id }) => id) }, 'key ring reloaded');
    this.next();
  }

  /** @throws RingLacksKey */
  private async refuseLacking(ring: readonly RingKey[]): Promise<void> {
    const dropped = this.ring.filter((one) => !ring.some(({ id, key }) => id === one.id && key.equals(one.key)));
    if (dropped.length === 0) return;
    const [present] = this.ring;
    if (dropped.some((one) => one === present)) {
      throw new RingLacksKey(`the ring lacks ${present?.id}, under which this instance encrypts`);
    }
    const counts = await this.vault.entriesByKey();
    const lacked = dropped.find(({ id }) => counts.has(id));
    if (lacked) throw new RingLacksKey(`the ring lacks ${lacked.id}, and entries are under it`);
  }

  private next(): void {
    this.work = this.work
      .then(() => this.rotate())
      .catch((error: unknown) => {
        this.logger.error({ err: error }, 'vault entries could not be re-encrypted');
      });
  }

  private async rotate(): Promise<void> {
    const { presentKeyId, reencrypted, damaged, complete } = await this.vault.rotate({ signal: this.stop.signal });
    if (reencrypted > 0) this.logger.info({ presentKeyId, reencrypted, complete }, 'vault entries re-encrypted');
    if (damaged.length > 0) this.logger.error({ damaged }, 'vault entries cannot be decrypted');
  }
}
