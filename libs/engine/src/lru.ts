import { LRUCache } from 'lru-cache';

/**
 * The `most` values that were used last. Told of the number by `max`, the library makes room for all of them at once: with
 * tens of thousands that takes milliseconds at the start, and long-lived arrays of that size cost a tenth of the throughput.
 */
export const lruOf = <Value extends object | number | true>(most: number): LRUCache<string, Value> =>
  new LRUCache({ maxSize: most, sizeCalculation: () => 1 });
