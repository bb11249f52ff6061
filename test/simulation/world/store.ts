import {
  type Commit,
  type Engine,
  type EventLog,
  type Key,
  type Records,
  StoreUnavailable,
} from '#libs/engine/src/port.js';
import { emptyMemory, MemoryEngine, type StoredRecords } from '#libs/event-store/src/testing/memory-engine.js';
import { as, type Owner } from '../runtime/scheduler.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { World } from './world.js';

/** The database of one app, which all its instances share. What is written in it stays, whoever dies. */
export class Database {
  /** Nothing answers until then. */
  awayUntil = 0;
  readonly #stored = emptyMemory();
  readonly memory = new MemoryEngine({ shared: true, memory: this.#stored });

  constructor(
    readonly app: AppName,
    private readonly world: World,
  ) {}

  /** In the order in which they were appended. */
  get commits(): readonly Commit[] {
    return this.#stored.commits;
  }

  /** What stands in a collection now. */
  stored<Value = unknown>(collection: string): readonly { readonly key: Key; readonly value: Value }[] {
    return (this.#stored.records.get(collection) ?? []) as StoredRecords<Value>;
  }

  get collections(): readonly string[] {
    return [...this.#stored.records.keys()];
  }

  /** As an instance sees it: each call takes its time, may fail, and may have happened all the same. */
  for(process: Owner): Engine {
    const { memory } = this;
    const look =
      <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
      (...args: Args): Promise<Value> =>
        this.#look(process, () => call(...args));
    const write =
      <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
      (...args: Args): Promise<Value> =>
        this.#write(process, () => call(...args));
    const listeners = new Set<() => void>();
    const { log } = memory;
    const append = write((commit: Commit) => log.append(commit));
    const seen: EventLog = {
      shared: true,
      append: async (commit) => {
        await append(commit);
        for (const listener of listeners) listener();
      },
      read: look((stream, after) => log.read(stream, after)),
      head: look((stream) => log.head(stream)),
      findCommand: look((stream, id) => log.findCommand(stream, id)),
      feed: {
        read: look((after, limit) => log.feed.read(after, limit)),
        onAppend: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
    };
    const records = <Value>(name: string): Records<Value> => {
      const inner = memory.records<Value>(name);
      return {
        get: look((key) => inner.get(key)),
        list: look((range) => inner.list(range)),
        put: write((key, value) => inner.put(key, value)),
        create: write((key, value) => inner.create(key, value)),
        replace: write((key, expected, value) => inner.replace(key, expected, value)),
        delete: write((key) => inner.delete(key)),
        remove: write((key, expected) => inner.remove(key, expected)),
        write: write((operations) => inner.write(operations)),
        clear: write(() => inner.clear()),
      };
    };
    return {
      log: seen,
      records,
      erasures: {
        add: write((portal, account) => memory.erasures.add(portal, account)),
        all: () => memory.erasures.all(),
      },
      check: look(() => memory.check()),
      damaged: (damage) => this.world.broken(`${process.name} found damage: ${damage.message}`),
      close: async () => {},
    };
  }

  #look<Value>(process: Owner, read: () => Promise<Value>): Promise<Value> {
    const { scheduler, faults } = this.world;
    return new Promise((resolve, reject) => {
      scheduler.after(
        faults.trip(),
        () => {
          if (this.#isAway()) return reject(away());
          as(undefined, read).then(
            (value) => scheduler.after(faults.trip(), () => resolve(value), process),
            (error: Error) => scheduler.after(faults.trip(), () => reject(error), process),
          );
        },
        process,
      );
    });
  }

  /** What is on its way may arrive after its sender has died. */
  #write<Value>(process: Owner, work: () => Promise<Value>): Promise<Value> {
    const { scheduler, faults } = this.world;
    return new Promise((resolve, reject) => {
      const answer = (run: () => void) => scheduler.after(faults.trip(), run, process);
      scheduler.after(
        faults.trip(),
        () => {
          if (this.#isAway() || faults.refuses()) return void answer(() => reject(away()));
          if (!process.alive && faults.loses()) return;
          as(undefined, work).then(
            (value) => answer(() => (faults.forgets() ? reject(away()) : resolve(value))),
            (error: Error) => answer(() => reject(error)),
          );
        },
        undefined,
      );
    });
  }

  #isAway(): boolean {
    return this.world.scheduler.now < this.awayUntil;
  }
}

const away = (): Error => new StoreUnavailable('the simulated database does not answer');
