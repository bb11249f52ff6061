import { auditBreaks } from '#apps/audit/src/maintain/maintenance.js';
import type { LogProblem } from '#libs/event-store/src/whole-log/verify.js';
import type { Options } from '../command/leaf.js';
import { say } from '../command/output.js';
import { Progress } from '../command/progress.js';
import { withStores } from './data.js';
import { logReports } from './log-reports.js';

/** Every log against itself, and against the heads that audit has seen. Beside a server or without one. False: one is not whole. */
export function verify({ json }: Options): Promise<boolean> {
  const progress = new Progress();
  const line = (text: string) => {
    progress.clear();
    if (json !== true) say(text);
  };
  return withStores({ readOnly: true }, async (stores) => {
    const told = { intact: true, logs: [] as object[], breaks: [] as object[] };
    for await (const { source, events, streams, problems } of logReports(stores, progress)) {
      line(`${source}: ${events} events in ${streams} streams, ${problems.length || 'no'} problems`);
      for (const problem of problems) line(`  ${describe(problem)}`);
      told.logs.push({ source, events, streams, problems });
      told.intact &&= problems.length === 0;
    }
    for await (const { source, stream, version, kind } of auditBreaks(stores.audit)) {
      line(`audit: ${source} ${stream} event ${version} broke its hash chain when it arrived (${kind})`);
      told.breaks.push({ source, stream, version, kind });
      told.intact = false;
    }
    line(told.intact ? 'The logs are intact.' : 'The logs are NOT intact.');
    if (json === true) say(JSON.stringify(told));
    return told.intact;
  });
}

function describe({ kind, stream, version, detail }: LogProblem): string {
  return `${kind}: ${stream || 'the log'}${version > 0 ? ` event ${version}` : ''}: ${detail}`;
}
