import { auditBreaks } from '#apps/audit/src/maintain/maintenance.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { LogProblem, LogReport } from '#libs/event-store/src/whole-log/verify.js';
import { LastVerification } from '#libs/platform/src/observing/last-verification.js';
import { readSettings } from '#libs/platform/src/settings/config.js';
import type { Options } from '../command/leaf.js';
import { say, tell } from '../command/output.js';
import { Progress } from '../command/progress.js';
import { type Stores, withStores } from './data.js';
import { logReports } from './log-reports.js';

/** Every log against itself, and against the heads that audit has seen. Beside a server or without one. False: one is not whole. */
export function verify({ json }: Options): Promise<boolean> {
  const progress = new Progress();
  const line = (text: string) => {
    progress.clear();
    if (json !== true) say(text);
  };
  return withStores({ readOnly: true }, async (stores) => {
    const told = { intact: true, logs: [] as (LogReport & { source: string })[], breaks: [] as object[] };
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
    await note(stores, told);
    line(told.intact ? 'The logs are intact.' : 'The logs are NOT intact.');
    if (json === true) say(JSON.stringify(told));
    return told.intact;
  });
}

interface Told {
  readonly intact: boolean;
  readonly logs: readonly LogReport[];
  readonly breaks: readonly unknown[];
}

/** For the operator's page. Who may only read the data is told the outcome all the same. */
async function note(stores: Stores<Engine>, { intact, logs, breaks }: Told): Promise<void> {
  const { MONGO_URL: mongoUrl, DATA_DIR: dataDir } = readSettings(process.env);
  const last = new LastVerification({ dataDir, ...(mongoUrl !== undefined && { mongoUrl }) }, stores['admin-policy']);
  try {
    await last.note({
      at: new Date().toISOString(),
      intact,
      events: logs.reduce((sum, { events }) => sum + events, 0),
      problems: logs.reduce((sum, { problems }) => sum + problems.length, 0),
      chainBreaks: breaks.length,
    });
  } catch (error) {
    tell(`The outcome could not be recorded: ${(error as Error).message}`);
  }
}

function describe({ kind, stream, version, detail }: LogProblem): string {
  return `${kind}: ${stream || 'the log'}${version > 0 ? ` event ${version}` : ''}: ${detail}`;
}
