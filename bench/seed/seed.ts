import { inProcess } from '../process/child.js';
import type { Enrolment } from './enrol.js';
import type { Service } from './portal.js';

export interface SeedJob extends Enrolment {
  readonly env: Readonly<Record<string, string>>;
}
export interface Seeded {
  readonly service: Service;
  /** Of what was put in while the product was stopped. */
  readonly writtenInMs: number;
  /** Until every app had taken in what the others' logs say, from a start without a port. */
  readonly adoptedInMs: number;
}

export const seed = (job: SeedJob): Promise<Seeded> =>
  inProcess<SeedJob, Seeded>(new URL('./seed-process.js', import.meta.url), job);
