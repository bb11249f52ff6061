/** What an authenticator app takes from a key URI. */
export interface KeyUri {
  readonly issuer: string;
  readonly account: string;
  /** Base32 without padding. */
  readonly secret: string;
}

/** RFC 3986: unreserved characters and percent-encoded bytes, nothing else. */
const ENCODED = /^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+$/;

/**
 * Reads a key URI as the strictest apps do (https://github.com/google/google-authenticator/wiki/Key-Uri-Format): one colon in
 * the label, none in what stands on either side of it, the issuer twice and the same, every parameter once.
 * @throws Error what is wrong with it
 */
export function readKeyUri(uri: string): KeyUri {
  const [, label, query] = /^otpauth:\/\/totp\/([^/?#]+)\?([^?#]+)$/.exec(uri) ?? [];
  if (label === undefined || query === undefined) throw new Error('not a key URI');
  const [issuer, account, ...more] = label.split(':').map(decoded);
  if (issuer === undefined || account === undefined || more.length > 0) throw new Error('not one colon in the label');
  if (/[:：]/.test(issuer) || account.includes(':')) throw new Error('a colon in a part of the label');
  const parameters = new Map(query.split('&').map((each) => each.split('=', 2) as [string, string]));
  if (parameters.size !== query.split('&').length) throw new Error('a parameter stands twice');
  const { secret = '', issuer: again = '', ...rest } = Object.fromEntries(parameters);
  if (decoded(again) !== issuer) throw new Error('two issuers');
  if (!/^[A-Z2-7]{32}$/.test(secret)) throw new Error('not 160 bits in Base32');
  if (JSON.stringify(rest) !== '{"algorithm":"SHA1","digits":"6","period":"30"}') throw new Error('other parameters');
  return { issuer, account, secret };
}

function decoded(text: string): string {
  if (!ENCODED.test(text)) throw new Error('not percent-encoded');
  const plain = decodeURIComponent(text);
  if (plain !== plain.trim()) throw new Error('blanks around a part');
  return plain;
}
