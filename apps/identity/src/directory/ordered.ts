/** Items in order. What comes and goes is sorted in when somebody looks: of many at once, as at the start, each is placed once. */
export class Ordered<Item> {
  #sorted: Item[] = [];
  #fresh: Item[] = [];
  #hasGone = false;

  constructor(
    private readonly compare: (a: Item, b: Item) => number,
    /** Of an item that was put and has its place no more. */
    private readonly isGone: (item: Item) => boolean,
  ) {}

  put(item: Item): void {
    this.#fresh.push(item);
  }

  /** At least one is gone. */
  gone(): void {
    this.#hasGone = true;
  }

  items(): readonly Item[] {
    if (this.#hasGone) {
      const isThere = (item: Item) => !this.isGone(item);
      this.#sorted = this.#sorted.filter(isThere);
      this.#fresh = this.#fresh.filter(isThere);
      this.#hasGone = false;
    }
    if (this.#fresh.length > 0) {
      this.#sorted = merged(this.#sorted, this.#fresh.sort(this.compare), this.compare);
      this.#fresh = [];
    }
    return this.#sorted;
  }
}

function merged<Item>(one: readonly Item[], other: readonly Item[], compare: (a: Item, b: Item) => number): Item[] {
  if (one.length === 0) return [...other];
  const all: Item[] = [];
  let at = 0;
  for (const item of other) {
    while (at < one.length && compare(one[at]!, item) <= 0) all.push(one[at++]!);
    all.push(item);
  }
  while (at < one.length) all.push(one[at++]!);
  return all;
}

/** The first of what is sorted for which it is true; it is true for all that follow. */
export function firstWhere<Item>(sorted: readonly Item[], isTrue: (item: Item) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
