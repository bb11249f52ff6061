/** Where the page stands. */
export const base = '/console';

const remembered = 'twinlock.portal';
const portalOf = /^\/p\/([a-z0-9-]{1,63})(?=\/|$)/;

/** The portal of the last login here: its id is no secret. */
export const lastPortal = (): string => localStorage.getItem(remembered) ?? '';
export const rememberPortal = (portal: string): void => localStorage.setItem(remembered, portal);

/** Where the screens of a portal begin. */
export const homeOf = (portal: string): string => `/p/${portal}/profile`;

/** Where to log in, and to come back to `path` afterwards. */
export function loginPath(portal: string, path?: string): string {
  const query = new URLSearchParams({ ...(portal && { portal }), ...(path && { next: path }) });
  return `/login${query.size > 0 ? `?${query}` : ''}`;
}

const isIn = (portal: string, path: string | null, places: RegExp): path is string =>
  path !== null && places.exec(path)?.[1] === portal && !path.includes('\\');

/** Whether a login for an application of the portal was begun there. */
export const isInteraction = (portal: string, path: string | null): path is string =>
  isIn(portal, path, /^\/authorize\/([a-z0-9-]{1,63})(?=\/)/);

/** Where a login leads: back to where one was, if that was in this portal; never out of the console. */
export const afterLogin = (portal: string, next: string | null): string =>
  isIn(portal, next, portalOf) || isInteraction(portal, next) ? next : homeOf(portal);

/** Where a token that an administrator has made logs in; in the fragment, which no server and no history sees. */
export const loginLink = (portal: string, token: string): string =>
  `${base}/login/token#${new URLSearchParams({ portal, token }).toString()}`;
