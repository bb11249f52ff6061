import type { RunningEngine, BenchEngine } from '../process/engine.js';
import type { Options } from '../options.js';
import type { Portal } from '../seed/portal.js';

export interface Context {
  readonly options: Options;
  readonly engine: BenchEngine & RunningEngine;
  /** Of the run; removed at its end. */
  readonly folder: string;
  /** The store with many accounts, made by the first section that asks for it. */
  readonly bigStore: () => Promise<BigStore>;
  readonly say: (line: string) => void;
}

export interface BigStore {
  readonly dataDir: string;
  readonly portal: Portal;
  /** In the log of two-factor. */
  readonly events: number;
}

/** What a section of the benchmarks found out. */
export interface Found {
  readonly title: string;
  /** The first row is the head. */
  readonly table: readonly (readonly string[])[];
  /** Everything that was measured, for the file. */
  readonly measured: object;
  readonly aims: readonly Aim[];
}

export interface Aim {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly atLeast?: number;
  readonly below?: number;
}

export const isMet = ({ value, atLeast = -Infinity, below = Infinity }: Aim): boolean =>
  value >= atLeast && value < below;

export type Section = (context: Context) => Promise<Found>;
