import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { api, reply } from '../../api/client.js';
import { useLiveEvents } from '../../api/live/live.js';
import type { RecordedEvent } from '../../api/queries.js';
import { serverNow } from '../../api/server-clock.js';
import { type Filter, matches, queryOf } from '../filters/filter.js';
import { EventFeed, type Read } from './feed.js';

const PAGE = 50;
/** A list that has grown longer while one looked is begun anew: what was at its end is a page away. */
const MOST = 1000;

/** The newest events of a filter, and those that come while one looks. */
export function useEvents(portal: string, filter: Filter) {
  const feed = useMemo(() => {
    const read: Read = (after, signal) => {
      const query = { ...queryOf(filter, serverNow()), order: 'newest' as const, limit: PAGE, ...(after && { after }) };
      return reply(api.GET('/v1/portals/{portal}/events', { params: { path: { portal }, query }, signal }));
    };
    return new EventFeed(read, (event) => matches(filter, event));
  }, [portal, filter]);
  const state = useSyncExternalStore(feed.watch, feed.state);
  useEffect(() => {
    void feed.look();
    return () => feed.stop();
  }, [feed]);
  useLiveEvents({
    hear: useCallback((event: RecordedEvent) => feed.hear(event), [feed]),
    opened: useCallback(() => void feed.look(), [feed]),
  });
  return { feed, ...state };
}

/**
 * A reader is not moved: while they read, what comes is counted and waits until they ask for it.
 * `reading`: they have scrolled down, or opened a row.
 */
export function useReader(feed: EventFeed, events: readonly RecordedEvent[], reading: boolean) {
  /** The first that was there when they began to read. */
  const [top, setTop] = useState<string>();
  const first = events[0]?.id;
  if (reading && top === undefined && first !== undefined) setTop(first);
  if (!reading && top !== undefined) setTop(undefined);
  const waiting =
    top === undefined
      ? 0
      : Math.max(
          0,
          events.findIndex(({ id }) => id === top),
        );
  const tooLong = !reading && events.length > MOST;
  useEffect(() => {
    if (tooLong) void feed.look({ anew: true });
  }, [feed, tooLong]);
  return {
    shown: useMemo(() => (waiting === 0 ? events : events.slice(waiting)), [events, waiting]),
    waiting,
    showAll: () => setTop(first),
  };
}
