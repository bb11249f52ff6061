import findMyWay from 'find-my-way';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';

/** Characters of a path parameter: of the longest external id, each byte of it percent-encoded. */
export const MAX_PARAMETER = 1_024;

/** Which contract a request is for: the same table sends a request to the app in this process and to the one behind a gateway. */
export interface RouteTable<Target> {
  /** What answers GET answers HEAD. */
  find(method: string, url: string): Target | undefined;
  /** The methods that a path has; none: no contract knows it. */
  methodsOf(url: string): string[];
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
  const find = (method: string, url: string): Target | undefined =>
    fixed.get(method)?.get(url) ??
    (router.find(method as findMyWay.HTTPMethod, url) as { store: { target: Target } } | null)?.store.target;
  const known = new Set(endpoints.map(({ method }) => method));
  return {
    find: (method, url) => find(method === 'HEAD' ? 'GET' : method, url),
    methodsOf: (url) =>
      [...known]
        .filter((method) => find(method, url))
        .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)),
  };
}
