import findMyWay from 'find-my-way';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';

/** Which contract a request is for: the same table sends a request to the app in this process and to the one behind a gateway. */
export interface RouteTable<Target> {
  find(method: string, url: string): Target | undefined;
}

export function routeTable<Target>(
  endpoints: readonly Endpoint[],
  targetOf: (endpoint: Endpoint) => Target,
): RouteTable<Target> {
  const router = findMyWay({ maxParamLength: 256, querystringParser: () => ({}) });
  for (const endpoint of endpoints) {
    router.on(endpoint.method, endpoint.path, () => undefined, { target: targetOf(endpoint) });
  }
  return {
    find: (method, url) =>
      (router.find(method as findMyWay.HTTPMethod, url) as { store: { target: Target } } | null)?.store.target,
  };
}
