import type { RecordedEvent } from '../../api/queries.js';

/** How far back the screen looks, by its name in the address. */
export const ranges = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;
const rangeNames = ['all', 'hour', 'day', 'week', 'month', 'custom'] as const;
export type RangeName = (typeof rangeNames)[number];
export { rangeNames };

export interface Filter {
  account?: string | undefined;
  /** Those that are shown; none: all. */
  types: readonly string[];
  /** Of one request. */
  correlationId?: string | undefined;
  /** The id of who acted. */
  actor?: string | undefined;
  range: RangeName;
  /** ISO 8601, where the range is `custom`. */
  from?: string | undefined;
  to?: string | undefined;
}

/** The filter that an address has; what is no filter is left out. */
export function filterOf(parameters: URLSearchParams): Filter {
  const text = (name: string) => (parameters.get(name) === '' ? undefined : (parameters.get(name) ?? undefined));
  const time = (name: string) => {
    const at = Date.parse(parameters.get(name) ?? '');
    return Number.isNaN(at) ? undefined : new Date(at).toISOString();
  };
  const [from, to, named] = [time('from'), time('to'), text('range')];
  const range = from || to ? 'custom' : (rangeNames.find((name) => name === named) ?? 'all');
  const types = [...new Set(parameters.getAll('type'))].filter((type) => type !== '');
  return {
    range,
    account: text('account'),
    types,
    correlationId: text('correlationId'),
    actor: text('actor'),
    from,
    to,
  };
}

export function parametersOf({
  account,
  types,
  correlationId,
  actor,
  range,
  from,
  to,
}: Partial<Filter>): URLSearchParams {
  const custom = range === 'custom';
  const single = {
    ...(account && { account }),
    ...(correlationId && { correlationId }),
    ...(actor && { actor }),
    ...(range && range !== 'all' && { range }),
    ...(custom && from && { from }),
    ...(custom && to && { to }),
  };
  return new URLSearchParams([...Object.entries(single), ...(types ?? []).map((type) => ['type', type])]);
}

/** In milliseconds since 1970; open at either end. */
export interface Span {
  from: number | undefined;
  to: number | undefined;
}

export function spanOf({ range, from, to }: Filter, now: number): Span {
  if (range === 'all') return { from: undefined, to: undefined };
  if (range !== 'custom') return { from: now - ranges[range], to: undefined };
  return { from: from === undefined ? undefined : Date.parse(from), to: to === undefined ? undefined : Date.parse(to) };
}

/** As the server's API takes it. */
export function queryOf(filter: Filter, now: number) {
  const { from, to } = spanOf(filter, now);
  const { account, types, correlationId, actor } = filter;
  return {
    ...(account && { account }),
    ...(types.length > 0 && { type: [...types] }),
    ...(correlationId && { correlationId }),
    ...(actor && { actor }),
    ...(from !== undefined && { from: new Date(from).toISOString() }),
    ...(to !== undefined && { to: new Date(to).toISOString() }),
  };
}

/** Whether an event that happens now is of those that are shown. */
export function matches({ account, types, correlationId, actor, to }: Filter, event: RecordedEvent): boolean {
  if (to !== undefined && Date.parse(event.time) > Date.parse(to)) return false;
  if (account && event.account !== account) return false;
  if (correlationId && event.context.correlationId !== correlationId) return false;
  if (actor && event.actor.id !== actor) return false;
  return types.length === 0 || types.includes(event.type);
}
