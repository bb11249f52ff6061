import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, reply } from './client.js';
import type { components } from './schema.js';

export type Account = components['schemas']['Account'];
export type RecordedEvent = components['schemas']['Event'];

const inPortal = (portal: string) => ({ params: { path: { portal } } });

export const me = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => reply(api.GET('/v1/me', { signal })),
});

export const myTwoFactor = queryOptions({
  queryKey: ['me', 'two-factor'],
  queryFn: ({ signal }) => reply(api.GET('/v1/me/two-factor', { signal })),
});

export const settings = (portal: string) =>
  queryOptions({
    queryKey: ['settings', portal],
    queryFn: ({ signal }) =>
      reply(api.GET('/v1/portals/{portal}/settings/two-factor', { ...inPortal(portal), signal })),
  });

export const account = (portal: string, id: string) =>
  queryOptions({
    queryKey: ['accounts', portal, 'one', id],
    queryFn: ({ signal }) =>
      reply(api.GET('/v1/portals/{portal}/accounts/{account}', { params: { path: { portal, account: id } }, signal })),
  });

export const accounts = (portal: string, query: string) =>
  infiniteQueryOptions({
    queryKey: ['accounts', portal, 'found', query],
    queryFn: ({ signal, pageParam }) =>
      reply(
        api.GET('/v1/portals/{portal}/accounts', {
          params: { path: { portal }, query: { ...(query && { query }), ...(pageParam && { after: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

/** The accounts that one can choose from and whose names are shown: the first thousand by username. */
export const names = (portal: string) =>
  queryOptions({
    queryKey: ['accounts', portal, 'names'],
    queryFn: async ({ signal }) => {
      const found: Account[] = [];
      for (let after: string | null = ''; after !== null && found.length < 1000;) {
        const query: { limit: number; after?: string } = { limit: 200, ...(after && { after }) };
        const page = await reply(
          api.GET('/v1/portals/{portal}/accounts', { params: { path: { portal }, query }, signal }),
        );
        found.push(...page.accounts);
        after = page.next;
      }
      return found;
    },
    staleTime: 60_000,
  });

export const portals = queryOptions({
  queryKey: ['portals'],
  queryFn: async ({ signal }) => {
    const found: { id: string; addOns: string[] }[] = [];
    for (let after: string | null = ''; after !== null;) {
      const query: { limit: number; after?: string } = { limit: 200, ...(after && { after }) };
      const page = await reply(api.GET('/v1/portals', { params: { query }, signal }));
      found.push(...page.portals);
      after = page.next;
    }
    return found;
  },
  retry: false,
});
