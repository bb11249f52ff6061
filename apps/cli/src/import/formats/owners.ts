import { foldUsername } from '#libs/contracts/src/text/fold.js';
import type { Converted, Refusal, TotpLine } from './format.js';

/** One authenticator of an export that lists authenticators, not accounts. */
export type Listed = {
  readonly where: string;
  readonly username?: string;
} & ({ readonly totp: TotpLine } | Refusal);

/**
 * The accounts of their owners, in the order in which they first appear. An account comes with all of its authenticators or not
 * at all: without one of them, its person may be left without the app that is in use. One that is listed twice comes once, since
 * its code would pass twice.
 */
export function* accountsOf(listed: Iterable<Listed>): Iterable<Converted> {
  const accounts = new Map<string | symbol, Listed[]>();
  for (const one of listed) {
    // nobody's: it stands alone
    const owner = one.username === undefined ? Symbol('nobody') : foldUsername(one.username);
    const all = accounts.get(owner);
    if (all === undefined) accounts.set(owner, [one]);
    else all.push(one);
  }
  for (const all of accounts.values()) yield accountOf(all);
}

function accountOf(all: readonly Listed[]): Converted {
  const { where, username } = all[0]!;
  const refused = all.find((one) => 'code' in one);
  if (refused !== undefined) return refused;
  const totp = new Map<string, TotpLine>();
  for (const one of all) {
    if (!('totp' in one)) continue;
    const { name: _, ...seen } = one.totp;
    const key = JSON.stringify({ ...seen, secret: seen.secret.replace(/[\s=]/g, '').toUpperCase() });
    if (!totp.has(key)) totp.set(key, one.totp);
  }
  return { where, username, line: JSON.stringify({ username, totp: [...totp.values()] }) };
}
