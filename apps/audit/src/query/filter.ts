import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { termOfAccount, termOfType } from '../trail/trail.js';

export interface Filter {
  /** Null: events of the portal that are of no account. */
  readonly account?: string | null | undefined;
  /** On the wire, with its version. */
  readonly type?: string | undefined;
  /** Milliseconds, both inclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface FilterQuery {
  readonly account?: string | undefined;
  readonly type?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export const filterOf = ({ account, type, from, to }: FilterQuery): Filter => ({
  account,
  type,
  from: from === undefined ? undefined : Math.ceil(millisecondsOf(from)),
  to: to === undefined ? undefined : Math.floor(millisecondsOf(to)),
});

export function matches({ account, type, from, to }: Filter, event: RecordedEvent): boolean {
  if (account !== undefined && (event.account ?? null) !== account) return false;
  if (type !== undefined && event.type !== type) return false;
  if (from === undefined && to === undefined) return true;
  const time = Date.parse(event.time);
  return (from === undefined || time >= from) && (to === undefined || time <= to);
}

/** The term of the index that is in all that matches; null: the whole trail is to be read. */
export function termOf({ account, type }: Filter): string | null {
  if (account !== undefined) return termOfAccount(account ?? '');
  return type === undefined ? null : termOfType(type);
}

/** With the fraction that `Date.parse` cuts off, so that `from` 12:00:00.0005 leaves out 12:00:00.000. */
function millisecondsOf(timestamp: string): number {
  const beyond = /\.\d{3}(\d+)/.exec(timestamp)?.[1];
  return Date.parse(timestamp) + (beyond === undefined ? 0 : Number(`0.${beyond}`));
}
