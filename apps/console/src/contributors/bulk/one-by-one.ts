import { NotProved } from '../../api/problem.js';

/** So many calls are under way at once. */
const SIDE_BY_SIDE = 4;

export interface Outcome<Item> {
  done: number;
  failed: readonly { item: Item; error: unknown }[];
  /** Not tried: it was stopped, or the person would not prove who they are. */
  left: readonly Item[];
}

interface Course<Item> {
  act: (item: Item) => Promise<unknown>;
  isStopped: () => boolean;
  /** After each: how many have been tried. */
  onTried: (count: number) => void;
}

/** The first alone, so that the proof it may ask for is there for the others; these a few side by side. */
export async function oneByOne<Item>(items: readonly Item[], course: Course<Item>): Promise<Outcome<Item>> {
  const { act, isStopped, onTried } = course;
  const errors = new Map<Item, unknown>();
  const done = new Set<Item>();
  let next = 0;
  let refused = false;

  async function tryNext(): Promise<void> {
    const item = items[next]!;
    next += 1;
    try {
      await act(item);
      done.add(item);
    } catch (error) {
      if (error instanceof NotProved) return void (refused = true);
      errors.set(item, error);
    }
    onTried(done.size + errors.size);
  }
  const goesOn = () => next < items.length && !refused && !isStopped();
  async function work(): Promise<void> {
    while (goesOn()) await tryNext();
  }

  if (goesOn()) await tryNext();
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return {
    done: done.size,
    failed: items.filter((item) => errors.has(item)).map((item) => ({ item, error: errors.get(item) })),
    left: items.filter((item) => !done.has(item) && !errors.has(item)),
  };
}
