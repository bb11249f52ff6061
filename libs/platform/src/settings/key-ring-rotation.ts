import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { OnApplicationBootstrap, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { reEncryption } from '#libs/contracts/src/installation.js';
import { StoreDamaged } from '#libs/engine/src/port.js';
import { Notifier } from '#libs/messaging/src/consuming/notifier.js';
import { UNREADABLE } from '#libs/vault/src/entry.js';
import type { KeyTimes } from '#libs/vault/src/key-times.js';
import { formatKeyRing, parseKeyRing, type RingKey } from '#libs/vault/src/keyring.js';
import type { RingUser } from '#libs/vault/src/rotation.js';
import { readSecretFile } from './files.js';
import { SettingError } from './setting-error.js';

/** Where a folder tells of no change, as one that is mounted may not, the file is looked at that often. */
const LOOK_EVERY_MS = 10_000;

/** The ring in the file would leave entries that nobody can decrypt. */
class RingLacksKey extends Error {
  override readonly name = 'RingLacksKey';
}

/** Of each store at the start: enough to tell the ring of another one, whatever it holds. */
const FIRST_ENTRIES = 200;

export interface KeyRingSetting {
  readonly name: 'VAULT_KEYS' | 'BUS_KEYS';
  readonly keys: readonly RingKey[];
  /** Where the ring stands, if not in the environment itself. */
  readonly file?: string | undefined;
}

/**
 * A key ring and all that works by it. Brings every stored entry under the present key while the app serves: after a start
 * with several keys, and when the file of the ring changes. A ring that cannot be read, or lacks a key that is in use,
 * changes nothing; it is told once, and looked at again.
 */
export class KeyRingRotation implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly users: RingUser[] = [];
  private readonly stop = new AbortController();
  private readonly changed = new Notifier();
  private watcher: FSWatcher | undefined;
  private looking: Promise<void> | undefined;
  private work: Promise<void> = Promise.resolve();
  /** What was last told of the file, so that it is not told at every look. */
  private told = '';
  private ring: readonly RingKey[];
  /** Rotations that are to be done, and whether the last one left something. */
  private toDo = 0;
  private leftSome = false;

  /** @param times notes when each key was first seen */
  constructor(
    private readonly setting: KeyRingSetting,
    private readonly logger: Logger,
    private readonly times?: KeyTimes,
  ) {
    this.ring = setting.keys;
  }

  /** In the order of the ring. */
  get keyIds(): string[] {
    return this.ring.map(({ id }) => id);
  }

  get reEncryption(): z.infer<typeof reEncryption> {
    if (this.toDo > 0) return 'running';
    return this.leftSome ? 'incomplete' : 'complete';
  }

  /** What is made here works by the ring, also by each that comes later. */
  use<User extends RingUser>(make: (ring: readonly RingKey[]) => User): User {
    const user = make(this.ring);
    this.users.push(user);
    return user;
  }

  /** What is stored now could not be read with the right ring later. @throws SettingError the ring is that of another store */
  async onModuleInit(): Promise<void> {
    for (const user of this.users) {
      const lacked = await this.lackedBy(user);
      if (lacked === undefined) continue;
      throw new SettingError(
        this.setting.name,
        `does not contain the key ${lacked}, which stored secrets are encrypted with`,
      );
    }
    await this.noteTimes();
  }

  onApplicationBootstrap(): void {
    if (this.users.length === 0) return;
    // with one key there is none to bring them from; what cannot be decrypted, `vault -- rotate` tells
    if (this.ring.length > 1) this.next();
    const { file } = this.setting;
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
        const { name: setting } = this.setting;
        if (this.told !== message) {
          this.logger.error({ setting, reason: `${name}: ${message}` }, 'key ring not reloaded');
        }
        this.told = message;
      }
      await this.changed.wait(LOOK_EVERY_MS);
    }
  }

  private async look(file: string): Promise<void> {
    const ring = parseKeyRing(readSecretFile(this.setting.name, file, 'stands in').trim());
    if (formatKeyRing(ring) === formatKeyRing(this.ring)) return;
    await this.refuseLacking(ring);
    this.ring = ring;
    for (const user of this.users) user.useRing(ring);
    // on every instance: then the next step of a rotation may be done
    this.logger.info({ setting: this.setting.name, keyIds: this.keyIds }, 'key ring reloaded');
    this.next();
    await this.noteTimes();
  }

  /** @throws RingLacksKey */
  private async refuseLacking(ring: readonly RingKey[]): Promise<void> {
    const dropped = this.ring.filter((one) => !ring.some(({ id, key }) => id === one.id && key.equals(one.key)));
    if (dropped.length === 0) return;
    const [present] = this.ring;
    if (dropped.some((one) => one === present)) {
      throw new RingLacksKey(`the ring lacks ${present?.id}, under which this instance encrypts`);
    }
    for (const user of this.users) {
      const counts = await user.entriesByKey?.();
      const lacked = dropped.find(({ id }) => counts?.has(id));
      if (lacked) throw new RingLacksKey(`the ring lacks ${lacked.id}, and entries are under it`);
    }
  }

  private async lackedBy(user: RingUser): Promise<string | undefined> {
    try {
      const counts = await user.entriesByKey?.({ atMost: FIRST_ENTRIES });
      return [...(counts?.keys() ?? [])].find(
        (keyId) => keyId !== UNREADABLE && !this.ring.some(({ id }) => id === keyId),
      );
    } catch (error) {
      // what is whole is still served
      if (error instanceof StoreDamaged) return undefined;
      throw error;
    }
  }

  /** The ring counts, whether its times can be noted now or at the next start. */
  private async noteTimes(): Promise<void> {
    try {
      await this.times?.note(this.keyIds);
    } catch (error) {
      this.logger.warn({ err: error }, 'when the keys of the ring were first seen could not be noted');
    }
  }

  private next(): void {
    this.toDo += 1;
    this.work = this.work.then(async () => {
      let leftSome = false;
      for (const user of this.users) if (!(await this.rotate(user))) leftSome = true;
      this.leftSome = leftSome;
      this.toDo -= 1;
    });
  }

  /** One store that fails keeps no other from it. False: entries are left under other keys. */
  private async rotate(user: RingUser): Promise<boolean> {
    try {
      const rotation = await user.rotate?.({ signal: this.stop.signal });
      if (!rotation) return true;
      const { presentKeyId, reencrypted, damaged, complete } = rotation;
      if (reencrypted > 0) this.logger.info({ presentKeyId, reencrypted, complete }, 'vault entries re-encrypted');
      if (damaged.length > 0) this.logger.error({ damaged }, 'vault entries cannot be decrypted');
      return complete && damaged.length === 0;
    } catch (error) {
      this.logger.error({ err: error }, 'vault entries could not be re-encrypted');
      return false;
    }
  }
}
