import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { apiBase } from '../api/client.js';
import { names } from '../api/queries.js';
import { serverNow } from '../api/server-clock.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Icon } from '../parts/icon.js';
import { Loaded } from '../parts/loaded.js';
import { Badge, Card, Empty, Loading, Notice, Page } from '../parts/surface.js';
import { countsOf } from './counts.js';
import { CountsTable } from './counts-table.js';
import { EventTable } from './event-table.js';
import { queryOf, useEvents } from './events.js';
import { Filters } from './filters.js';
import { type Filter, filterOf, parametersOf, type Span } from './range.js';

/** Only who looks at it loads the drawing library. */
const Chart = lazy(() => import('./chart.js'));
const SHOWN_AT_FIRST = 50;

export function Activity({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const text = parameters.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(text)), [text]);
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const found = useEvents(portal, filter);
  const people = useQuery(names(portal));
  const { data } = found;
  const newestFirst = useMemo(() => data?.events.toReversed() ?? [], [data]);
  const counts = useMemo(() => data && countsOf(data.events, data.from, data.to ?? endOf(data.events)), [data]);
  const change = (next: Filter) => {
    setShown(SHOWN_AT_FIRST);
    setParameters(parametersOf(next), { replace: true });
  };

  return (
    <Page
      title={t('activity.title')}
      action={
        data?.to === undefined && (
          <Badge tone="good" icon="activity">
            {t('activity.live')}
          </Badge>
        )
      }
    >
      <Card>
        <Filters filter={filter} onChange={change} people={people.data ?? []} />
      </Card>
      {!(data && counts) ? (
        <Card>
          <Loaded of={found} lines={6}>
            {() => null}
          </Loaded>
        </Card>
      ) : (
        <>
          <Card title={t('activity.chart')}>
            <Suspense fallback={<Loading lines={4} />}>
              <Chart counts={counts} />
            </Suspense>
            <CountsTable counts={counts} />
          </Card>
          <Card title={t('activity.events')} aside={<Export portal={portal} filter={filter} span={data} />}>
            {data.more && <Notice tone="warn">{t('activity.more', { count: data.events.length })}</Notice>}
            {newestFirst.length > 0 ? (
              <EventTable portal={portal} events={newestFirst.slice(0, shown)} people={people.data ?? []} />
            ) : (
              <Empty icon="activity">{t('activity.none')}</Empty>
            )}
            {newestFirst.length > shown && (
              <div>
                <Button onPress={() => setShown(shown + 2 * SHOWN_AT_FIRST)}>{t('action.more')}</Button>
              </div>
            )}
          </Card>
        </>
      )}
    </Page>
  );
}

const endOf = (events: readonly { time: string }[]) =>
  Math.max(serverNow(), events.length > 0 ? Date.parse(events.at(-1)!.time) : 0);

function Export({ portal, filter, span }: { portal: string; filter: Filter; span: Span }) {
  const { t } = useTranslation();
  const link = (format: string) =>
    `${apiBase}/v1/portals/${portal}/events/export?${new URLSearchParams({ ...queryOf(filter, span), format })}`;
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
