import { type Format, numbered } from './format.js';

/** Ours: NDJSON, as the call takes it. Each line is sent as it stands; the call says what is wrong with it. */
export const twinlock: Format = {
  title: 'lines of JSON as POST /v1/portals/{portal}/import takes them',
  looksLike: (head) => /^\{[^\n]*"username"\s*:/.test(head) && !/^\{[^\n]*"(users|realm)"\s*:/.test(head),
  convert: (lines) => numbered(lines),
};
