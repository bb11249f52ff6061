import type { Idempotence } from '#libs/contracts/src/http/endpoint.js';

export interface TableEntry {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly headers: readonly string[];
  readonly idempotent: Idempotence;
  readonly answer: 'value' | 'nothing' | 'lines' | 'events' | 'export';
}
type Members = Readonly<Record<string, unknown>>;

export interface Request {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Members | undefined;
  /** May be sent again where no answer came. */
  readonly repeatable: boolean;
}

/** Puts each member where it belongs; what the call does not have goes to where the product says so. @throws ArgumentError one of the path is missing */
export function requestOf(entry: TableEntry, args: Members): Request {
  const rest = new Map(Object.entries(args).filter(([, value]) => value !== undefined));
  const take = (name: string): unknown => {
    const value = rest.get(name);
    rest.delete(name);
    return value;
  };
  const path = entry.path.replace(/:(\w+)/g, (_, name: string) => segment(name, take(name)));
  const headers: Record<string, string> = {};
  for (const name of entry.headers) {
    const value = take(camelCase(name));
    if (typeof value === 'string') headers[name] = value;
  }
  const search = new URLSearchParams();
  const withBody = entry.method !== 'GET' && entry.method !== 'DELETE' && entry.answer !== 'lines';
  for (const name of withBody ? entry.query : [...rest.keys()]) {
    const value = take(name);
    for (const each of Array.isArray(value) ? (value as string[]) : [value as string])
      if (each !== undefined) search.append(name, String(each));
  }
  const body = rest.size > 0 ? Object.fromEntries(rest) : undefined;
  return {
    path: search.size > 0 ? `${path}?${search.toString()}` : path,
    headers,
    body,
    repeatable: isRepeatable(entry.idempotent, body ?? {}),
  };
}

/** What cannot be sent at all. Its message has nothing of it. */
export class ArgumentError extends TypeError {
  override readonly name = 'ArgumentError';
}

/** A dot or two would be another path once a URL is made of it. */
function segment(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..')
    throw new ArgumentError(`${name} must be a text that names something`);
  return encodeURIComponent(value);
}

const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const isRepeatable = (idempotent: Idempotence, body: Members): boolean =>
  typeof idempotent === 'boolean' ? idempotent : idempotent.bodyWith in body && !(idempotent.without in body);
