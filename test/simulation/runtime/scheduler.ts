import { AsyncLocalStorage } from 'node:async_hooks';
import { Random } from '#test/support/random.js';

/** What may die, and what it was about to do with it. */
export interface Owner {
  readonly name: string;
  readonly alive: boolean;
}

export interface Task {
  /** Simulated milliseconds. */
  readonly at: number;
  /** Decides between tasks of one time. */
  readonly tie: number;
  readonly run: () => unknown;
  /** Undefined: the world's. */
  readonly owner: Owner | undefined;
  cancelled: boolean;
}

/** Taken before they are replaced. */
const turn = globalThis.setImmediate;
const realTimeout = globalThis.setTimeout;
const owners = new AsyncLocalStorage<Owner | undefined>();

/** Whoever did what led to this line. */
export const present = (): Owner | undefined => owners.getStore();
export const as = <T>(owner: Owner | undefined, work: () => T): T => owners.run(owner, work);

/** Decides in which order everything happens, and what time it is meanwhile. One task at a time, and all that follows from it at once. */
export class Scheduler {
  /** Milliseconds since 1970. */
  now: number;
  steps = 0;
  /** Work on other threads whose turn has come: nothing else goes on before it is done. */
  threads = 0;
  /** Bytes that nothing depends on, as those of IVs: they are asked for in an order that an earlier run in this process may change. */
  readonly noise: Random;
  /** What is fetched from outside; undefined: nobody answers. */
  outside: (url: URL, content: string) => string | undefined = () => undefined;
  readonly #heap: Task[] = [];

  constructor(
    readonly random: Random,
    startAt: number,
  ) {
    this.now = startAt;
    this.noise = new Random(random.bits());
  }

  after(ms: number, run: () => unknown, owner = present()): Task {
    const task = { at: this.now + Math.max(0, ms), tie: this.random.bits(), run, owner, cancelled: false };
    this.#push(task);
    return task;
  }

  /** Resolves so much later, unless its owner has died by then. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** The next task, and what follows from it without waiting. False: there is none. */
  async step(): Promise<boolean> {
    for (let task = this.#pop(); task; task = this.#pop()) {
      if (task.cancelled || task.owner?.alive === false) continue;
      const { run } = task;
      this.now = Math.max(this.now, task.at);
      this.steps += 1;
      as(task.owner, () => void run());
      do await settled();
      while (this.threads > 0);
      return true;
    }
    return false;
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(task, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = task;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (one: Task, other: Task): boolean => one.at < other.at || (one.at === other.at && one.tie < other.tie);

/** Every promise that could go on has, and every `process.nextTick` as well. */
export const settled = (): Promise<void> => new Promise((resolve) => turn(resolve));

/** For what is loaded from files when it is first used. */
export const realPause = (): Promise<void> => new Promise((resolve) => realTimeout(resolve, 1));
