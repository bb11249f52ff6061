import { algorithmOf, type Converted, type Format, nameOf, numbered, numberOf, type TotpLine } from '../format.js';
import { accountsOf, type Listed } from '../owners.js';

/**
 * Key URIs, one a line: `otpauth://totp/Issuer:account?secret=…&algorithm=…&digits=…&period=…`
 * (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). The account is the username.
 */
export const otpauth: Format = {
  title: 'otpauth:// links, one a line',
  looksLike: (head) => /^otpauth:\/\//i.test(head),
  convert: async function* (lines): AsyncIterable<Converted> {
    const listed: Listed[] = [];
    for await (const { where, line } of numbered(lines)) listed.push(keyOf(line.trim(), where));
    yield* accountsOf(listed);
  },
};

function keyOf(line: string, where: string): Listed {
  const uri = /^otpauth:\/\/./i.test(line) ? uriOf(line) : undefined;
  if (uri === undefined) return { where, code: 'malformed' };
  const type = uri.host.toLowerCase();
  const { issuer, account: username } = labelOf(uri.label);
  if (username === '') return { where, field: 'username', code: 'missing' };
  if (type === 'hotp') return { where, username, code: 'hotp-unsupported' };
  if (type !== 'totp') return { where, username, code: 'malformed' };
  const secret = uri.parameters.get('secret');
  if (!secret) return { where, username, field: 'secret', code: 'missing' };
  const totp: TotpLine = { secret };
  const algorithm = uri.parameters.get('algorithm');
  if (algorithm !== null) {
    totp.algorithm = algorithmOf(algorithm);
    if (totp.algorithm === undefined) return { where, username, field: 'algorithm', code: 'algorithm-unsupported' };
  }
  for (const field of ['digits', 'period'] as const) {
    const text = uri.parameters.get(field);
    if (text === null) continue;
    const value = numberOf(text);
    if (value === undefined) return { where, username, field, code: 'malformed' };
    Object.assign(totp, { [field]: value });
  }
  return { where, username, totp: { ...totp, name: nameOf(uri.parameters.get('issuer') ?? issuer) } };
}

/** By hand: what stands before the path of a scheme that it does not know, `URL` reads as it likes. */
function uriOf(line: string): { host: string; label: string; parameters: URLSearchParams } | undefined {
  const parts = /^otpauth:\/\/(?<host>[^/?#]+)\/?(?<label>[^?#]*)(?:\?(?<query>[^#]*))?/i.exec(line)?.groups;
  if (parts === undefined) return undefined;
  try {
    const label = decodeURIComponent(parts.label!);
    return { host: parts.host!, label, parameters: new URLSearchParams(parts.query ?? '') };
  } catch {
    return undefined;
  }
}

/** `Issuer:account`, or the account alone; an issuer has no colon. */
export function labelOf(label: string): { issuer?: string; account: string } {
  const colon = label.indexOf(':');
  if (colon < 0) return { account: label.trim() };
  return { issuer: label.slice(0, colon).trim(), account: label.slice(colon + 1).trim() };
}
