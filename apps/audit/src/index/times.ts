/** The earliest and the latest time (milliseconds); null: nothing has a time. */
export type Times = readonly [earliest: number, latest: number] | null;

export interface TimeRange {
  /** Milliseconds, both inclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export const isBounded = ({ from, to }: TimeRange): boolean => from !== undefined || to !== undefined;

/** Whether something with these times may be in the range. */
export function mayBeIn({ from = -Infinity, to = Infinity }: TimeRange, times: Times): boolean {
  return times !== null && times[0] <= to && times[1] >= from;
}

export function timesOf(times: Iterable<number>): Times {
  let [earliest, latest] = [Infinity, -Infinity];
  for (const time of times) {
    if (time < earliest) earliest = time;
    if (time > latest) latest = time;
  }
  return earliest <= latest ? [earliest, latest] : null;
}

/** Of all of them together. */
export const unionOf = (all: readonly Times[]): Times => timesOf(all.flatMap((times) => times ?? []));
