import { queryOptions } from '@tanstack/react-query';
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
