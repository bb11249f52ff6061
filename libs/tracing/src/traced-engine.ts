import type { Engine, EventLog, Records } from '#libs/engine/src/port.js';
import { partsOf } from '#libs/contracts/src/stream.js';
import { within } from './tracing.js';

/** The same engine, whose work for a request is a step of it. */
export const tracedEngine = (engine: Engine): Engine => ({
  log: tracedLog(engine.log),
  records: <Value>(name: string) => tracedRecords(engine.records<Value>(name), name),
  erasures: engine.erasures,
  check: () => engine.check(),
  damaged: engine.damaged,
  close: () => engine.close(),
});

const inPortal = (stream: string) => ({ 'twinlock.portal': partsOf(stream).portal });

function tracedLog(log: EventLog): EventLog {
  const step = <T>(name: string, stream: string, work: () => Promise<T>, more = {}): Promise<T> =>
    within({ name: `log ${name}`, attributes: { ...inPortal(stream), ...more } }, {}, work);
  return {
    shared: log.shared,
    feed: log.feed,
    append: (commit) => {
      const events = commit.events.map(({ name }) => name);
      return step('append', commit.stream, () => log.append(commit), { 'twinlock.events': events });
    },
    read: (stream, afterVersion) => step('read', stream, () => log.read(stream, afterVersion)),
    head: (stream) => step('head', stream, () => log.head(stream)),
    findCommand: (stream, commandId) => step('find command', stream, () => log.findCommand(stream, commandId)),
  };
}

function tracedRecords<Value>(records: Records<Value>, collection: string): Records<Value> {
  const step = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    within({ name: `records ${name}`, attributes: { 'twinlock.collection': collection } }, {}, work);
  return {
    get: (key) => step('get', () => records.get(key)),
    put: (key, value) => step('put', () => records.put(key, value)),
    create: (key, value) => step('create', () => records.create(key, value)),
    replace: (key, expected, value) => step('replace', () => records.replace(key, expected, value)),
    remove: (key, expected) => step('remove', () => records.remove(key, expected)),
    delete: (key) => step('delete', () => records.delete(key)),
    list: (range) => step('list', () => records.list(range)),
    write: (operations) => step('write', () => records.write(operations)),
    clear: () => step('clear', () => records.clear()),
  };
}
