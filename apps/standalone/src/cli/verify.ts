import { auditBreaks, auditHeads } from '#apps/audit/src/maintain/maintenance.js';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import type { Engine } from '#libs/engine/src/port.js';
import { type LogProblem, verifyHeads, verifyLog } from '#libs/event-store/src/whole-log/verify.js';
import { runTool, withStores } from './data.js';

/* `npm run verify`: every log against itself, and against the heads that audit has seen. Beside a server or without one. */

await runTool(() =>
  withStores({ readOnly: true }, async (stores) => {
    let sound = true;
    for (const source of sourceApps) {
      const { log } = stores[source];
      // Heads first: the log may grow meanwhile, and must then reach what was seen before.
      const seen = await verifyHeads(log, headsOf(stores.audit, source));
      const { events, streams, problems } = await verifyLog(log);
      const found = [...problems, ...seen];
      console.log(`${source}: ${events} events in ${streams} streams, ${found.length || 'no'} problems`);
      for (const problem of found) console.log(`  ${describe(problem)}`);
      sound &&= found.length === 0;
    }
    for await (const { source, stream, version, kind } of auditBreaks(stores.audit)) {
      console.log(`audit: ${source} ${stream} event ${version} did not fit its chain when it arrived (${kind})`);
      sound = false;
    }
    console.log(sound ? 'The logs are whole.' : 'The logs are NOT whole.');
    return sound;
  }),
);

async function* headsOf(audit: Pick<Engine, 'records'>, source: SourceApp) {
  for await (const head of auditHeads(audit)) if (head.source === source) yield head;
}

function describe({ kind, stream, version, detail }: LogProblem): string {
  return `${kind}: ${stream || 'the log'}${version > 0 ? ` event ${version}` : ''}: ${detail}`;
}
