import { embedded } from './embedded.js';

/** An engine under the product, as the benchmarks bring it up. */
export interface BenchEngine {
  /** `folder` is there for its data, and is removed afterwards. */
  start(folder: string): Promise<RunningEngine>;
  /** What the engine's storage can do at best: modules that are run in a process of their own. */
  readonly baselines: {
    /** Conditional durable appends (`AppendsJob` → `Appended`). */
    readonly appends: URL;
    /** Reading all of a log, decoded (`ScanJob` → `Scanned`). */
    readonly scan: URL;
  };
}

export interface RunningEngine {
  /** The settings that make the product use it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const engines = { embedded } as const satisfies Record<string, BenchEngine>;
export type EngineName = keyof typeof engines;
export const engineNames = Object.keys(engines) as EngineName[];
export const engineOf = (name: EngineName): BenchEngine => engines[name];
