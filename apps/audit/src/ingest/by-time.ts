import type { Arrival } from '../trail/arrival.js';

/** What one source has brought; its own order stays. */
export interface Delivery {
  readonly arrivals: readonly Arrival[];
  /** Index of the first that is not taken yet. */
  next: number;
}

/** As far as a second may pass until an event can be read, events of different sources may be out of order. */
const TOLERANCE_MS = 500;

/**
 * Takes from all deliveries in the order of time, as far as none of them can have anything older to follow: up to the end of
 * the one that ends first. What is left waits for the next call. At least one delivery is then taken whole.
 */
export function takeByTime(deliveries: readonly Delivery[]): Arrival[] {
  const upTo = Math.min(...deliveries.map(endOf)) + TOLERANCE_MS;
  const taken: Arrival[] = [];
  for (;;) {
    let oldest: Delivery | undefined;
    for (const delivery of deliveries) {
      const next = delivery.arrivals[delivery.next];
      if (next === undefined || next.time > upTo) continue;
      if (oldest === undefined || timeOf(next) < timeOf(oldest.arrivals[oldest.next])) oldest = delivery;
    }
    const next = oldest?.arrivals[oldest.next];
    if (oldest === undefined || next === undefined) return taken;
    taken.push(next);
    oldest.next += 1;
  }
}

function endOf({ arrivals, next }: Delivery): number {
  let end = -Infinity;
  for (let i = next; i < arrivals.length; i++) end = Math.max(end, timeOf(arrivals[i]));
  return end;
}

/** An event that has no time waits for none. */
const timeOf = (arrival: Arrival | undefined): number =>
  arrival === undefined || Number.isNaN(arrival.time) ? -Infinity : arrival.time;
