import { type EventKind, kindOf } from '../../api/event-kind.js';
import type { RecordedEvent } from '../../api/queries.js';

/** What the chart tells apart. */
export const series = ['logins', 'failures', 'locks'] as const;
export type Series = (typeof series)[number];

const seriesOf: Readonly<Partial<Record<EventKind, Series>>> = {
  'identity.login-succeeded': 'logins',
  'identity.login-failed': 'failures',
  'identity.unknown-login-failed': 'failures',
  'two-factor.attempt-failed': 'failures',
  'two-factor.account-locked': 'locks',
};

export interface Count extends Record<Series, number> {
  /** Where the interval begins, milliseconds since 1970. */
  readonly at: number;
}

const MINUTE = 60_000;
const steps = [1, 5, 15, 60, 180, 720, 1440, 10_080].map((minutes) => minutes * MINUTE);
const MOST = 48;

/** Intervals of a round length, at most 48, that hold the whole span. */
export function intervalsOf(from: number, to: number): { start: number; step: number; count: number } {
  const count = (step: number) => Math.floor(to / step) - Math.floor(from / step) + 1;
  const step =
    steps.find((each) => count(each) <= MOST) ?? Math.ceil((to - from) / MOST / steps.at(-1)!) * steps.at(-1)!;
  return { start: Math.floor(from / step) * step, step, count: count(step) };
}

/** How many logins, failures and locks each interval had. */
export function countsOf(events: readonly Pick<RecordedEvent, 'type' | 'time'>[], from: number, to: number): Count[] {
  const { start, step, count } = intervalsOf(from, Math.max(from, to));
  const counts = Array.from({ length: count }, (_, i) => ({ at: start + i * step, logins: 0, failures: 0, locks: 0 }));
  for (const { type, time } of events) {
    const name = seriesOf[kindOf(type)];
    const interval = counts[Math.floor((Date.parse(time) - start) / step)];
    if (name && interval) interval[name] += 1;
  }
  return counts;
}
