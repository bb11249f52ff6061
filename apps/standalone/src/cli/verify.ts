import { auditBreaks } from '#apps/audit/src/maintain/maintenance.js';
import type { LogProblem } from '#libs/event-store/src/whole-log/verify.js';
import { runTool, withStores } from './data.js';
import { logReports } from './log-reports.js';

/* `npm run verify`: every log against itself, and against the heads that audit has seen. Beside a server or without one. */

await runTool(() =>
  withStores({ readOnly: true }, async (stores) => {
    let sound = true;
    for await (const { source, events, streams, problems } of logReports(stores)) {
      console.log(`${source}: ${events} events in ${streams} streams, ${problems.length || 'no'} problems`);
      for (const problem of problems) console.log(`  ${describe(problem)}`);
      sound &&= problems.length === 0;
    }
    for await (const { source, stream, version, kind } of auditBreaks(stores.audit)) {
      console.log(`audit: ${source} ${stream} event ${version} broke its hash chain when it arrived (${kind})`);
      sound = false;
    }
    console.log(sound ? 'The logs are intact.' : 'The logs are NOT intact.');
    return sound;
  }),
);

function describe({ kind, stream, version, detail }: LogProblem): string {
  return `${kind}: ${stream || 'the log'}${version > 0 ? ` event ${version}` : ''}: ${detail}`;
}
