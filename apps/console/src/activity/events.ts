import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef } from 'react';
import { api, reply } from '../api/client.js';
import { useLiveEvents } from '../api/live/live.js';
import type { RecordedEvent } from '../api/queries.js';
import { serverNow } from '../api/server-clock.js';
import { type Filter, type Span, spanOf } from './range.js';

const PAGE = 200;
const MOMENT_MS = 200;
/** More than anybody reads; whoever needs them all takes the export. */
const MOST = 2000;

interface Found extends Span {
  /** Oldest first. */
  events: readonly RecordedEvent[];
  /** There are more than are shown. */
  more: boolean;
}

/** As the server's API takes it. */
export const queryOf = (filter: Filter, { from, to }: Span) => ({
  ...(filter.account && { account: filter.account }),
  ...(filter.type && { type: filter.type }),
  from: new Date(from).toISOString(),
  ...(to !== undefined && { to: new Date(to).toISOString() }),
});

const eventsQuery = (portal: string, filter: Filter) =>
  queryOptions({
    queryKey: ['events', portal, filter],
    queryFn: async ({ signal }): Promise<Found> => {
      const span = spanOf(filter, serverNow());
      const events: RecordedEvent[] = [];
      let after: string | null = '';
      while (after !== null && events.length < MOST) {
        const { type, ...rest } = queryOf(filter, span);
        const query: typeof rest & { type?: string[]; limit: number; after?: string } = {
          ...rest,
          ...(type && { type: [type] }),
          limit: PAGE,
          ...(after && { after }),
        };
        const page = await reply(
          api.GET('/v1/portals/{portal}/events', { params: { path: { portal }, query }, signal }),
        );
        events.push(...page.events);
        after = page.next;
      }
      return { ...span, events, more: after !== null };
    },
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    gcTime: 60_000,
  });

/** Events of a filter, and those that come while one looks. */
export function useEvents(portal: string, filter: Filter) {
  const queries = useQueryClient();
  const query = useMemo(() => eventsQuery(portal, filter), [portal, filter]);
  const waiting = useRef<RecordedEvent[]>([]);
  const take = useCallback(
    (event: RecordedEvent) => {
      if (filter.account && event.account !== filter.account) return;
      if (filter.type && event.type !== filter.type) return;
      // those of a moment are drawn at once
      if (waiting.current.push(event) > 1) return;
      setTimeout(() => {
        const come = waiting.current.splice(0);
        queries.setQueryData(query.queryKey, (found) => {
          if (!found || found.more || found.to !== undefined) return found;
          const known = new Set(found.events.map(({ id }) => id));
          return { ...found, events: [...found.events, ...come.filter(({ id }) => !known.has(id) && known.add(id))] };
        });
      }, MOMENT_MS);
    },
    [queries, query, filter],
  );
  useLiveEvents(take);
  return useQuery(query);
}
