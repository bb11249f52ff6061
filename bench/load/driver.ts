import { once } from 'node:events';
import autocannon from 'autocannon';
import { answerJobs } from '../process/child.js';

export interface LoadJob {
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What each connection sends, in order; begun again when it is through. */
  readonly bodies: readonly (readonly string[])[];
  /** Requests of each connection. */
  readonly requests: number;
}

export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How many answers had which status, over the whole of the run. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How much of one processor the client used. */
  readonly clientBusy: number;
}

/**
 * autocannon in a process of its own. What is told is of the time when every connection is at work: from the start until the
 * first of them is through, without the first answer of each, which had to wait for the requests of the others to be built.
 */
answerJobs<LoadJob, Load>(async ({ url, path, headers, bodies, requests }) => {
  const connections = bodies.length;
  const answered = new Map<autocannon.Client, number>();
  const statuses: Record<string, number> = {};
  const latencies = new Float64Array(connections * requests);
  let counted = 0;
  let began = 0;
  let ended = 0;
  let left = connections * requests;
  let cpu = process.cpuUsage();

  const clients: autocannon.Client[] = [];
  const run = autocannon(
    {
      url,
      connections,
      amount: connections * requests,
      timeout: 60,
      setupClient: (client) => {
        const own = bodies[clients.push(client) - 1] ?? [];
        client.setRequests(own.map((body) => ({ method: 'POST', path, headers: { ...headers }, body })));
      },
    },
    () => {},
  );
  began = performance.now();
  cpu = process.cpuUsage();

  const through = new Promise<NodeJS.CpuUsage>((resolve) => {
    run.on('response', (client, status, _bytes, ms) => {
      const count = (answered.get(client) ?? 0) + 1;
      answered.set(client, count);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (ended === 0 && count > 1) latencies[counted++] = ms;
      if (ended === 0 && count === requests) {
        ended = performance.now();
        cpu = process.cpuUsage(cpu);
      }
      if (--left === 0) resolve(cpu);
    });
  });
  const finished = once(run, 'done').then(() => {
    if (left > 0) throw new Error(`${left} requests were not answered`);
  });
  const { user, system } = await Promise.race([through, finished.then(() => through)]);
  await finished;

  const sorted = latencies.subarray(0, counted).sort();
  const at = (share: number) => sorted[Math.min(counted - 1, Math.floor(share * counted))] ?? 0;
  return {
    perSecond: (counted / (ended - began)) * 1_000,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    statuses,
    clientBusy: (user + system) / 1_000 / (ended - began),
  };
});
