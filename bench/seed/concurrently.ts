import pMap from 'p-map';

/** Works through 0 … count - 1, so many at once. */
export const concurrently = (count: number, concurrency: number, work: (index: number) => Promise<unknown>) =>
  pMap(Array(count).keys(), work, { concurrency });
