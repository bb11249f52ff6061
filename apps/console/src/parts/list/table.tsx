import type { ReactNode } from 'react';
import style from './table.module.css';

export interface Column<Item> {
  label: string;
  /** Its cells name the rows. */
  names?: boolean;
  /** Of the column's cells. */
  className?: string | undefined;
  cell: (item: Item) => ReactNode;
}

interface Props<Item> {
  label: string;
  columns: readonly Column<Item>[];
  items: readonly Item[];
  /** On a phone each row is a card. */
  stacked?: boolean;
}

/**
 * A table of the browser's own: lists are long, and its cells cost nothing. Roles are written out, since a table that is
 * laid out as something else loses them.
 */
export function Table<Item extends { readonly id: string }>({ label, columns, items, stacked }: Props<Item>) {
  return (
    <table role="table" aria-label={label} className={`${style.table} ${stacked ? style.stacked : ''}`}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.label} role="columnheader" scope="col" className={column.className}>
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {items.map((item) => (
          <tr key={item.id} role="row">
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
