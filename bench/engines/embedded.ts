import type { BenchEngine } from './engine.js';

/** LMDB in DATA_DIR, the bus in the process: what the product uses when it is told nothing. */
export const embedded: BenchEngine = {
  start: async () => ({ env: {}, stop: async () => {} }),
  baselines: {
    appends: new URL('../baselines/lmdb-appends.js', import.meta.url),
    scan: new URL('../baselines/lmdb-scan.js', import.meta.url),
  },
};
