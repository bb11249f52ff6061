import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { apiBase } from '../client.js';
import { connectionLost, whenHealed } from '../connection.js';
import { gathering } from './gathering.js';
import { me, type RecordedEvent } from '../queries.js';
import { mayChange } from './may-change.js';
import { readMessages } from './stream.js';

/** Between two times of asking for the stream. */
const RETRY_MS = 1_000;
/** A stream that was only cut is there again before that. */
const PATIENCE_MS = 2_500;

export type LiveState = 'live' | 'reconnecting' | 'offline';

interface Listener {
  hear: (event: RecordedEvent) => void;
  /** What happens from now on is heard; what happened before may have been missed. */
  opened: () => void;
}

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
let state: LiveState = 'reconnecting';

/** Calls `hear` with each event of the portal as it happens, while an administrator's frame is there. */
export function useLiveEvents({ hear, opened }: Listener): void {
  useEffect(() => {
    const listener = { hear, opened };
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [hear, opened]);
}

export const useLiveState = (): LiveState =>
  useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => state,
  );

function become(next: LiveState): void {
  if (next === state) return;
  state = next;
  watchers.forEach((watch) => watch());
}

/** Follows the portal's event stream and looks again at what the events may have changed. */
export function useLiveUpdates(portal: string, allowed: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!allowed) return;
    const refreshing = gathering<RecordedEvent>((events) => {
      const own = queries.getQueryData(me.queryKey)?.id;
      const predicate = ({ queryKey }: { queryKey: QueryKey }) =>
        events.some((event) => mayChange(event, queryKey, own));
      // a page that nobody sees looks when it is seen again
      return queries.invalidateQueries({ predicate, refetchType: document.hidden ? 'none' : 'active' });
    });
    const stop = follow(portal, {
      hear: (event) => {
        listeners.forEach(({ hear }) => hear(event));
        refreshing.add(event);
      },
      opened: (again) => {
        listeners.forEach(({ opened }) => opened());
        if (again) void queries.invalidateQueries();
      },
      refused: () => void queries.invalidateQueries({ queryKey: me.queryKey }),
    });
    return () => {
      stop();
      refreshing.stop();
    };
  }, [portal, allowed, queries]);
}

interface Follower {
  hear: (event: RecordedEvent) => void;
  opened: (again: boolean) => void;
  /** Whose session it is may read no longer. */
  refused: () => void;
}

/** Keeps the stream open, whatever cuts it; returns how to stop. */
function follow(portal: string, { hear, opened, refused }: Follower): () => void {
  const stopped = new AbortController();
  let cut = new AbortController();
  let patience: ReturnType<typeof setTimeout> | undefined;
  let again = false;

  async function read(): Promise<void> {
    const response = await fetch(`${apiBase}/v1/portals/${portal}/events/stream`, {
      headers: { accept: 'text/event-stream' },
      cache: 'no-store',
      signal: AbortSignal.any([stopped.signal, cut.signal]),
    });
    clearTimeout(patience);
    patience = undefined;
    if (response.status < 500 && !response.ok) refused();
    if (!response.ok || !response.body) return;
    become('live');
    opened(again);
    again = true;
    await readMessages(response.body, (data) => hear(JSON.parse(data) as RecordedEvent));
  }
  async function goOn(): Promise<void> {
    while (!stopped.signal.aborted) {
      await read().catch(() => undefined);
      if (stopped.signal.aborted) return;
      become(navigator.onLine ? 'reconnecting' : 'offline');
      patience ??= setTimeout(connectionLost, PATIENCE_MS);
      await pause(RETRY_MS);
    }
  }
  let wake = () => {};
  const pause = (ms: number) =>
    new Promise<void>((done) => {
      wake = done;
      setTimeout(done, ms);
    });

  const goOffline = () => {
    cut.abort();
    cut = new AbortController();
    become('offline');
  };
  const comeBack = () => wake();
  window.addEventListener('offline', goOffline);
  window.addEventListener('online', comeBack);
  const stopHealing = whenHealed(comeBack);
  become('reconnecting');
  void goOn();
  return () => {
    stopped.abort();
    clearTimeout(patience);
    stopHealing();
    window.removeEventListener('offline', goOffline);
    window.removeEventListener('online', comeBack);
  };
}
