import { useMemo, useState } from 'react';

interface Identified {
  readonly id: string;
}

/** What of a list is chosen. What the list has no more, or has on another page, is not. */
export function useChosen<Item extends Identified>(items: readonly Item[]) {
  const [ids, choose] = useState<ReadonlySet<string>>(new Set());
  const chosen = useMemo(() => items.filter(({ id }) => ids.has(id)), [items, ids]);
  const choosing = useMemo(() => ({ chosen: new Set(chosen.map(({ id }) => id)), choose }), [chosen]);
  return { chosen, choosing };
}
