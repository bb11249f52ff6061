import { join } from 'node:path';
import { open } from 'lmdb';
import { answerJobs } from '../process/child.js';

export interface ScanJob {
  readonly folder: string;
  /** How many are written and read. */
  readonly commits: number;
  /** The commit that they all are like. */
  readonly commit: object;
}
export interface Scanned {
  readonly perSecond: number;
}

/** LMDB alone: commits as values of its own encoding, all read and decoded. */
answerJobs<ScanJob, Scanned>(async ({ folder, commits, commit }) => {
  const root = open({ path: join(folder, 'scan.mdb'), noSubdir: true, noSync: true });
  const log = root.openDB<object, number>('log', {});
  for (let position = 1; position <= commits; position++) {
    const written = log.put(position, { ...commit, position });
    if (position % 10_000 === 0 || position === commits) await written;
  }
  let best = 0;
  for (let round = 0; round < 3; round++) {
    const began = performance.now();
    let read = 0;
    for (const { value } of log.getRange({})) if ('position' in value) read++;
    if (read !== commits) throw new Error(`${read} of ${commits} commits were read`);
    best = Math.max(best, (read / (performance.now() - began)) * 1_000);
  }
  await root.close();
  return { perSecond: best };
});
