import { z } from 'zod';
import { type DomainEvents, eventsOf, olderVersion } from '#libs/contracts/src/events/event.js';
import { opaqueId } from '#libs/contracts/src/primitives.js';
import type { Decision, Fold } from '../decision.js';

const event = eventsOf('two-factor');

/** The smallest domain that has what the real ones have: a count, a limit that closes, a decision of two events. */
export const tallyEvents = {
  Counted: event(
    'Counted',
    'The count went up.',
    z.strictObject({ by: z.int().positive(), note: opaqueId }),
    { by: 1, note: 'n1' },
    // Version 1 had no note and called the number otherwise.
    { older: { 1: olderVersion(z.strictObject({ amount: z.int() }), ({ amount }) => ({ by: amount, note: 'none' })) } },
  ),
  TallyClosed: event('TallyClosed', 'The limit was reached.', z.strictObject({}), {}),
} as const;
export type TallyEvent = DomainEvents<typeof tallyEvents>;

export interface Tally {
  readonly sum: number;
  readonly closed: boolean;
  readonly notes: readonly string[];
  readonly lastAt: number;
}

export const tally: Fold<Tally, TallyEvent> = {
  app: 'two-factor',
  contracts: tallyEvents,
  initial: { sum: 0, closed: false, notes: [], lastAt: 0 },
  evolve: (state, event, at) => {
    switch (event.type) {
      case 'Counted':
        return { ...state, sum: state.sum + event.data.by, notes: [...state.notes, event.data.note], lastAt: at };
      case 'TallyClosed':
        return { ...state, closed: true, lastAt: at };
      default:
        return event satisfies never;
    }
  },
  snapshotVersion: 1,
};

export type CountAnswer = 'counted' | 'closed';

/** Counts until the sum reaches the limit; the count that reaches it closes. */
export const count =
  (by: number, note: string, limit = Infinity) =>
  ({ sum, closed }: Tally): Decision<TallyEvent, CountAnswer> => {
    if (closed) return { events: [], answer: 'closed' };
    const counted: TallyEvent = { type: 'Counted', data: { by, note } };
    return sum + by < limit
      ? { events: [counted], answer: 'counted' }
      : { events: [counted, { type: 'TallyClosed', data: {} }], answer: 'closed' };
  };
