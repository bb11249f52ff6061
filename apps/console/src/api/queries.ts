import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import { api, operatorApi, reply } from './client.js';
import type { components, paths } from './schema.js';

export type Account = components['schemas']['Account'];
export type Sessions = components['schemas']['Sessions'];
export type Authenticator = components['schemas']['Authenticator'];
export type ServiceToken = components['schemas']['ServiceToken'];
export type Client = components['schemas']['Client'];
export type Browsers = components['schemas']['Browsers'];
export type Browser = Browsers['browsers'][number];
export type Installation = components['schemas']['Installation'];
export type InstalledApp = components['schemas']['InstalledApp'];
export type Verification = components['schemas']['Verification'];
export type Session = Sessions['sessions'][number];
export type MyTwoFactor = paths['/v1/me/two-factor']['get']['responses'][200]['content']['application/json'];
export type RecordedEvent = components['schemas']['ReadableEvent'];
export type Profile =
  paths['/v1/portals/{portal}/settings/profile']['get']['responses'][200]['content']['application/json'];
export type Sso = paths['/v1/portals/{portal}/settings/sso']['get']['responses'][200]['content']['application/json'];

const inPortal = (portal: string) => ({ params: { path: { portal } } });

export const me = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => reply(api.GET('/v1/me', { signal })),
});

export const myTwoFactor = queryOptions({
  queryKey: ['me', 'two-factor'],
  queryFn: ({ signal }) => reply(api.GET('/v1/me/two-factor', { signal })),
});

export const myAuthenticators = queryOptions({
  queryKey: ['me', 'authenticators'],
  queryFn: ({ signal }) => reply(api.GET('/v1/me/authenticators', { signal })),
});

/** Of an end by time there is no event, and of other ends only administrators are told. */
const SESSIONS_MS = 15_000;

export const myBrowsers = queryOptions({
  queryKey: ['me', 'browsers'],
  queryFn: ({ signal }) => reply(api.GET('/v1/me/browsers', { signal })),
});

export const mySessions = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: ({ signal }) => reply(api.GET('/v1/me/sessions', { signal })),
  refetchInterval: SESSIONS_MS,
});

export const settings = (portal: string) =>
  queryOptions({
    queryKey: ['settings', portal],
    queryFn: ({ signal }) =>
      reply(api.GET('/v1/portals/{portal}/settings/two-factor', { ...inPortal(portal), signal })),
  });

export const profile = (portal: string) =>
  queryOptions({
    queryKey: ['settings', portal, 'profile'],
    queryFn: ({ signal }) => reply(api.GET('/v1/portals/{portal}/settings/profile', { ...inPortal(portal), signal })),
  });

export const sso = (portal: string) =>
  queryOptions({
    queryKey: ['settings', portal, 'sso'],
    queryFn: ({ signal }) => reply(api.GET('/v1/portals/{portal}/settings/sso', { ...inPortal(portal), signal })),
  });

/** By whom else people of a portal can be logged in; null: by nobody. */
export const loginProvider = (portal: string) =>
  queryOptions({
    queryKey: ['login-provider', portal],
    queryFn: ({ signal }) => reply(api.GET('/v1/portals/{portal}/sso', { ...inPortal(portal), signal })),
    retry: false,
  });

/** What anybody may see of a portal, also of one that there is not. */
export const face = (portal: string) =>
  queryOptions({
    queryKey: ['face', portal],
    queryFn: ({ signal }) => reply(api.GET('/v1/portals/{portal}/profile', { ...inPortal(portal), signal })),
    retry: false,
  });

export const account = (portal: string, id: string) =>
  queryOptions({
    queryKey: ['accounts', portal, 'one', id],
    queryFn: ({ signal }) =>
      reply(api.GET('/v1/portals/{portal}/accounts/{account}', { params: { path: { portal, account: id } }, signal })),
  });

export const sessionsOf = (portal: string, id: string) =>
  queryOptions({
    queryKey: ['accounts', portal, 'one', id, 'sessions'],
    queryFn: ({ signal }) =>
      reply(
        api.GET('/v1/portals/{portal}/accounts/{account}/sessions', {
          params: { path: { portal, account: id } },
          signal,
        }),
      ),
    refetchInterval: SESSIONS_MS,
  });

export const browsersOf = (portal: string, id: string) =>
  queryOptions({
    queryKey: ['accounts', portal, 'one', id, 'browsers'],
    queryFn: ({ signal }) =>
      reply(
        api.GET('/v1/portals/{portal}/accounts/{account}/browsers', {
          params: { path: { portal, account: id } },
          signal,
        }),
      ),
  });

interface Page {
  query: string;
  /** The `next` of the page before; empty for the first. */
  after: string;
}

const pageQuery = ({ query, after }: Page) => ({ ...(query && { query }), ...(after && { after }) });

type AccountsQuery = NonNullable<paths['/v1/portals/{portal}/accounts']['get']['parameters']['query']>;
export type AccountFilter = Pick<AccountsQuery, 'status' | 'twoFactor' | 'required' | 'sort'>;

/** What the operator is told is kept apart from what a session is. */
const keyOf = (by: typeof api, ...key: string[]) => (by === operatorApi ? ['operator', ...key] : key);

/** What the address says of the filter is judged by the server. */
export const accounts = (portal: string, page: Page & { filter: object }, by = api) =>
  queryOptions({
    queryKey: [...keyOf(by, 'accounts', portal, 'found', page.query, page.after), page.filter],
    queryFn: ({ signal }) =>
      reply(
        by.GET('/v1/portals/{portal}/accounts', {
          params: { path: { portal }, query: { ...pageQuery(page), ...(page.filter as AccountFilter) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** Of a deleted account: the lists that are known have it no more, and are asked for again. */
export function withoutAccount(queries: QueryClient, portal: string, id: string): void {
  queries.setQueriesData<{ accounts: Account[]; next: string | null }>(
    { queryKey: ['accounts', portal, 'found'] },
    (page) => page && { ...page, accounts: page.accounts.filter((each) => each.id !== id) },
  );
  void queries.invalidateQueries({ queryKey: ['accounts', portal] });
}

/** So many are offered to choose from; who looks for another types more of the name. */
const OFFERED = 20;

/** The first accounts by username that have that text in a name or address. */
export const accountsLike = (portal: string, text: string) =>
  queryOptions({
    queryKey: ['accounts', portal, 'like', text],
    queryFn: async ({ signal }) => {
      const query = { limit: OFFERED, ...(text && { query: text }) };
      const params = { path: { portal }, query };
      return (await reply(api.GET('/v1/portals/{portal}/accounts', { params, signal }))).accounts;
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

/** How many people of a portal have a second factor, are locked, are suspended. */
export const summary = (portal: string, by = api) =>
  queryOptions({
    queryKey: keyOf(by, 'accounts', portal, 'summary'),
    queryFn: ({ signal }) =>
      reply(by.GET('/v1/portals/{portal}/two-factor/summary', { params: { path: { portal } }, signal })),
    staleTime: 0,
  });

export const portals = (page: Page) =>
  queryOptions({
    queryKey: ['operator', 'portals', page.query, page.after],
    queryFn: ({ signal }) => reply(operatorApi.GET('/v1/portals', { params: { query: pageQuery(page) }, signal })),
    placeholderData: keepPreviousData,
    retry: false,
  });

/** Nobody tells the page when an app is away or back. */
const INSTALLATION_MS = 30_000;

export const installation = queryOptions({
  queryKey: ['operator', 'installation'],
  queryFn: ({ signal }) => reply(operatorApi.GET('/v1/installation', { signal })),
  refetchInterval: INSTALLATION_MS,
  retry: false,
});

export const serviceTokens = (portal: string, { after }: Page, by: typeof api) =>
  queryOptions({
    queryKey: keyOf(by, 'service-tokens', portal, after),
    queryFn: ({ signal }) => reply(by.GET('/v1/portals/{portal}/service-tokens', { ...pageIn(portal, after), signal })),
    placeholderData: keepPreviousData,
  });

/** The applications of a portal's OpenID Provider. */
export const clients = (portal: string, { after }: Page, by: typeof api) =>
  queryOptions({
    queryKey: keyOf(by, 'clients', portal, after),
    queryFn: ({ signal }) => reply(by.GET('/v1/portals/{portal}/clients', { ...pageIn(portal, after), signal })),
    placeholderData: keepPreviousData,
  });

const pageIn = (portal: string, after: string) => ({ params: { path: { portal }, query: after ? { after } : {} } });
