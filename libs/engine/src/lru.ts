import { LRUCache } from 'lru-cache';

/**
 * The `most` values that were used last, each for `ttl` milliseconds at most. Told of the number by `max`, the library makes room for all of them at once: with
 * tens of thousands that takes milliseconds at the start, and long-lived arrays of that size cost a tenth of the throughput.
 */
export const lruOf = <Value extends object | number | true>(most: number, ttl?: number): LRUCache<string, Value> =>
  new LRUCache({ maxSize: most, sizeCalculation: () => 1, ...(ttl !== undefined && { ttl }) });
