import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { Button } from '../button.js';
import { Icon } from '../icon.js';
import style from './table.module.css';

/** So long after the last key a search is made. */
const REST_MS = 250;

/**
 * Search, filters and place in a list that the server gives page by page, as they stand in the address: so one comes back to them
 * from another screen. What is typed goes there when the typing rests.
 */
export function usePages(filters: readonly string[] = []) {
  const [parameters, setParameters] = useSearchParams();
  const trail = trailOf(useHistoryState<unknown>());
  const query = parameters.get('query') ?? '';
  const after = parameters.get('after') ?? '';
  const filter = Object.fromEntries(filters.map((name) => [name, parameters.get(name) ?? undefined]));
  const filtered = JSON.stringify(filter);
  const [typed, setTyped] = useState(query);
  const [shown, setShown] = useState(query);
  if (shown !== query) {
    setShown(query);
    setTyped(query);
  }

  useEffect(() => {
    if (typed === query) return;
    const timer = setTimeout(() => {
      setShown(typed);
      setParameters(stated({ ...(JSON.parse(filtered) as object), query: typed }), { replace: true });
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [typed, query, filtered, setParameters]);

  const goTo = (to: string, by: readonly string[]) =>
    setParameters(stated({ ...filter, query, after: to }), { state: { trail: by } });
  return {
    page: { query, after, filter },
    /** The first page of what fits; empty: whatever it is. */
    setFilter: (name: string, value: string) =>
      setParameters(stated({ ...filter, [name]: value, query }), { replace: true }),
    typed,
    setTyped,
    /** After a failure. What a page came after may be no more: then the first one is asked for. */
    again: (refetch: () => unknown) => () => void (after ? goTo('', []) : refetch()),
    toNext: (next: string) => goTo(next, [...trail, after]),
    toPrevious: () => goTo(trail.at(-1) ?? '', trail.slice(0, -1)),
  };
}

/** Those that say something. */
const stated = (parameters: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(parameters).filter((each): each is [string, string] => Boolean(each[1])));

/** The pages before this one; none after a link. */
const trailOf = (state: unknown): readonly string[] =>
  typeof state === 'object' && state !== null && 'trail' in state && Array.isArray(state.trail)
    ? (state.trail as string[])
    : [];

interface Props {
  pages: ReturnType<typeof usePages>;
  next: string | null;
  /** First and last of the page. */
  from: string;
  to: string;
}

/** Nothing where there is one page. */
export function Pages({ pages, next, from, to }: Props) {
  const { t } = useTranslation();
  const { after } = pages.page;
  if (!after && next === null) return null;
  return (
    <nav className={style.pages} aria-label={t('pages.title')}>
      <Button idle={!after} onPress={pages.toPrevious}>
        <Icon name="back" />
        {t('pages.previous')}
      </Button>
      <span className="muted small" role="status">
        {t('pages.range', { from, to })}
      </span>
      <Button idle={next === null} onPress={() => next !== null && pages.toNext(next)}>
        {t('pages.next')}
        <Icon name="forward" />
      </Button>
    </nav>
  );
}
