import type { RecordedEvent } from '../../api/queries.js';

export interface Page {
  /** Newest first. */
  readonly events: readonly RecordedEvent[];
  readonly next: string | null;
}

/** Reads a page from the newest on, or after the `next` of the page before. */
export type Read = (after: string | undefined, signal: AbortSignal) => Promise<Page>;

export interface FeedState {
  /** Undefined: not read yet. */
  readonly listed: Page | undefined;
  /** Why it could not be read the last time. */
  readonly error: unknown;
  /** Older ones are being read. */
  readonly busy: boolean;
}

/** Events of a moment are drawn at once. */
const MOMENT_MS = 100;
/** After a look that failed. */
const RETRY_MS = 5_000;
/** Who has missed more begins anew. */
const MOST_MISSED = 500;

/** The newest events of a filter, older ones page by page, and those that happen. None is missed and none is there twice. */
export class EventFeed {
  #state: FeedState = { listed: undefined, error: undefined, busy: false };
  readonly #watchers = new Set<() => void>();
  readonly #stopped = new AbortController();
  /** Heard, and not in the list yet; the oldest first. */
  #come: RecordedEvent[] = [];
  #moment: ReturnType<typeof setTimeout> | undefined;
  #looking = false;
  /** Something may be missing. Until it was looked for nothing is put above it. */
  #asked = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly read: Read,
    private readonly matches: (event: RecordedEvent) => boolean,
    private readonly momentMs = MOMENT_MS,
  ) {}

  readonly state = (): FeedState => this.#state;
  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  };

  /** Of what happens. */
  hear(event: RecordedEvent): void {
    if (!this.matches(event)) return;
    this.#come.push(event);
    this.#moment ??= setTimeout(() => {
      this.#moment = undefined;
      this.#take();
    }, this.momentMs);
  }

  /** Reads what has come since, or the first page. `anew`: the first page alone, whatever was there. */
  async look({ anew = false } = {}): Promise<void> {
    this.#asked = true;
    if (this.#looking) return;
    this.#looking = true;
    clearTimeout(this.#retry);
    try {
      // what is asked for while it is being read may be newer than what is read
      for (; this.#asked; anew = false) {
        this.#asked = false;
        const found = await this.#newest(anew ? undefined : this.#state.listed);
        const { listed } = this.#state;
        this.#show({ error: undefined, listed: found.joins ? joined(listed, found) : found });
      }
    } catch (error) {
      this.#asked = true;
      this.#show({ error });
      if (!this.#stopped.signal.aborted) this.#retry = setTimeout(() => void this.look(), RETRY_MS);
    } finally {
      this.#looking = false;
    }
    this.#take();
  }

  /** Reads the next page of older ones. @throws why it could not be read */
  async older(): Promise<void> {
    const { listed, busy } = this.#state;
    const next = listed?.next ?? null;
    if (busy || next === null) return;
    this.#show({ busy: true });
    try {
      const page = await this.#nonEmpty(next);
      const present = this.#state.listed;
      // else it began anew meanwhile
      if (present?.next === next) this.#show({ listed: withOlder(present, page) });
    } finally {
      this.#show({ busy: false });
    }
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#moment);
    clearTimeout(this.#retry);
  }

  /** Whole pages, until one has an event that is known. */
  async #newest(known: Page | undefined): Promise<Page & { readonly joins: boolean }> {
    if (!known || known.events.length === 0) return { ...(await this.#nonEmpty(undefined)), joins: false };
    const ids = idsOf(known);
    const events: RecordedEvent[] = [];
    for (let after: string | undefined; ;) {
      const page = await this.read(after, this.#stopped.signal);
      events.push(...page.events);
      if (page.events.some(({ id }) => ids.has(id))) return { events, next: page.next, joins: true };
      if (page.next === null || events.length >= MOST_MISSED) return { events, next: page.next, joins: false };
      after = page.next;
    }
  }

  /** A page may be empty and have a next all the same: the server has looked at enough for one call. */
  async #nonEmpty(after: string | undefined): Promise<Page> {
    for (;;) {
      const page = await this.read(after, this.#stopped.signal);
      if (page.events.length > 0 || page.next === null) return page;
      after = page.next;
    }
  }

  #take(): void {
    const { listed } = this.#state;
    if (!listed || this.#asked || this.#looking || this.#come.length === 0) return;
    const ids = idsOf(listed);
    const come = this.#come.reverse().filter(({ id }) => !ids.has(id));
    this.#come = [];
    // so old an event was heard late, or recorded late: the server knows whether it is of this page or of a later one
    const oldest = listed.next === null ? '' : (listed.events.at(-1)?.time ?? '');
    const added = come.filter(({ time }) => time > oldest);
    if (added.length > 0) this.#show({ listed: { ...listed, events: [...added, ...listed.events] } });
    if (added.length < come.length) void this.look();
  }

  #show(changes: Partial<FeedState>): void {
    if (this.#stopped.signal.aborted) return;
    this.#state = { ...this.#state, ...changes };
    this.#watchers.forEach((watcher) => watcher());
  }
}

const idsOf = ({ events }: Page): ReadonlySet<string> => new Set(events.map(({ id }) => id));

/** What was read down to what was known, and what is older than that. */
function joined(listed: Page | undefined, found: Page): Page {
  if (!listed) return found;
  const ids = idsOf(found);
  return { ...listed, events: [...found.events, ...listed.events.filter(({ id }) => !ids.has(id))] };
}

function withOlder(listed: Page, { events, next }: Page): Page {
  const ids = idsOf(listed);
  return { events: [...listed.events, ...events.filter(({ id }) => !ids.has(id))], next };
}
