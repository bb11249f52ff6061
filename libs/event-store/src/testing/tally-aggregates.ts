import type { Context } from '#libs/contracts/src/context.js';
import type { EventLog } from '#libs/engine/src/port.js';
import { Aggregates } from '../aggregates.js';
import type { Recorded } from '../decision.js';
import type { Snapshot } from '../stream/snapshots.js';
import { MemoryRecords } from './memory-engine.js';
import { MemoryLog } from './memory-log.js';
import { count, type Tally, tally } from './tally.js';

export const stream = 'demo/a1';
export const context: Context = { actor: { kind: 'user', id: 'a1' }, correlationId: 'r1', entrance: 'http' };

/** What was answered, and the version that the stream had by then. */
export const outcome = <Answer>({ answer, recorded }: { answer: Answer; recorded: Recorded }) => ({
  answer,
  version: Math.max(0, ...Object.values(recorded.versions)),
});

/** A process that counts in `stream`, unless told; the time is `time.now`, and what it logs and meets of damage is kept. */
export function startTally({ log = new MemoryLog(), fold = tally }: { log?: EventLog; fold?: typeof tally } = {}) {
  const snapshots = new MemoryRecords<Snapshot<Tally>>();
  const time = { now: 1_000 };
  const logged: { level: 'warn' | 'error'; fields: object; message: string }[] = [];
  const damages: Error[] = [];
  const aggregates = new Aggregates(fold, {
    log,
    onDamage: (damage) => void damages.push(damage),
    snapshots,
    clock: () => time.now,
    logger: {
      warn: (fields, message) => logged.push({ level: 'warn', fields, message }),
      error: (fields, message) => logged.push({ level: 'error', fields, message }),
    },
  });
  const counting = (by: number, note: string, on = stream) => aggregates.execute(on, context, count(by, note, 1_000));
  return { aggregates, counting, log, time, logged, damages };
}
