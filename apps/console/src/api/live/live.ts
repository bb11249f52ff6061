import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { apiBase } from '../client.js';
import { connectionLost, whenHealed } from '../connection.js';
import { eventTypes } from '../facts.js';
import { gathering } from './gathering.js';
import { me, type RecordedEvent } from '../queries.js';
import { mayChange } from './may-change.js';

/** A browser connects again by itself where a stream was only cut. */
const PATIENCE_MS = 2500;
const listeners = new Set<(event: RecordedEvent) => void>();

/** Calls `act` with each event of the portal as it happens, while an administrator's frame is there. */
export function useLiveEvents(act: (event: RecordedEvent) => void): void {
  useEffect(() => {
    listeners.add(act);
    return () => void listeners.delete(act);
  }, [act]);
}

/** Follows the portal's event stream and looks again at what the events may have changed. */
export function useLiveUpdates(portal: string, allowed: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!allowed) return;
    let source: EventSource | undefined;
    const refreshing = gathering<RecordedEvent>((events) => {
      const own = queries.getQueryData(me.queryKey)?.id;
      const predicate = ({ queryKey }: { queryKey: QueryKey }) =>
        events.some((event) => mayChange(event, queryKey, own));
      // a page that nobody sees looks when it is seen again
      return queries.invalidateQueries({ predicate, refetchType: document.hidden ? 'none' : 'active' });
    });
    const hear = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as RecordedEvent;
      listeners.forEach((listener) => listener(event));
      refreshing.add(event);
    };
    const open = () => {
      const opened = new EventSource(`${apiBase}/v1/portals/${portal}/events/stream`);
      source = opened;
      eventTypes.forEach((type) => opened.addEventListener(type, hear));
      opened.addEventListener('error', () => void setTimeout(look, PATIENCE_MS, opened));
    };
    const look = (failed: EventSource) => {
      if (failed === source && failed.readyState !== EventSource.OPEN) connectionLost();
    };
    open();
    // a new source after an outage: browsers give up on one that was answered with an error
    const stop = whenHealed(() => {
      source?.close();
      open();
    });
    return () => {
      stop();
      refreshing.stop();
      source?.close();
      source = undefined;
    };
  }, [portal, allowed, queries]);
}
