/** What a login link carries in its fragment, which no server and no history sees: `#portal=demo&token=lgn_…`. */
export interface LoginLink {
  readonly portal: string;
  readonly token: string;
}

export function readLoginLink(fragment: string): LoginLink | undefined {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const portal = parameters.get('portal');
  const token = parameters.get('token');
  return portal && token ? { portal, token } : undefined;
}
