import type { EventLog } from '#libs/engine/src/port.js';

/** The same log, which tells how many of its commits were read in its order so far: what goes over the whole of it takes long. */
export function watched(log: EventLog, onRead: (commits: number) => void): EventLog {
  let commits = 0;
  const feed: EventLog['feed'] = {
    read: async (after, limit) => {
      const items = await log.feed.read(after, limit);
      commits = after === 0 ? items.length : commits + items.length;
      onRead(commits);
      return items;
    },
    onAppend: (listener) => log.feed.onAppend(listener),
  };
  return new Proxy(log, {
    get: (target, name) => {
      if (name === 'feed') return feed;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
