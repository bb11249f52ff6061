const literals: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]']);

/**
 * Compared to the letter (OpenID Connect Core 1.0 §3.1.2.1), but for a program on the person's own machine, which listens where
 * there is room: the port of a loopback address may be any (RFC 8252 §7.3). Of public clients alone, which PKCE protects, and
 * not of `localhost`, which may lead elsewhere (§8.3).
 */
export function isRedirectAllowed(
  { redirectUris, isPublic }: { readonly redirectUris: readonly string[]; readonly isPublic: boolean },
  given: string,
): boolean {
  if (redirectUris.includes(given)) return true;
  const wanted = isPublic ? onAnyPort(given) : undefined;
  return wanted !== undefined && redirectUris.some((registered) => onAnyPort(registered) === wanted);
}

/** Undefined: it is not at a loopback address, or not written as a browser would. */
function onAnyPort(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.href !== text || url.protocol !== 'http:' || !literals.has(url.hostname)) return undefined;
  url.port = '';
  return url.href;
}
