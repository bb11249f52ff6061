/** Between two times of doing it: the first while after a quiet one, doubled while there is something new each time. */
const LEAST_MS = 1_000;
const MOST_MS = 8_000;
/** What comes in one burst is one. */
const BURST_MS = 50;

export interface Gathering<Item> {
  add: (item: Item) => void;
  stop: () => void;
}

/** Does at once what one item asks for, and for many that come one after another what all of them ask for, less and less often. */
export function gathering<Item>(act: (items: readonly Item[]) => Promise<unknown>): Gathering<Item> {
  let items: Item[] = [];
  let pause = LEAST_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** It is being done, or is about to be, or rests: what comes is taken next time. */
  let busy = false;
  let stopped = false;

  const later = (next: () => void, ms: number) => {
    if (!stopped) timer = setTimeout(next, ms);
  };
  function run() {
    const taken = items;
    items = [];
    const rest = () => later(goOn, pause);
    act(taken).then(rest, rest);
  }
  function goOn() {
    busy = items.length > 0;
    pause = busy ? Math.min(2 * pause, MOST_MS) : LEAST_MS;
    if (busy) run();
  }
  return {
    add(item) {
      items.push(item);
      if (busy) return;
      busy = true;
      later(run, BURST_MS);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
