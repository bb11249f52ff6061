import type { Positions, Posting, Trail } from '../trail/trail.js';

const PAGE = 64;

/**
 * Where any of these terms stands, by entry, each entry once; from the entry `first` to `last`. Comes in chunks, so that
 * whoever reads can give way in between.
 */
export async function* mergedPostings(
  trail: Pick<Trail, 'postings'>,
  portal: string,
  terms: readonly string[],
  first: number,
  last: number,
): AsyncGenerator<Posting[]> {
  for (let after = Math.max(0, first - 1); after < last;) {
    const lists = await Promise.all(terms.map((term) => trail.postings(portal, term, after, PAGE)));
    // A list that is full may go on: what the others have beyond its end has to wait.
    const horizon = Math.min(last, ...lists.map((list) => (list.length < PAGE ? last : (list.at(-1)?.number ?? last))));
    yield merged(lists.flat().filter(({ number }) => number <= horizon));
    after = horizon;
  }
}

function merged(postings: readonly Posting[]): Posting[] {
  const byEntry = new Map<number, Positions>();
  for (const { number, at } of postings) byEntry.set(number, [...(byEntry.get(number) ?? []), ...at]);
  return [...byEntry]
    .map(([number, at]) => ({ number, at: [...new Set(at)].sort((a, b) => a - b) }))
    .sort((a, b) => a.number - b.number);
}
