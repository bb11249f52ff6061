import type { Observation } from '../world/history.js';
import type { Cast } from '../world/cast.js';
import type { World } from '../world/world.js';
import { Ledger } from './ledger.js';

/** Clocks of instances are off by as much, one from another by twice that. */
export const SKEW_MS = 2_000;

/** What one look at a history finds wrong: a sentence, or nothing. */
export type Complain = (what: string) => void;

/** What always holds in a world, whatever happens in it. */
export interface Predicate {
  /** Of docs/rules.md. */
  readonly rule: string;
  readonly says: string;
  /** One for each world. */
  readonly begin: (complain: Complain, world: World) => Watching;
}
export interface Watching {
  readonly seen?: (observed: Observation) => void;
  /** Once nothing is on its way any more and no fault comes. */
  readonly atRest?: (cast: Cast) => void | Promise<void>;
}

/** A predicate that looks at an observation with what the history says by then. */
export const byLedger =
  (begin: (complain: Complain, ledger: Ledger, world: World) => Watching): Predicate['begin'] =>
  (complain, world) => {
    const ledger = new Ledger();
    const { seen, atRest } = begin(complain, ledger, world);
    return {
      seen: (observed) => {
        ledger.see(observed);
        seen?.(observed);
      },
      ...(atRest && { atRest }),
    };
  };
