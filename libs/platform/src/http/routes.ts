import findMyWay from 'find-my-way';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';

/** Characters of a path parameter. */
export const MAX_PARAMETER = 256;

/** Which contract a request is for: the same table sends a request to the app in this process and to the one behind a gateway. */
export interface RouteTable<Target> {
  find(method: string, url: string): Target | undefined;
}

export function routeTable<Target>(
  endpoints: readonly Endpoint[],
  targetOf: (endpoint: Endpoint) => Target,
): RouteTable<Target> {
  const router = findMyWay({ maxParamLength: MAX_PARAMETER, querystringParser: () => ({}) });
  /** Most calls have a path without parameters: one look instead of a walk. */
  const fixed = new Map<string, Map<string, Target>>();
  for (const endpoint of endpoints) {
    const { method, path } = endpoint;
    const target = targetOf(endpoint);
    router.on(method, path, () => undefined, { target });
    if (path.includes(':')) continue;
    const paths = fixed.get(method) ?? new Map<string, Target>();
    fixed.set(method, paths.set(path, target));
  }
  return {
    find: (method, url) =>
      fixed.get(method)?.get(url) ??
      (router.find(method as findMyWay.HTTPMethod, url) as { store: { target: Target } } | null)?.store.target,
  };
}
