/** Items in order. What comes and goes is sorted in when somebody looks: of many at once, as at the start, each is placed once. */
export class Ordered<Item> {
  #sorted: Item[] = [];
  #fresh: Item[] = [];
  #leaving: Item[] = [];

  constructor(
    /** By what never changes of an item. */
    private readonly compare: (a: Item, b: Item) => number,
    /** Of an item that was put and has its place no more. */
    private readonly isGone: (item: Item) => boolean,
  ) {}

  put(item: Item): void {
    this.#fresh.push(item);
  }

  /** That one, or one that is equal to it in this order. */
  remove(item: Item): void {
    this.#leaving.push(item);
  }

  items(): readonly Item[] {
    const isThere = (item: Item) => !this.isGone(item);
    const [fresh, leaving] = [this.#fresh.filter(isThere), this.#leaving];
    this.#fresh = [];
    this.#leaving = [];
    if (fresh.length + leaving.length <= FEW) {
      for (const item of leaving) this.#takeOut(item);
      for (const item of fresh) this.#sorted.splice(this.#placeOf(item), 0, item);
    } else {
      if (leaving.length > 0) this.#sorted = this.#sorted.filter(isThere);
      this.#sorted = merged(this.#sorted, fresh.sort(this.compare), this.compare);
    }
    return this.#sorted;
  }

  /** What had not been sorted in yet is not there. */
  #takeOut(item: Item): void {
    const place = this.#placeOf(item);
    const found = this.#sorted[place];
    if (found !== undefined && this.compare(found, item) === 0) this.#sorted.splice(place, 1);
  }

  #placeOf(item: Item): number {
    return firstWhere(this.#sorted, (other) => this.compare(other, item) >= 0);
  }
}

/** So many are put in their places one by one; of more the whole is made anew. */
const FEW = 32;

function merged<Item>(one: readonly Item[], other: readonly Item[], compare: (a: Item, b: Item) => number): Item[] {
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
