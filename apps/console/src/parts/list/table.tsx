import type { ReactNode } from 'react';
import { Checkbox } from '../fields/choice.js';
import style from './table.module.css';

export interface Column<Item> {
  label: string;
  /** Its cells name the rows. */
  names?: boolean;
  /** Of the column's cells. */
  className?: string | undefined;
  cell: (item: Item) => ReactNode;
}

/** Rows that the person picks, for what is done with several at once. */
export interface Choosing<Item> {
  chosen: ReadonlySet<string>;
  choose: (ids: ReadonlySet<string>) => void;
  words: { all: string; one: (item: Item) => string };
}

interface Props<Item> {
  label: string;
  columns: readonly Column<Item>[];
  items: readonly Item[];
  /** On a phone each row is a card. */
  stacked?: boolean;
  choosing?: Choosing<Item>;
}

/**
 * A table of the browser's own: lists are long, and its cells cost nothing. Roles are written out, since a table that is
 * laid out as something else loses them.
 */
export function Table<Item extends { readonly id: string }>({ label, columns, items, stacked, choosing }: Props<Item>) {
  return (
    <table role="table" aria-label={label} className={`${style.table} ${stacked ? style.stacked : ''}`}>
      <thead role="rowgroup">
        <tr role="row">
          {choosing && (
            <th role="columnheader" scope="col" className={style.choice}>
              <ChooseAll items={items} {...choosing} />
            </th>
          )}
          {columns.map((column) => (
            <th key={column.label} role="columnheader" scope="col" className={column.className}>
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {items.map((item) => (
          <tr key={item.id} role="row" data-chosen={choosing?.chosen.has(item.id) ? true : undefined}>
            {choosing && (
              <td role="cell" className={style.choice}>
                <Checkbox
                  aria-label={choosing.words.one(item)}
                  isSelected={choosing.chosen.has(item.id)}
                  onChange={(isChosen) => choosing.choose(toggled(choosing.chosen, item.id, isChosen))}
                />
              </td>
            )}
            {columns.map((column) => (
              <td key={column.label} role={column.names ? 'rowheader' : 'cell'} className={column.className}>
                {column.cell(item)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ChooseAll<Item extends { readonly id: string }>({
  items,
  chosen,
  choose,
  words,
}: Choosing<Item> & Pick<Props<Item>, 'items'>) {
  const all = items.every(({ id }) => chosen.has(id));
  return (
    <Checkbox
      aria-label={words.all}
      isSelected={all}
      isIndeterminate={!all && chosen.size > 0}
      onChange={() => choose(new Set(all ? [] : items.map(({ id }) => id)))}
    />
  );
}

function toggled(chosen: ReadonlySet<string>, id: string, isChosen: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (isChosen) next.add(id);
  else next.delete(id);
  return next;
}
