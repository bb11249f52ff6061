import { join } from 'node:path';
import { open } from 'lmdb';
import { answerJobs } from '../process/child.js';

export interface AppendsJob {
  readonly folder: string;
  readonly appends: number;
  /** How many at once, each waiting until its own is durable. */
  readonly writers: number;
  /** Of what is appended. */
  readonly text: string;
}
export interface Appended {
  readonly perSecond: number;
  /** Processor time of one, microseconds. */
  readonly cpu: number;
}

/** LMDB alone: a put on the condition that nothing is there, opened as durable as the product opens it. */
answerJobs<AppendsJob, Appended>(async ({ folder, appends, writers, text }) => {
  const root = open({ path: join(folder, 'appends.mdb'), noSubdir: true, overlappingSync: false });
  const log = root.openDB<string, [string, number]>('log', { encoding: 'string' });
  const cpu = process.cpuUsage();
  const began = performance.now();
  const write = async (writer: number) => {
    for (let version = 1; version <= appends / writers; version++) {
      const key: [string, number] = [`bench/${writer}`, version];
      if (!(await log.ifNoExists(key, () => void log.put(key, text)))) throw new Error('there was something');
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  const seconds = (performance.now() - began) / 1_000;
  const used = process.cpuUsage(cpu);
  await root.close();
  return { perSecond: appends / seconds, cpu: (used.user + used.system) / appends };
});
