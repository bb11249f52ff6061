import {
  type Commit,
  type EventLog,
  type Feed,
  type FeedItem,
  type Head,
  VersionConflict,
} from '#libs/engine/src/port.js';

export interface MemoryLogOptions {
  /** Whether those who use it must expect others to append. */
  readonly shared?: boolean;
  /** What an earlier log has stored. */
  readonly stored?: Commit[];
  /** Throws when the log must not serve. */
  readonly guard?: () => void;
}

/** An event log in memory, for unit tests. What goes in and what comes out are copies, as from any store. */
export class MemoryLog implements EventLog {
  readonly shared: boolean;
  readonly feed: Feed;
  readonly #commits: Commit[];
  readonly #streams = new Map<string, Commit[]>();
  readonly #listeners = new Set<() => void>();
  readonly #guard: () => void;

  constructor({ shared = false, stored = [], guard = () => undefined }: MemoryLogOptions = {}) {
    this.shared = shared;
    this.#commits = stored;
    this.#guard = guard;
    for (const commit of stored) this.#streamOf(commit).push(commit);
    this.feed = {
      read: async (after, limit) => this.#readAll(after, limit),
      onAppend: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  async append(commit: Commit): Promise<void> {
    this.#guard();
    const stream = this.#streamOf(commit);
    if (commit.version !== endOf(stream) + 1) {
      const there = stream.find(({ version }) => version === commit.version);
      if (there?.commitId === commit.commitId) return;
      throw new VersionConflict(commit.stream, commit.version);
    }
    const stored = structuredClone(commit);
    stream.push(stored);
    this.#commits.push(stored);
    for (const listener of this.#listeners) listener();
  }

  async read(stream: string, afterVersion = 0): Promise<Commit[]> {
    this.#guard();
    return structuredClone((this.#streams.get(stream) ?? []).filter(({ version }) => version > afterVersion));
  }

  async head(stream: string): Promise<Head | null> {
    this.#guard();
    const commits = this.#streams.get(stream) ?? [];
    const hash = commits.at(-1)?.events.at(-1)?.hash;
    return hash === undefined ? null : { version: endOf(commits), hash };
  }

  async findCommand(stream: string, commandId: string): Promise<Commit | null> {
    this.#guard();
    const found = this.#streams.get(stream)?.find(({ metadata }) => metadata.command?.id === commandId);
    return found === undefined ? null : structuredClone(found);
  }

  #readAll(after: number, limit: number): FeedItem[] {
    this.#guard();
    const commits = structuredClone(this.#commits.slice(after, after + limit));
    return commits.map((commit, index) => ({ position: after + index + 1, commit }));
  }

  #streamOf({ stream }: Commit): Commit[] {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const commits: Commit[] = [];
    this.#streams.set(stream, commits);
    return commits;
  }
}

function endOf(stream: readonly Commit[]): number {
  const last = stream.at(-1);
  return last === undefined ? 0 : last.version + last.events.length - 1;
}
