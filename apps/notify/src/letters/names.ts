/** Characters of a name that a mail says. */
const LONGEST_NAME = 64;
/** Seen by nobody, and no part of a link for the programs that make links of text (Unicode's word joiner). */
const WORD_JOINER = '\u2060';

/**
 * What somebody else may have written, so that no mail program makes a link of it. Browsers drop word joiners in names of hosts:
 * there is one on each side of what a link is known by, since a program that takes what follows would make one that works.
 */
export function unlinked(text: string): string {
  // with what counts as a dot in names of hosts (RFC 3490 §3.1)
  return text.replace(/:\/\/|(?<=\S)[.\u3002\uFF0E\uFF61@](?=\S)/gu, (found) => ['', ...found, ''].join(WORD_JOINER));
}

/** A name as mails say it, in their headers too: cut, and no link. */
export function nameOf(name: string): string {
  const characters = [...name];
  const isLong = characters.length > LONGEST_NAME;
  return unlinked(isLong ? `${characters.slice(0, LONGEST_NAME - 1).join('')}…` : name);
}

/** As that which is put between quotation marks: it cannot end them. */
export const unquoted = (text: string): string => text.replace(/(?!['’])\p{Quotation_Mark}/gu, "'");
