import { allRecords, updateRecord } from '#libs/engine/src/records.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { EnrolmentStatus } from '#libs/contracts/src/primitives.js';
import type { ListedSecondFactor } from './directory-index.js';
import { RecentChanges } from './recent-changes.js';

/** What an event of two-factor says; absent: nothing of it. */
export interface SecondFactorChange {
  readonly enrolment?: (present: EnrolmentStatus) => EnrolmentStatus;
  readonly locked?: boolean;
  /** Milliseconds. */
  readonly graceEndsAt?: number;
}
export interface KnownSecondFactor extends AccountRef {
  readonly secondFactor: ListedSecondFactor;
}

/** Each fact with the version of the event that it is of: one that comes late (a dead letter that is replayed) is old only beside its own kind. */
interface Adopted extends ListedSecondFactor {
  readonly enrolmentVersion: number;
  readonly lockVersion: number;
  /** Missing where it was written before there were such events. */
  readonly graceVersion?: number;
}

const nothing: Adopted = {
  enrolment: 'none',
  locked: false,
  graceEndsAt: null,
  version: 0,
  enrolmentVersion: 0,
  lockVersion: 0,
};
const PAGE = 500;

/** What lists ask of the accounts' second factors, adopted from two-factor's events. None: it never had one. */
export class SecondFactors {
  private readonly records: Records<Adopted>;
  private readonly changes: RecentChanges | undefined;

  constructor(engine: Pick<Engine, 'log' | 'records'>) {
    this.records = engine.records('second-factors');
    this.changes = engine.log.shared ? new RecentChanges(engine.records('second-factor-changes')) : undefined;
  }

  /**
   * `version`: of the event in its stream. One that is older than what was adopted of the same fact changes nothing. Answers with
   * what is known from now on; undefined: it is as it was.
   */
  async adopt(
    ref: AccountRef,
    version: number,
    { enrolment, locked, graceEndsAt }: SecondFactorChange,
  ): Promise<ListedSecondFactor | undefined> {
    const adopted = await updateRecord(this.records, keyOf(ref), (present = nothing) => {
      const changes = {
        ...(enrolment &&
          version > present.enrolmentVersion && { enrolment: enrolment(present.enrolment), enrolmentVersion: version }),
        ...(locked !== undefined && version > present.lockVersion && { locked, lockVersion: version }),
        ...(graceEndsAt !== undefined &&
          version > (present.graceVersion ?? 0) && { graceEndsAt, graceVersion: version }),
      };
      return Object.keys(changes).length === 0 ? undefined : { ...present, ...changes, version: present.version + 1 };
    });
    await this.changes?.note(ref.portal, ref.accountId);
    return adopted;
  }

  get(ref: AccountRef): Promise<ListedSecondFactor | undefined> {
    return this.records.get(keyOf(ref));
  }

  async each(take: (known: KnownSecondFactor) => void, portal?: string): Promise<void> {
    const range = { page: PAGE, ...(portal !== undefined && { prefix: [portal] }) };
    for await (const { key, value } of allRecords(this.records, range)) {
      take({ portal: String(key[0]), accountId: String(key[1]), secondFactor: value });
    }
  }

  /** Before all are read. */
  async startToFollow(): Promise<void> {
    await this.changes?.start();
  }

  /** Gives those of the portal that any instance has changed since the last time. */
  async follow(portal: string, take: (changed: KnownSecondFactor) => void): Promise<void> {
    await this.changes?.follow(portal, async (changed) => {
      if (changed === 'all') return void (await this.each(take, portal));
      for (const accountId of changed) {
        const secondFactor = await this.get({ portal, accountId });
        if (secondFactor) take({ portal, accountId, secondFactor });
      }
    });
  }

  async delete(ref: AccountRef): Promise<void> {
    await this.records.delete(keyOf(ref));
  }

  async clear(): Promise<void> {
    await this.records.clear();
  }
}

const keyOf = ({ portal, accountId }: AccountRef) => [portal, accountId];
