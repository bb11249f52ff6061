import type { EventLog } from '#libs/engine/src/port.js';

/** A log that does some things otherwise; the rest is the log's own. */
export const altered = (log: EventLog, changes: Partial<EventLog>): EventLog => ({
  shared: log.shared,
  append: (commit) => log.append(commit),
  read: (stream, afterVersion) => log.read(stream, afterVersion),
  head: (stream) => log.head(stream),
  findCommand: (stream, commandId) => log.findCommand(stream, commandId),
  feed: log.feed,
  ...changes,
});
