import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { apiBase } from '../api/client.js';
import { type LiveState, useLiveState } from '../api/live/live.js';
import type { RecordedEvent } from '../api/queries.js';
import { serverNow } from '../api/server-clock.js';
import { useSentences } from '../language/use-sentences.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Icon } from '../parts/icon.js';
import { tell } from '../parts/overlays/toast.js';
import { Badge, Card, Empty, Failure, Loading, Page } from '../parts/surface.js';
import style from './activity.module.css';
import { countsOf } from './chart/counts.js';
import { CountsTable } from './chart/counts-table.js';
import { EventTable } from './events/event-table.js';
import type { EventFeed, FeedState } from './events/feed.js';
import { useEvents, useReader } from './events/use-events.js';
import { type Filter, filterOf, parametersOf, queryOf, spanOf } from './filters/filter.js';
import { Filters } from './filters/filters.js';

/** Only who looks at it loads the drawing library. */
const Chart = lazy(() => import('./chart/chart.js'));

export function Activity({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const text = parameters.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(text)), [text]);
  return (
    <Page title={t('activity.title')} action={<div role="status">{filter.to === undefined && <Live />}</div>}>
      <Card>
        <Filters
          portal={portal}
          filter={filter}
          onChange={(next) => setParameters(parametersOf(next), { replace: true })}
        />
      </Card>
      <Events key={text} portal={portal} filter={filter} />
    </Page>
  );
}

const looks: Record<LiveState, { tone: 'good' | 'warn' | 'danger'; icon: 'activity' | 'refresh' | 'alert' }> = {
  live: { tone: 'good', icon: 'activity' },
  reconnecting: { tone: 'warn', icon: 'refresh' },
  offline: { tone: 'danger', icon: 'alert' },
};

function Live() {
  const { t } = useTranslation();
  const state = useLiveState();
  return <Badge {...looks[state]}>{t(`activity.state.${state}`)}</Badge>;
}

function Events({ portal, filter }: { portal: string; filter: Filter }) {
  const { feed, listed, error } = useEvents(portal, filter);
  if (!listed) {
    return (
      <Card>
        {error === undefined ? <Loading lines={6} /> : <Failure error={error} retry={() => void feed.look()} />}
      </Card>
    );
  }
  return <Found portal={portal} filter={filter} feed={feed} listed={listed} />;
}

interface FoundProps {
  portal: string;
  filter: Filter;
  feed: EventFeed;
  listed: NonNullable<FeedState['listed']>;
}

function Found({ portal, filter, feed, listed }: FoundProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [top, isPassed] = usePassed();
  const { shown, waiting, showAll } = useReader(feed, listed.events, isPassed || open.size > 0);
  const toggle = useCallback(
    (id: string) =>
      setOpen((present) => {
        const next = new Set(present);
        return next.delete(id) ? next : next.add(id);
      }),
    [],
  );
  const showWaiting = () => {
    showAll();
    top.current?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <>
      <Counts filter={filter} events={shown} complete={listed.next === null} />
      <Card title={t('activity.events')} aside={<Export portal={portal} filter={filter} />}>
        <div ref={top} className={style.top} />
        <div role="status" className={style.waiting}>
          {waiting > 0 && (
            <Button look="primary" onPress={showWaiting}>
              {t('activity.waiting', { count: waiting })}
            </Button>
          )}
        </div>
        {shown.length > 0 ? (
          <EventTable portal={portal} events={shown} open={open} onToggle={toggle} />
        ) : (
          <Empty icon="activity">{t('activity.none')}</Empty>
        )}
        <Older feed={feed} next={listed.next} />
      </Card>
    </>
  );
}

function Older({ feed, next }: { feed: EventFeed; next: string | null }) {
  const { t } = useTranslation();
  const { say } = useSentences();
  const [busy, setBusy] = useState(false);
  if (next === null) return <p className="muted small">{t('activity.noOlder')}</p>;
  const older = async () => {
    setBusy(true);
    await feed.older().catch((error: unknown) => tell(say(error), 'danger'));
    setBusy(false);
  };
  return (
    <div>
      <Button busy={busy} onPress={() => void older()}>
        {t('activity.older')}
      </Button>
    </div>
  );
}

/** Of what is shown, and of nothing else: from the oldest of it, or from where the period begins. */
function Counts({ filter, events, complete }: { filter: Filter; events: readonly RecordedEvent[]; complete: boolean }) {
  const { t, i18n } = useTranslation();
  const span = useMemo(() => {
    const { from, to } = spanOf(filter, serverNow());
    const times = events.map(({ time }) => Date.parse(time));
    const oldest = times.at(-1);
    if (oldest === undefined) return undefined;
    return {
      from: complete && from !== undefined ? from : Math.min(...times),
      to: to ?? Math.max(serverNow(), ...times),
    };
  }, [filter, events, complete]);
  const counts = useMemo(() => span && countsOf(events, span.from, span.to), [events, span]);
  if (!counts || !span) return null;
  const since = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' }).format(span.from);
  return (
    <Card title={t('activity.chart')}>
      <p className="muted small">{t('activity.ofShown', { count: events.length, since })}</p>
      <Suspense fallback={<Loading lines={4} />}>
        <Chart counts={counts} />
      </Suspense>
      <CountsTable counts={counts} />
    </Card>
  );
}

/** Whether one has scrolled past the element. */
function usePassed() {
  const element = useRef<HTMLDivElement>(null);
  const [isPassed, setPassed] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => {
      if (entry) setPassed(!entry.isIntersecting && entry.boundingClientRect.top < 0);
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return [element, isPassed] as const;
}

function Export({ portal, filter }: { portal: string; filter: Filter }) {
  const { t } = useTranslation();
  const link = (format: string) => {
    const { type = [], ...single } = queryOf(filter, serverNow());
    const query = new URLSearchParams([
      ...Object.entries({ ...single, format }),
      ...type.map((each) => ['type', each]),
    ]);
    return `${apiBase}/v1/portals/${portal}/events/export?${query}`;
  };
  return (
    <div className="row">
      {(['csv', 'ndjson'] as const).map((format) => (
        <ButtonLink key={format} look="quiet" href={link(format)} download>
          <Icon name="download" />
          {t(`activity.export.${format}`)}
        </ButtonLink>
      ))}
    </div>
  );
}
