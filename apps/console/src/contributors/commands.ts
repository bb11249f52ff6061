import { api, reply } from '../api/client.js';

const of = (portal: string, account: string) => ({ params: { path: { portal, account } } });

/** *Enable user* (R25). @throws ProblemError, ConnectionLost, NotProved */
export const unlock = (portal: string, id: string) =>
  reply(api.POST('/v1/portals/{portal}/accounts/{account}/unlock', of(portal, id)));

/** Mails the person a link by which they set a password (R43). @throws ProblemError, ConnectionLost, NotProved */
export const sendPasswordLink = (portal: string, id: string) =>
  reply(api.POST('/v1/portals/{portal}/accounts/{account}/password-links', of(portal, id)));

/** Good for one login, which asks for no code (R19). @throws ProblemError, ConnectionLost, NotProved */
export const issueLoginToken = (portal: string, id: string) =>
  reply(api.POST('/v1/portals/{portal}/accounts/{account}/login-tokens', of(portal, id)));
