import { type AccountRef, partsOf } from '#libs/contracts/src/stream.js';
import type { Feed } from '#libs/engine/src/port.js';
import type { LastLogin } from './last-logins.js';

/** What of a part of the log the directory goes by. */
export interface Appended {
  /** Accounts of which something changed that stands in it, each once. */
  readonly changed: readonly AccountRef[];
  /** The last one of each account. */
  readonly logins: readonly LastLogin[];
  /** The position of the last commit. */
  readonly read: number;
}

const BATCH = 500;
/** Names of the events that change what stands there. */
const shown: ReadonlySet<string> = new Set([
  'AccountRegistered',
  'AccountChanged',
  'PasswordChanged',
  'AccountSuspended',
  'AccountResumed',
  'AccountDeleted',
]);

/** What was appended after that position, a batch at a time. */
export async function* appendedAfter(feed: Feed, position: number): AsyncGenerator<Appended, void> {
  for (let after = position; ;) {
    const items = await feed.read(after, BATCH);
    const read = items.at(-1)?.position;
    if (read === undefined) return;
    const changed = new Set<string>();
    const logins = new Map<string, number>();
    for (const { commit } of items) {
      if (commit.events.some(({ name }) => shown.has(name))) changed.add(commit.stream);
      if (commit.events.some(({ name }) => name === 'LoginSucceeded')) logins.set(commit.stream, commit.at);
    }
    yield {
      changed: [...changed].map(refOf),
      logins: [...logins].map(([stream, at]) => ({ ...refOf(stream), at })),
      read,
    };
    after = read;
  }
}

function refOf(stream: string): AccountRef {
  const { portal, account: accountId = '' } = partsOf(stream);
  return { portal, accountId };
}
