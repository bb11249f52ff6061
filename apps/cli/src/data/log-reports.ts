import { auditHeads } from '#apps/audit/src/maintain/maintenance.js';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import type { Engine } from '#libs/engine/src/port.js';
import { type LogReport, verifyHeads, verifyLog } from '#libs/event-store/src/whole-log/verify.js';
import { tell } from '../command/output.js';
import { Progress } from '../command/progress.js';
import { watched } from './watched.js';
import type { Stores } from './data.js';

/** Each log against itself, and against the heads that audit has seen. May be beside a server. */
export async function* logReports(
  stores: Stores<Engine>,
  progress = new Progress(),
): AsyncGenerator<LogReport & { readonly source: SourceApp }> {
  for (const source of sourceApps) {
    const log = watched(stores[source].log, (commits) => progress.at(`${source}: ${commits} entries read`));
    // Heads first: the log may grow meanwhile, and must then reach what was seen before.
    const seen = await verifyHeads(log, headsOf(stores.audit, source));
    const report = await verifyLog(log);
    yield { source, ...report, problems: [...report.problems, ...seen] };
  }
}

/** Names the logs that are not whole. */
export async function areWhole(stores: Stores<Engine>): Promise<boolean> {
  const progress = new Progress();
  let whole = true;
  for await (const { source, problems } of logReports(stores, progress)) {
    progress.clear();
    if (problems.length === 0) continue;
    tell(`The log of ${source} is NOT intact. Run twinlock verify for details.`);
    whole = false;
  }
  return whole;
}

async function* headsOf(audit: Pick<Engine, 'records'>, source: SourceApp) {
  for await (const head of auditHeads(audit)) if (head.source === source) yield head;
}
