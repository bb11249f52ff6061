import { type Engine, type EventLog, type Feed, type Records, StoreDamaged } from './port.js';

/** An engine that remembers damage: once it has met some, or was told of it, its `check` rejects until the next start. */
export function rememberingDamage<Bare extends Omit<Engine, 'damaged'>>(engine: Bare): Bare & Engine {
  let first: Error | undefined;
  const damaged = (damage: Error): void => {
    first ??= damage;
  };
  const watched = <Result>(outcome: Promise<Result>): Promise<Result> =>
    outcome.catch((error: unknown) => {
      if (error instanceof StoreDamaged) damaged(error);
      throw error;
    });

  return {
    ...engine,
    log: watchedLog(engine.log, watched),
    records: <Value>(name: string) => watchedRecords(engine.records<Value>(name), watched),
    async check() {
      if (first !== undefined) throw first;
      await watched(engine.check());
    },
    damaged,
  };
}

type Watch = <Result>(outcome: Promise<Result>) => Promise<Result>;

function watchedLog(log: EventLog, watched: Watch): EventLog {
  const feed: Feed = {
    read: (after, limit) => watched(log.feed.read(after, limit)),
    onAppend: (listener) => log.feed.onAppend(listener),
  };
  return {
    shared: log.shared,
    append: (commit) => watched(log.append(commit)),
    read: (stream, afterVersion) => watched(log.read(stream, afterVersion)),
    head: (stream) => watched(log.head(stream)),
    findCommand: (stream, commandId) => watched(log.findCommand(stream, commandId)),
    feed,
  };
}

function watchedRecords<Value>(records: Records<Value>, watched: Watch): Records<Value> {
  return {
    get: (key) => watched(records.get(key)),
    put: (key, value) => watched(records.put(key, value)),
    create: (key, value) => watched(records.create(key, value)),
    replace: (key, expected, value) => watched(records.replace(key, expected, value)),
    remove: (key, expected) => watched(records.remove(key, expected)),
    delete: (key) => watched(records.delete(key)),
    list: (range) => watched(records.list(range)),
    write: (operations) => watched(records.write(operations)),
    clear: () => watched(records.clear()),
  };
}
