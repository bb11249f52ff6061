import { randomUUID } from 'node:crypto';
import type { SealedText } from '#libs/contracts/src/events/event.js';
import type { Commit, EventLog, Head, StoredEvent } from '#libs/engine/src/port.js';
import { canonical, sha256 } from '#libs/event-store/src/canonical.js';
import { type EventForm, formOf, NO_HASH, timeOf } from '#libs/event-store/src/commit.js';
import { PERSON, type SealingKeys } from '#libs/event-store/src/sealing.js';
import { accountId, personOf, PORTAL } from './accounts.js';

/** Who did it, and is to be another: an id that occurs in no other meaning. */
export interface Original {
  readonly account: string;
}

/** Appends what the product has recorded of one account as that of others, whatever the events say; each is a person of its own. */
export class Copies {
  private readonly heads = new Map<number, Head>();

  constructor(
    private readonly log: EventLog,
    private readonly original: Original,
    /** Of the app whose log it is. */
    private readonly keys: SealingKeys,
  ) {}

  /** As the next commit of the account with this number. */
  async append(index: number, commit: Commit, at: number): Promise<void> {
    const { version, hash } = this.heads.get(index) ?? { version: 0, hash: NO_HASH };
    const commitId = randomUUID();
    let previousHash = hash;
    const events: StoredEvent[] = [];
    for (const [n, { name }] of commit.events.entries()) {
      const own = { id: `${commitId}.${n + 1}`, previousHash, streamVersion: version + 1 + n, time: timeOf(at) };
      const form: EventForm = { ...formOf(commit, n), ...own };
      if (form.personal?.person) form.personal = { ...form.personal, person: await this.person(index, own.id) };
      const body = this.renamed(index, canonical(form));
      previousHash = sha256(body);
      events.push({ name, body, hash: previousHash });
    }
    const stream = this.renamed(index, commit.stream);
    await this.log.append({ ...commit, stream, version: version + 1, commitId, at, events });
    this.heads.set(index, { version: version + events.length, hash: previousHash });
  }

  private async person(index: number, eventId: string): Promise<SealedText> {
    const key = await this.keys.sealingKey(PORTAL, accountId(index), PERSON);
    return key.seal(JSON.stringify(personOf(index)), eventId);
  }

  private renamed(index: number, text: string): string {
    return text.replaceAll(this.original.account, accountId(index));
  }
}
