import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { testConfig } from '#libs/platform/src/testing/stand-ins.js';
import { AuditModule } from './audit.module.js';
import { rebuildAudit } from './maintain/maintenance.js';
import { AuditParts } from './testing/audit-parts.js';
import { RecordedStream } from './testing/recorded.js';
import { ENTRIES } from './trail/trail.js';

const start = ({ trail }: AuditParts) => new AuditModule(trail, testConfig).onModuleInit();

describe('a trail of another release', () => {
  it('is refused at the start, and made anew by a rebuild', async () => {
    const engine = new MemoryEngine();
    const [event] = new RecordedStream().take(1);
    const entry = { texts: [JSON.stringify(event)], newest: 0, disorder: 0, segment: 1, count: 1 };
    await engine.records(ENTRIES).create(['demo', 1], entry);
    await expect(start(new AuditParts(engine))).rejects.toThrow(
      'DATA_DIR has projections of another release; run `npm run rebuild` once',
    );
    await rebuildAudit(engine);
    const audit = new AuditParts(engine);
    await start(audit);
    await audit.take(event!);
    await start(new AuditParts(engine));
    expect(await audit.all()).toEqual([event]);
  });
});
