import { queryOptions, useQueries, type UseQueryResult } from '@tanstack/react-query';
import DataLoader from 'dataloader';
import { api, reply } from './client.js';

/** As many as the call takes. */
const MOST = 200;
type Name = string | null;

/** Whoever asks in one moment is answered by one call. */
const loaders = new Map<string, DataLoader<string, Name>>();
function loaderOf(portal: string): DataLoader<string, Name> {
  let loader = loaders.get(portal);
  if (!loader) {
    const load = (ids: readonly string[]) => usernamesOf(portal, ids);
    loaders.set(portal, (loader = new DataLoader(load, { cache: false, maxBatchSize: MOST })));
  }
  return loader;
}

async function usernamesOf(portal: string, ids: readonly string[]): Promise<Name[]> {
  const query = { id: [...new Set(ids)], limit: MOST };
  const { accounts } = await reply(api.GET('/v1/portals/{portal}/accounts', { params: { path: { portal }, query } }));
  const names = new Map(accounts.map(({ id, username }) => [id, username]));
  return ids.map((id) => names.get(id) ?? null);
}

const nameQuery = (portal: string, id: string) =>
  queryOptions({
    queryKey: ['accounts', portal, 'name', id],
    queryFn: () => loaderOf(portal).load(id),
    // an event of the account makes it ask again
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

/** What is known of accounts by their ids: null, the portal has no such account, or none any more; missing, not known yet. */
export type NamesById = ReadonlyMap<string, Name>;

/** The present usernames of these accounts, however many the portal has. */
export function useNames(portal: string, ids: readonly string[]): NamesById {
  return useQueries({ queries: ids.map((id) => nameQuery(portal, id)), combine: named(ids) });
}

const named =
  (ids: readonly string[]) =>
  (results: UseQueryResult<Name>[]): NamesById =>
    new Map(results.flatMap(({ data }, at): [string, Name][] => (data === undefined ? [] : [[ids[at]!, data]])));
