import { type ProviderAnswer, readAnswer } from './sso-return.js';

/** What a login link carries in its fragment, which no server and no history sees: `#portal=demo&token=lgn_…`. */
export interface LoginLink {
  readonly portal: string;
  readonly token: string;
}

/** What a link brings with it: a login, or the token with which a person sets a password (`#pwl_…`). */
export interface Links {
  readonly login?: LoginLink;
  readonly password?: string;
  /** Null: the provider has not logged anybody in. */
  readonly provider?: ProviderAnswer | null;
}

/** The longest token that the server looks at; what is longer is no token, and none when it is cut either. */
const LONGEST = 1024;

/** Of an address; undefined: there is nothing in it that must not stay there. */
export function readLinks({
  pathname,
  search,
  hash,
}: Pick<Location, 'pathname' | 'search' | 'hash'>): Links | undefined {
  if (/\/sso\/callback(\/|$)/.test(pathname)) return { provider: readAnswer(search) };
  const fragment = hash.replace(/^#/, '');
  if (/\/password\/?$/.test(pathname)) return fragment ? { password: fragment.slice(0, LONGEST) } : undefined;
  const parameters = new URLSearchParams(fragment);
  const portal = parameters.get('portal');
  const token = parameters.get('token');
  return portal && token ? { login: { portal, token } } : undefined;
}
