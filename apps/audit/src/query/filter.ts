import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { term, type TermKind } from '../index/terms.js';
import { isBounded, type TimeRange } from '../index/times.js';

/** All that is given must hold; of several values one. */
export interface Filter extends TimeRange {
  /** Null: events of the portal that are of no account. */
  readonly account?: string | null | undefined;
  /** On the wire, with their versions. */
  readonly types?: ReadonlySet<string> | undefined;
  /** Of the request that began it all. */
  readonly correlationId?: string | undefined;
  /** Of who acted. */
  readonly actor?: string | undefined;
  readonly ids?: ReadonlySet<string> | undefined;
}

export interface FilterQuery {
  readonly account?: string | undefined;
  readonly type?: readonly string[] | undefined;
  readonly correlationId?: string | undefined;
  readonly actor?: string | undefined;
  readonly id?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export const filterOf = ({ account, type, correlationId, actor, id, from, to }: FilterQuery): Filter => ({
  account,
  types: type && new Set(type),
  correlationId,
  actor,
  ids: id && new Set(id),
  from: from === undefined ? undefined : Math.ceil(millisecondsOf(from)),
  to: to === undefined ? undefined : Math.floor(millisecondsOf(to)),
});

/** What arrived by the bus may lack anything. */
type Kept = Partial<RecordedEvent>;

export function matches(filter: Filter, event: RecordedEvent): boolean {
  const { id = '', account, type = '', actor, context, time = '' }: Kept = event;
  if (filter.account !== undefined && (account ?? null) !== filter.account) return false;
  if (filter.types && !filter.types.has(type)) return false;
  if (filter.correlationId !== undefined && context?.correlationId !== filter.correlationId) return false;
  if (filter.actor !== undefined && actor?.id !== filter.actor) return false;
  if (filter.ids && !filter.ids.has(id)) return false;
  if (!isBounded(filter)) return true;
  const { from = -Infinity, to = Infinity } = filter;
  const at = Date.parse(time);
  return at >= from && at <= to;
}

/** Of each of these terms an event that matches has one; those that few events have come first. */
export function conditionsOf({ correlationId, account, actor, types }: Filter): ReadonlySet<number>[] {
  const given: readonly (readonly [TermKind, Iterable<string> | undefined])[] = [
    ['correlation', correlationId === undefined ? undefined : [correlationId]],
    ['account', account === undefined ? undefined : [account ?? '']],
    ['actor', actor === undefined ? undefined : [actor]],
    ['type', types],
  ];
  return given.flatMap(([kind, values]) => (values ? [new Set(Array.from(values, (value) => term(kind, value)))] : []));
}

/** With the fraction that `Date.parse` cuts off, so that `from` 12:00:00.0005 leaves out 12:00:00.000. */
function millisecondsOf(timestamp: string): number {
  const beyond = /\.\d{3}(\d+)/.exec(timestamp)?.[1];
  return Date.parse(timestamp) + (beyond === undefined ? 0 : Number(`0.${beyond}`));
}
