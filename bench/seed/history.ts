import type { Commit, Engine } from '#libs/engine/src/port.js';
import { recordedEvents } from '#libs/event-store/src/commit.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { accountId, PORTAL, secretOf } from './accounts.js';
import { Copies } from './copies.js';
import type { Model } from './portal.js';

const MINUTE_MS = 60_000;

/** What accounts have done in two-factor, like the model, minute by minute up to the present: all at once would be no history. */
export class History {
  private readonly copies: Copies;
  private readonly vault: RecordsVault;
  private readonly begin: number;
  private readonly secretId: string;
  private readonly setId: string;
  private backupCodes: Promise<Buffer | undefined> | undefined;
  private minute = 0;

  constructor(
    engine: Engine,
    { vaultKeys }: Pick<Config, 'vaultKeys'>,
    private readonly model: Model,
    minutes: number,
  ) {
    this.begin = Date.now() - (minutes + 10) * MINUTE_MS;
    this.copies = new Copies(engine.log, model, new PersonalKeys(engine, vaultKeys));
    this.vault = new RecordsVault(engine, vaultKeys);
    this.secretId = namedIn(model.enrolment, 'secretId');
    this.setId = namedIn(model.enrolment, 'setId');
  }

  passMinute(): void {
    this.minute += 1;
  }

  /** Has a secret of its own, and the backup codes of the model. */
  async enrol(index: number): Promise<void> {
    const { vault, secretId, setId } = this;
    const account = accountId(index);
    await vault.put({ portal: PORTAL, account, id: secretId }, secretOf(index));
    await vault.put({ portal: PORTAL, account, id: setId }, await this.codesOfModel());
    for (const commit of this.model.enrolment) await this.append(index, commit);
    await vault.keepOnly(PORTAL, account, async () => [secretId, setId]);
  }

  /** The wrong codes of the model in turn, then its right one, and so on. */
  async attempt(index: number): Promise<void> {
    const { attempts } = this.model;
    await this.append(index, attempts[(this.minute - 1) % attempts.length]!);
  }

  private append(index: number, commit: Commit): Promise<void> {
    return this.copies.append(index, commit, this.begin + this.minute * MINUTE_MS);
  }

  private async codesOfModel(): Promise<Buffer> {
    const key = { portal: PORTAL, account: this.model.account, id: this.setId };
    const codes = await (this.backupCodes ??= this.vault.get(key));
    if (codes === undefined) throw new Error('the model has no backup codes');
    return codes;
  }
}

export const eventsOf = (commits: readonly Commit[]): number =>
  commits.reduce((sum, { events }) => sum + events.length, 0);

/** The vault's entry that an event names. */
function namedIn(commits: readonly Commit[], member: 'secretId' | 'setId'): string {
  for (const { data } of commits.flatMap(recordedEvents)) {
    const id = data[member];
    if (typeof id === 'string') return id;
  }
  throw new Error(`no event of the enrolment has a ${member}`);
}
