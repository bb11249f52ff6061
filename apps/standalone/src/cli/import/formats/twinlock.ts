import type { Converted, Format } from './format.js';

/** Ours: NDJSON, as the call takes it. Each line is sent as it stands; the call says what is wrong with it. */
export const twinlock: Format = {
  title: 'lines of JSON as POST /v1/portals/{portal}/import takes them',
  looksLike: (head) => /^\{[^\n]*"username"\s*:/.test(head) && !/^\{[^\n]*"(users|realm)"\s*:/.test(head),
  convert: async function* (lines): AsyncIterable<Converted> {
    let number = 0;
    for await (const line of lines) {
      number += 1;
      if (line.trim() !== '') yield { where: `line ${number}`, line };
    }
  },
};
