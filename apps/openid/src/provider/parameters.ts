/** Of an authorization request; empty where it has none. */
export function parameter(params: object | undefined, name: string): string {
  const value: unknown = params && Reflect.get(params, name);
  return typeof value === 'string' ? value : '';
}

/** RFC 6749 §3.3, OpenID Connect Core 1.0 §3.1.2.1: a list, in order of preference. */
export const firstOf = (params: object | undefined, name: string): string => parameter(params, name).split(' ', 1)[0]!;
