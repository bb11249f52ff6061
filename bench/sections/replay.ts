import { recordedEvents } from '#libs/event-store/src/commit.js';
import { lmdb } from '../baselines/lmdb.js';
import type { Scanned, ScanJob } from '../baselines/lmdb-scan.js';
import { inProcess } from '../process/child.js';
import { productEnv } from '../process/product.js';
import { figure } from '../report/figures.js';
import type { Context, Found } from './section.js';
import type { Replayed, ReplayJob } from './replay-process.js';

const process = new URL('./replay-process.js', import.meta.url);

/** Folding the whole log, and making every snapshot of it again, beside reading as much from bare LMDB. */
export async function replay(context: Context): Promise<Found> {
  const { dataDir, events, portal } = await context.bigStore();
  const { wrongCode } = portal;
  const { engine, folder } = context;
  const env = productEnv(dataDir, engine);
  const scanned = await inProcess<ScanJob, Scanned>(lmdb.scan, {
    folder,
    commits: events,
    // as values: what is left to be decoded when a log keeps its events as it likes
    commit: { ...wrongCode, events: recordedEvents(wrongCode) },
  });
  const replayed = await inProcess<ReplayJob, Replayed>(process, { env, events });
  const row = (what: string, perSecond: number) => [what, figure(perSecond), figure(perSecond / scanned.perSecond)];
  return {
    title: `Replay of ${figure(replayed.events)} events of ${figure(replayed.streams)} streams`,
    table: [
      ['', 'events per second', 'of the scan'],
      ['bare LMDB scan, events decoded', figure(scanned.perSecond), '1'],
      row('reading the log', replayed.read),
      row('replay: read, checked, folded', replayed.replay),
      row('rebuild: a snapshot of each stream as well', replayed.rebuild),
    ],
    measured: { scanned, replayed },
    aims: [
      { what: 'replay, of the scan', value: replayed.replay / scanned.perSecond, unit: '', atLeast: 0.5 },
      { what: 'rebuild, of the scan', value: replayed.rebuild / scanned.perSecond, unit: '', atLeast: 0.5 },
    ],
  };
}
