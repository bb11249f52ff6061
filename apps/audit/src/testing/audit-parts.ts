import { pino } from 'pino';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { appOf } from '#libs/contracts/src/events/event.js';
import type { Engine } from '#libs/engine/src/port.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { Arrivals } from '../ingest/arrivals.js';
import { ChainAlarm } from '../ingest/chain-alarm.js';
import { KeptEvents } from '../ingest/kept-events.js';
import { SegmentIndexer } from '../ingest/segment-indexer.js';
import { StreamEnds } from '../ingest/stream-ends.js';
import { TrailWriter } from '../ingest/trail-writer.js';
import { SegmentIndex } from '../index/segment-index.js';
import { EventPages } from '../query/event-pages.js';
import type { Order } from '../query/cursor.js';
import type { Filter } from '../query/filter.js';
import { OpenedEvents } from '../query/opened-events.js';
import { TrailReader } from '../query/trail-reader.js';
import { arrivalOf } from '../trail/arrival.js';
import { ChainBreaks } from '../trail/chain-breaks.js';
import { SeenHeads } from '../trail/seen-heads.js';
import { Trail } from '../trail/trail.js';

/** The audit app without Nest and bus. A second one on the same engine is another instance, or the next life of the first. */
export class AuditParts {
  readonly trail: Trail;
  readonly index: SegmentIndex;
  readonly heads: SeenHeads;
  readonly breaks: ChainBreaks;
  readonly metrics = new Metrics();
  readonly writer: TrailWriter;
  readonly reader: TrailReader;
  readonly pages: EventPages;
  readonly arrivals = new Arrivals();
  /** Nobody has keys. */
  readonly opened = new OpenedEvents(
    new Requests(async ({ payload }) => {
      const { sealed } = JSON.parse(payload) as { sealed: unknown[] };
      return JSON.stringify({ reply: { opened: sealed.map(() => null) } });
    }),
  );

  constructor(readonly engine: Pick<Engine, 'records'> = new MemoryEngine()) {
    this.trail = new Trail(engine);
    this.index = new SegmentIndex(engine);
    this.heads = new SeenHeads(engine);
    this.breaks = new ChainBreaks(engine);
    const alarm = new ChainAlarm(this.metrics, pino({ level: 'silent' }));
    this.reader = new TrailReader(this.trail, this.index);
    this.writer = new TrailWriter(
      this.trail,
      new StreamEnds(this.heads, this.trail),
      this.heads,
      new KeptEvents(this.trail, this.reader),
      new SegmentIndexer(this.trail, this.index),
      this.breaks,
      alarm,
      () => Date.UTC(2026, 0, 2),
    );
    this.pages = new EventPages(this.reader, this.trail);
  }

  async take(...events: RecordedEvent[]): Promise<void> {
    await this.writer.write(events.map((event) => arrivalOf(event, appOf(event.type))));
    this.arrivals.announce(new Set(events.map(({ portal }) => portal)));
    await this.writer.tidy();
  }

  /** All that matches, read page by page. */
  async all(
    filter: Filter = {},
    { portal = 'demo', limit = 200, order = 'oldest' }: { portal?: string; limit?: number; order?: Order } = {},
  ) {
    const events: RecordedEvent[] = [];
    let after: string | undefined;
    do {
      const page = await this.pages.page(portal, filter, { after, limit, order });
      events.push(...page.events);
      after = page.next ?? undefined;
    } while (after !== undefined);
    return events;
  }

  async foundBreaks(): Promise<{ kind: string; version: number }[]> {
    const found = [];
    for await (const { kind, version } of this.breaks.all()) found.push({ kind, version });
    return found;
  }
}
