import {
  type Commit,
  type EventLog,
  type Feed,
  type FeedItem,
  type Head,
  VersionConflict,
} from '#libs/engine/src/port.js';

/** An event log in memory for unit tests. `shared`: whether those who use it must expect others to append. */
export class MemoryLog implements EventLog {
  readonly shared: boolean;
  readonly #commits: Commit[] = [];
  readonly #streams = new Map<string, Commit[]>();
  readonly #listeners = new Set<() => void>();

  constructor({ shared = false }: { shared?: boolean } = {}) {
    this.shared = shared;
  }

  async append(commit: Commit): Promise<void> {
    const stream = this.#streams.get(commit.stream) ?? [];
    if (stream.some(({ version, commitId }) => version === commit.version && commitId === commit.commitId)) return;
    if (commit.version !== endOf(stream) + 1) throw new VersionConflict(commit.stream, commit.version);
    const stored = structuredClone(commit);
    this.#streams.set(commit.stream, [...stream, stored]);
    this.#commits.push(stored);
    for (const listener of this.#listeners) listener();
  }

  async read(stream: string, afterVersion = 0): Promise<Commit[]> {
    return structuredClone((this.#streams.get(stream) ?? []).filter(({ version }) => version > afterVersion));
  }

  async head(stream: string): Promise<Head | null> {
    const commits = this.#streams.get(stream) ?? [];
    const hash = commits.at(-1)?.events.at(-1)?.hash;
    return hash === undefined ? null : { version: endOf(commits), hash };
  }

  async findCommand(stream: string, commandId: string): Promise<Commit | null> {
    const found = this.#streams.get(stream)?.find(({ metadata }) => metadata.command?.id === commandId);
    return found === undefined ? null : structuredClone(found);
  }

  readonly feed: Feed = {
    read: async (after, limit): Promise<FeedItem[]> =>
      structuredClone(
        this.#commits.slice(after, after + limit).map((commit, index) => ({ position: after + index + 1, commit })),
      ),
    onAppend: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };
}

function endOf(stream: readonly Commit[]): number {
  const last = stream.at(-1);
  return last === undefined ? 0 : last.version + last.events.length - 1;
}
