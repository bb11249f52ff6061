import { createHash, randomUUID } from 'node:crypto';
import type { Commit, CommitMetadata, EventLog, FeedItem, StoredEvent } from '../port.js';

export interface CommitParts {
  readonly stream?: string;
  readonly version?: number;
  readonly commitId?: string;
  /** How many, or their bodies. */
  readonly events?: number | readonly string[];
  readonly metadata?: CommitMetadata;
}

/** A commit that any engine takes; what is not given is made up. */
export function commitOf({
  stream = 'portal/account',
  version = 1,
  commitId = randomUUID(),
  events = 1,
  metadata = {},
}: CommitParts = {}): Commit {
  const bodies =
    typeof events === 'number'
      ? Array.from({ length: events }, (_, i) =>
          JSON.stringify({ id: `${commitId}.${i + 1}`, streamVersion: version + i }),
        )
      : events;
  return { stream, version, commitId, at: 1_764_000_000_000 + version, events: bodies.map(eventOf), metadata };
}

/** Commits that follow each other in one stream, with so many events each. */
export function commitsOf(stream: string, events: readonly number[]): Commit[] {
  let version = 1;
  return events.map((count) => {
    const commit = commitOf({ stream, version, events: count });
    version += count;
    return commit;
  });
}

/** The whole feed, read in small steps. */
export async function everything(log: EventLog, limit = 7): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  for (;;) {
    const step = await log.feed.read(items.at(-1)?.position ?? 0, limit);
    if (step.length === 0) return items;
    items.push(...step);
  }
}

function eventOf(body: string): StoredEvent {
  return { name: 'SomethingHappened', body, hash: createHash('sha256').update(body).digest('hex') };
}
