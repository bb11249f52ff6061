import { inProcess } from '../process/child.js';
import type { Portal } from './portal.js';

export interface SeedJob {
  readonly env: Readonly<Record<string, string>>;
  readonly accounts: number;
  /** Events of each account in two-factor's log: those of its enrolment, then attempts. No attempts unless told. */
  readonly events?: number;
  /** Whether the apps are to take it in; else the logs have it, and the next start does. */
  readonly adopt: boolean;
}
export interface Seeded {
  readonly portal: Portal;
  /** In the log of two-factor. */
  readonly events: number;
  /** Of what was put in while the product was stopped. */
  readonly writtenInMs: number;
  /** Until every app had taken in what the others' logs say, from a start without a port. */
  readonly adoptedInMs: number;
}

export const seed = (job: SeedJob): Promise<Seeded> =>
  inProcess<SeedJob, Seeded>(new URL('./seed-process.js', import.meta.url), job);
