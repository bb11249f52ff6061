/** What so many at once came to. */
export interface Flow {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Each lane does one piece of work after the other. What is told ends when the first lane is through. */
export async function inFlight(
  lanes: number,
  ofEach: number,
  work: (lane: number, index: number) => Promise<unknown>,
): Promise<Flow> {
  const latencies: number[] = [];
  const began = performance.now();
  let ended = 0;
  const run = async (lane: number) => {
    for (let index = 0; index < ofEach; index++) {
      const sent = performance.now();
      await work(lane, index);
      const now = performance.now();
      if (ended === 0) latencies.push(now - sent);
      if (index === ofEach - 1 && ended === 0) ended = now;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)));
  return { perSecond: (latencies.length / (ended - began)) * 1_000, ...percentiles(latencies) };
}

export function percentiles(milliseconds: readonly number[]): { p50: number; p99: number } {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
