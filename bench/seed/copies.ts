import { randomUUID } from 'node:crypto';
import type { Commit, EventLog, Head } from '#libs/engine/src/port.js';
import { canonical, sha256 } from '#libs/event-store/src/canonical.js';
import { type EventForm, formOf, NO_HASH, timeOf } from '#libs/event-store/src/commit.js';
import { accountId } from './accounts.js';

/** Who did it, and is to be another: ids and names that occur in no other meaning. */
export interface Original {
  readonly account: string;
  readonly username: string;
}

/** Appends what the product has recorded of one account as that of others, whatever the events say. */
export class Copies {
  private readonly heads = new Map<number, Head>();

  constructor(
    private readonly log: EventLog,
    private readonly original: Original,
  ) {}

  /** As the next commit of the account with this number. */
  async append(index: number, commit: Commit, at: number): Promise<void> {
    const { version, hash } = this.heads.get(index) ?? { version: 0, hash: NO_HASH };
    const commitId = randomUUID();
    let previousHash = hash;
    const events = commit.events.map(({ name }, n) => {
      const own = { id: `${commitId}.${n + 1}`, previousHash, streamVersion: version + 1 + n, time: timeOf(at) };
      const form: EventForm = { ...formOf(commit, n), ...own };
      const body = this.renamed(index, canonical(form));
      previousHash = sha256(body);
      return { name, body, hash: previousHash };
    });
    const stream = this.renamed(index, commit.stream);
    await this.log.append({ ...commit, stream, version: version + 1, commitId, at, events });
    this.heads.set(index, { version: version + events.length, hash: previousHash });
  }

  private renamed(index: number, text: string): string {
    const { account, username } = this.original;
    return text.replaceAll(account, accountId(index)).replaceAll(username, `user-${index}`);
  }
}
