/** How far back the screen looks, by its name in the address. */
export const ranges = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;
export type RangeName = keyof typeof ranges;

export interface Filter {
  account?: string | undefined;
  type?: string | undefined;
  range: RangeName | 'custom';
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
  const range = from || to || named === 'custom' ? 'custom' : isRange(named) ? named : 'day';
  return { range, account: text('account'), type: text('type'), from, to };
}

export function parametersOf({ account, type, range, from, to }: Filter): URLSearchParams {
  const custom = range === 'custom';
  return new URLSearchParams({
    ...(account && { account }),
    ...(type && { type }),
    ...(range !== 'day' && { range }),
    ...(custom && from && { from }),
    ...(custom && to && { to }),
  });
}

/** In milliseconds since 1970; `to` is open where events still come. */
export interface Span {
  from: number;
  to: number | undefined;
}

export function spanOf({ range, from, to }: Filter, now: number): Span {
  if (range !== 'custom') return { from: now - ranges[range], to: undefined };
  const end = to === undefined ? undefined : Date.parse(to);
  return { from: from === undefined ? (end ?? now) - ranges.month : Date.parse(from), to: end };
}

const isRange = (name: string | undefined): name is RangeName => name !== undefined && Object.hasOwn(ranges, name);
