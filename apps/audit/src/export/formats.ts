import { stringify } from 'csv-stringify/sync';
import { NDJSON } from '#libs/contracts/src/http/endpoint.js';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import type { Names } from '../query/account-names.js';
import type { Found } from '../query/trail-reader.js';

export interface ExportFormat {
  readonly mediaType: string;
  readonly extension: string;
  readonly header: string;
  /** It has the names of those whom events are about and of those who acted. */
  readonly named: boolean;
  readonly lines: (rows: readonly Row[]) => string;
}

export interface Row extends Pick<Found, 'text' | 'event'> {
  /** Undefined: the format has none. */
  readonly names?: Names | undefined;
}

/** RFC 4180 lines; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
const csv = (rows: readonly (readonly string[])[]): string =>
  stringify(rows as string[][], { escape_formulas: true, record_delimiter: '\r\n' });

const columns = [
  'id',
  'time',
  'type',
  'portal',
  'account',
  'actorKind',
  'actorId',
  'data',
  'streamVersion',
  'previousHash',
  'hash',
  'entrance',
  'correlationId',
  'causationId',
  'sessionId',
  'challengeId',
  'username',
  'address',
  'userAgent',
  'authenticatorName',
  'accountName',
  'actorName',
] as const;

/** What stands under each column. An event that was altered on its way may lack anything. */
function cellsOf(event: RecordedEvent, names: Names | undefined): Record<(typeof columns)[number], unknown> {
  const { actor, data, context, plain, ...rest } = event as Partial<ReadableEvent>;
  return {
    entrance: context?.entrance ?? '',
    correlationId: context?.correlationId ?? '',
    causationId: context?.causationId ?? '',
    sessionId: context?.sessionId ?? '',
    challengeId: context?.challengeId ?? '',
    username: plain?.person?.username ?? '',
    address: plain?.origin?.address ?? '',
    userAgent: plain?.origin?.userAgent ?? '',
    accountName: names?.account ?? '',
    actorName: names?.actor ?? '',
    authenticatorName: plain?.person?.authenticatorName ?? '',
    account: '',
    id: '',
    time: '',
    type: '',
    portal: '',
    streamVersion: '',
    previousHash: '',
    hash: '',
    ...rest,
    actorKind: actor?.kind ?? '',
    actorId: actor?.id ?? '',
    data: JSON.stringify(data ?? {}),
  };
}

const cellsInOrder = ({ event, names }: Row): string[] => {
  const cells = cellsOf(event, names);
  return columns.map((column) => {
    const cell = cells[column];
    return typeof cell === 'string' ? cell : JSON.stringify(cell);
  });
};

export const formats: Readonly<Record<'ndjson' | 'csv', ExportFormat>> = {
  ndjson: {
    mediaType: NDJSON,
    extension: 'ndjson',
    header: '',
    named: false,
    lines: (rows) => rows.map(({ text }) => `${text}\n`).join(''),
  },
  csv: {
    mediaType: 'text/csv; charset=utf-8; header=present',
    extension: 'csv',
    header: csv([columns]),
    named: true,
    lines: (rows) => csv(rows.map(cellsInOrder)),
  },
};
