import { authelia } from './authelia.js';
import type { Format } from './format.js';
import { google } from './links/google.js';
import { keycloak } from './keycloak/keycloak.js';
import { otpauth } from './links/otpauth.js';
import { privacyidea } from './pskc/privacyidea.js';
import { type FormatName, formatNames } from './names.js';
import { twinlock } from './twinlock.js';

export const formats = {
  twinlock,
  keycloak,
  privacyidea,
  authelia,
  otpauth,
  google,
} satisfies Record<FormatName, Format>;

/** What is met besides, and what to do with it. */
const others: readonly Pick<Format, 'title' | 'looksLike'>[] = [
  {
    title: "privacyIDEA's own encrypted export: export with --format pskc",
    looksLike: (head) => head.startsWith('gAAAAA'),
  },
  {
    title: "Authelia's CSV: export without csv, or as uri and import --from otpauth",
    looksLike: (head) => /^issuer,username,algorithm,/i.test(head),
  },
  { title: 'HTML', looksLike: (head) => /^<(!doctype html|html)/i.test(head) },
  { title: 'XML, but no PSKC', looksLike: (head) => head.startsWith('<') },
  { title: 'a JSON array', looksLike: (head) => head.startsWith('[') },
  { title: 'JSON', looksLike: (head) => head.startsWith('{') },
  { title: 'CSV', looksLike: (head) => /^[^\n,;]+[,;][^\n]*\n/.test(head) },
];

/** Characters from which a file is told. Keycloak writes a realm's name before all that is long. */
export const HEAD_CHARACTERS = 8_192;

/**
 * What a file looks like if it is not of the format that was said, in words; undefined: it is.
 * @param head its first characters
 */
export function otherThan(name: FormatName, head: string): string | undefined {
  const start = head.trimStart();
  if (formats[name].looksLike(start)) return undefined;
  const known = formatNames.find((other) => formats[other].looksLike(start));
  if (known !== undefined) return `${formats[known].title}: --from ${known}`;
  return others.find((other) => other.looksLike(start))?.title ?? 'nothing that is known here';
}
