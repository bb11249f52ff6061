import { isSameText } from '#libs/secrets/src/tokens.js';

/** How long tokens stay good that one in use has left behind, milliseconds. */
export const OVERLAP_MS = 60_000;
/** Of the tokens that one after another was answered with; more are forgotten, the oldest first. */
const MOST_UNUSED = 20;

/** A token of a remembered browser that may be good still, by its hash. */
export interface LiveToken {
  readonly hash: string;
  readonly used: boolean;
  /** Milliseconds; null: it is the newest, or not left behind yet. */
  readonly endsAt: number | null;
}
/** In the order in which they were made. */
export type LiveTokens = readonly LiveToken[];

export const firstToken = (hash: string): LiveTokens => [{ hash, used: false, endsAt: null }];

/** Whether a login by this token asks for no code. What is not good any more was replaced long before, or never was a token. */
export const isGood = (tokens: LiveTokens, hash: string, now: number): boolean => find(tokens, hash, now) !== undefined;

/**
 * Every use makes a new token (`next`). The first use of one leaves all others behind, the one before and those that were
 * answered beside it: they are good for as long as two logins at once may take, or an answer that got lost (R39). Undefined:
 * the token is not good.
 */
export function useToken(tokens: LiveTokens, hash: string, next: string, now: number): LiveTokens | undefined {
  const found = find(tokens, hash, now);
  if (!found) return undefined;
  const isFirst = !found.used;
  const kept = tokens
    .filter((token) => isLive(token, now))
    .map((token): LiveToken => {
      if (token === found) return { ...token, used: true };
      return isFirst && token.endsAt === null ? { ...token, endsAt: now + OVERLAP_MS } : token;
    });
  return bounded([...kept, { hash: next, used: false, endsAt: null }]);
}

const find = (tokens: LiveTokens, hash: string, now: number): LiveToken | undefined =>
  tokens.find((token) => isSameText(token.hash, hash) && isLive(token, now));

/** A clock that was set back makes none good again that it had seen end. */
const isLive = ({ endsAt }: LiveToken, now: number): boolean =>
  endsAt === null || (now < endsAt && now >= endsAt - 2 * OVERLAP_MS);

function bounded(tokens: LiveTokens): LiveTokens {
  const unused = tokens.filter(({ used }) => !used);
  const dropped = new Set(unused.slice(0, Math.max(0, unused.length - MOST_UNUSED)));
  return tokens.filter((token) => !dropped.has(token));
}
