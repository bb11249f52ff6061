import { inProcess } from '../process/child.js';
import type { Service } from '../seed/portal.js';

export interface SeedStoresJob {
  readonly env: Readonly<Record<string, string>>;
  readonly accounts: number;
}

export const seedStores = (job: SeedStoresJob): Promise<Service> =>
  inProcess<SeedStoresJob, Service>(new URL('./seed-process.js', import.meta.url), job);
