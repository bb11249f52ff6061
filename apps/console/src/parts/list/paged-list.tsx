import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { SearchField } from '../fields/field.js';
import type { IconName } from '../icon.js';
import { Loaded } from '../loaded.js';
import { Empty } from '../surface.js';
import { Pages, type usePages } from './pages.js';

interface Props<Data, Item> {
  pages: ReturnType<typeof usePages>;
  found: UseQueryResult<Data>;
  itemsOf: (data: Data) => readonly Item[];
  /** What the list is sorted by. */
  nameOf: (item: Item) => string;
  icon: IconName;
  /** Without those of a search there is none. */
  words: { search?: string; none: string; noneFound?: string };
  /** Beside the search. */
  filters?: ReactNode;
  children: (items: readonly Item[]) => ReactNode;
}

/** A list that is shown page by page, and may be searched. */
export function PagedList<Data extends { next: string | null }, Item>(props: Props<Data, Item>) {
  const { pages, found, itemsOf, nameOf, icon, words, children } = props;
  const { query, filter } = pages.page;
  const isAsked = query !== '' || Object.values(filter).some(Boolean);
  const ends = (items: readonly Item[]) => [items[0], items.at(-1)].map((item) => (item ? nameOf(item) : ''));
  return (
    <>
      {words.search && <SearchField label={words.search} value={pages.typed} onChange={pages.setTyped} />}
      {props.filters}
      <Loaded of={found} lines={6} retry={pages.again(found.refetch)}>
        {(data) => {
          const items = itemsOf(data);
          const [from = '', to = ''] = ends(items);
          return (
            <>
              {items.length > 0 ? (
                children(items)
              ) : (
                <Empty icon={icon}>{isAsked ? (words.noneFound ?? words.none) : words.none}</Empty>
              )}
              <Pages pages={pages} next={data.next} from={from} to={to} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
