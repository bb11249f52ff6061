import { auditApp } from '#apps/audit/src/audit.module.js';
import { Ingest } from '#apps/audit/src/ingest/ingest.js';
import type { RecordedEvent, SourceApp } from '#libs/contracts/src/events/event.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import type { EventLog, FeedItem } from '#libs/engine/src/port.js';
import { recordedEvents } from '#libs/event-store/src/commit.js';
import { bringUpOnly } from '#apps/standalone/src/standalone.js';
import { withStores } from './data.js';

const ROUND = 512;

/** Takes the three logs into the emptied trail by the times of their commits, as they were taken in when they were new. */
export async function tellAudit(env: NodeJS.ProcessEnv, onTold: (events: number) => void): Promise<number> {
  const { apps, close } = await bringUpOnly([auditApp], env);
  try {
    const ingest = apps.get('audit')!.get(Ingest);
    return await withStores({ readOnly: true }, async (stores) => {
      let told = 0;
      let round: Promise<void>[] = [];
      for await (const { source, events } of byTime(
        sourceApps.map((source) => [source, stores[source].log] as const),
      )) {
        round.push(ingest.take(source, events));
        told += events.length;
        onTold(told);
        if (round.length < ROUND) continue;
        await Promise.all(round);
        round = [];
      }
      await Promise.all(round);
      return told;
    });
  } finally {
    await close();
  }
}

/** Each log in its own order; between logs the older commit first. */
async function* byTime(
  logs: readonly (readonly [SourceApp, EventLog])[],
): AsyncGenerator<{ source: SourceApp; events: RecordedEvent[] }> {
  const readers = logs.map(([source, log]) => ({
    source,
    items: itemsOf(log),
    next: undefined as FeedItem | undefined,
  }));
  for (const reader of readers) reader.next = await nextOf(reader.items);
  for (;;) {
    const [oldest] = readers
      .filter(({ next }) => next !== undefined)
      .sort((one, other) => one.next!.commit.at - other.next!.commit.at);
    if (oldest?.next === undefined) return;
    yield { source: oldest.source, events: recordedEvents(oldest.next.commit) };
    oldest.next = await nextOf(oldest.items);
  }
}

async function* itemsOf(log: EventLog): AsyncGenerator<FeedItem, void> {
  for (let after = 0; ;) {
    const page = await log.feed.read(after, ROUND);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}

async function nextOf(items: AsyncGenerator<FeedItem, void>): Promise<FeedItem | undefined> {
  const result = await items.next();
  return result.done ? undefined : result.value;
}
