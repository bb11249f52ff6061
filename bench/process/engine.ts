import { kafkaMongo } from './kafka-mongo.js';

/** An engine under the product, as the benchmarks bring it up. */
export interface BenchEngine {
  /** `folder` is there for its data, and is removed afterwards. */
  start(folder: string): Promise<RunningEngine>;
}

export interface RunningEngine {
  /** The settings that make the product use it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** LMDB in DATA_DIR, the bus in the process: what the product uses when it is told nothing. */
const embedded: BenchEngine = {
  start: async () => ({ env: {}, stop: async () => {} }),
};

const engines = { embedded, 'kafka-mongo': kafkaMongo } as const satisfies Record<string, BenchEngine>;
export type EngineName = keyof typeof engines;
export const engineNames = Object.keys(engines) as EngineName[];
export const engineOf = (name: EngineName): BenchEngine => engines[name];
