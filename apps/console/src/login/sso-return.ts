/** What a provider sends a browser back with: in the address, until it is read. */
export interface ProviderAnswer {
  readonly code: string;
  readonly state: string;
  readonly iss?: string;
}

/** Of an address that a provider has sent the browser to; null: it has not logged anybody in. */
export function readAnswer(search: string): ProviderAnswer | null {
  const parameters = new URLSearchParams(search);
  const [code, state, iss] = ['code', 'state', 'iss'].map((name) => parameters.get(name));
  return code && state ? { code, state, ...(iss && { iss }) } : null;
}

/** Where a person was when they went to the provider: no secret, and looked at again before anybody is led there. */
export interface Return {
  readonly portal: string;
  readonly next: string | null;
}

const KEPT = 'twinlock.sso';

export const noteReturn = (to: Return): void => sessionStorage.setItem(KEPT, JSON.stringify(to));
export const forgetReturn = (): void => sessionStorage.removeItem(KEPT);

/** Where a login of this portal leads to. Null: it began in another window, or is another portal's. */
export function notedNext(portal: string): string | null {
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null) return null;
  const noted = JSON.parse(kept) as Return;
  return noted.portal === portal ? noted.next : null;
}
