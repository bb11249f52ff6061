import type { Server } from '../process/server.js';
import { cpuOf } from '../process/usage.js';
import type { Worker } from '../process/child.js';
import type { Load, LoadJob } from './driver.js';

export const driver = new URL('./driver.js', import.meta.url);

export interface Driven extends Load {
  /** Processor time of the server for one answer, microseconds, all of its threads; null where it cannot be told. */
  readonly serverCpu: number | null;
}

export async function drive(client: Worker, server: Server, job: Omit<LoadJob, 'url'>): Promise<Driven> {
  const before = cpuOf(server.pid);
  const load = await client.do<LoadJob, Load>({ ...job, url: server.url });
  const after = cpuOf(server.pid);
  const answers = job.bodies.length * job.requests;
  return { ...load, serverCpu: before === null || after === null ? null : (after - before) / answers };
}
