/** What of a commit counts for its place in the feed. Ids are in hex. */
export interface Link {
  readonly id: string;
  /** The commit before it in the stream; null for the first. */
  readonly previous: string | null;
}

/**
 * Of commits that wait for a place in the feed, those that may have one now, in the order given, except that none comes before
 * the one it follows. One whose previous is neither among them nor in the feed already waits.
 */
export function inOrder<Waiting extends Link>(
  waiting: readonly Waiting[],
  isInFeed: (id: string) => boolean,
): Waiting[] {
  const followers = new Map<string, Waiting>();
  const ordered: Waiting[] = [];
  const placed = new Set<string>();
  for (const commit of waiting) {
    const { previous } = commit;
    if (previous !== null && !placed.has(previous) && !isInFeed(previous)) {
      followers.set(previous, commit);
      continue;
    }
    for (let next: Waiting | undefined = commit; next !== undefined; next = followers.get(next.id)) {
      ordered.push(next);
      placed.add(next.id);
    }
  }
  return ordered;
}
