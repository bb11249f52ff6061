import { setTimeout as sleep } from 'node:timers/promises';
import { answerJobs } from '../process/child.js';
import { percentiles } from '../servers/in-flight.js';

export interface SteadyJob {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What each lane sends, one after the other; all have as many. */
  readonly bodies: readonly (readonly string[])[];
  /** Of all lanes, at equal distances. */
  readonly perSecond: number;
}

export interface Steady {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly statuses: Readonly<Record<string, number>>;
}

/**
 * Each request at its time, however long earlier ones take: who waits in a lane behind a slow answer has waited too, and its
 * time runs from when it was to be sent.
 */
async function drive({ url, headers, bodies, perSecond }: SteadyJob): Promise<Steady> {
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const began = performance.now();
  const run = async (lane: number, own: readonly string[]) => {
    for (const [turn, body] of own.entries()) {
      const due = began + ((turn * bodies.length + lane) / perSecond) * 1_000;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      // a timer that is late is no delay of the server
      const sent = early > 0 ? performance.now() : due;
      const response = await fetch(url, { method: 'POST', headers, body });
      await response.arrayBuffer();
      latencies.push(performance.now() - sent);
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    }
  };
  await Promise.all(bodies.map((own, lane) => run(lane, own)));
  return { ...percentiles(latencies), max: Math.max(...latencies), statuses };
}

answerJobs<SteadyJob, Steady>(drive);
