import type { BenchEngine } from './engine.js';

/** LMDB in DATA_DIR, the bus in the process: what the product uses when it is told nothing. */
export const embedded: BenchEngine = {
  start: async () => ({ env: {}, stop: async () => {} }),
};

/** What its storage can do at best: modules that are run in a process of their own. */
export const lmdb = {
  /** Conditional durable appends (`AppendsJob` → `Appended`). */
  appends: new URL('../baselines/lmdb-appends.js', import.meta.url),
  /** Reading all of a log, decoded (`ScanJob` → `Scanned`). */
  scan: new URL('../baselines/lmdb-scan.js', import.meta.url),
};
