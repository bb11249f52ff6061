import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { AppDefinition } from '#libs/platform/src/app.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { ExportController } from './export/export.controller.js';
import { Exports } from './export/exports.js';
import { SegmentIndex } from './index/segment-index.js';
import { Arrivals } from './ingest/arrivals.js';
import { ChainAlarm } from './ingest/chain-alarm.js';
import { IngestEvents } from './ingest/ingest.events.js';
import { Ingest } from './ingest/ingest.js';
import { KeptEvents } from './ingest/kept-events.js';
import { SegmentIndexer } from './ingest/segment-indexer.js';
import { StreamEnds } from './ingest/stream-ends.js';
import { TrailWriter } from './ingest/trail-writer.js';
import { AccountNames } from './query/account-names.js';
import { EventPages } from './query/event-pages.js';
import { EventsController } from './query/events.controller.js';
import { OpenedEvents } from './query/opened-events.js';
import { TrailReader } from './query/trail-reader.js';
import { LiveEvents } from './stream/live-events.js';
import { OpenStreams } from './stream/open-streams.js';
import { StreamController } from './stream/stream.controller.js';
import { ChainBreaks } from './trail/chain-breaks.js';
import { SeenHeads } from './trail/seen-heads.js';
import { Trail } from './trail/trail.js';

/** The reference audit consumer: takes in every event of every app, checks the chains, answers questions about them. */
@Module({
  controllers: [IngestEvents, EventsController, StreamController, ExportController],
  providers: [
    Trail,
    SegmentIndex,
    SeenHeads,
    ChainBreaks,
    ChainAlarm,
    StreamEnds,
    KeptEvents,
    SegmentIndexer,
    TrailWriter,
    Arrivals,
    Ingest,
    TrailReader,
    EventPages,
    OpenedEvents,
    AccountNames,
    LiveEvents,
    OpenStreams,
    Exports,
  ],
})
export class AuditModule implements OnModuleInit {
  constructor(
    private readonly trail: Trail,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    if (await this.trail.hasPresentForm()) return;
    const setting = this.config.mongoUrl === undefined ? 'DATA_DIR' : 'MONGO_URL';
    throw new SettingError(setting, 'has projections of another release; run `npm run rebuild` once');
  }
}

export const auditApp: AppDefinition = { name: 'audit', module: AuditModule };
