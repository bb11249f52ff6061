import { caseFolding } from './unicode-tables.js';

const characters = (hex: string): string =>
  String.fromCodePoint(...hex.split('+').map((codePoint) => Number.parseInt(codePoint, 16)));

const ascii = /^[\x00-\x7f]*$/;
const folded = new Map(
  caseFolding
    .trim()
    .split(/\s+/)
    .map((entry) => entry.split('>').map(characters) as [string, string]),
);

/**
 * Full case folding (Unicode §3.13, toCasefold) by the table of one version of Unicode and of no locale: what was folded is
 * found again whatever version the runtime knows.
 */
export function foldCase(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  let result = '';
  for (const character of text) result += folded.get(character) ?? character;
  return result;
}

/**
 * The form in which usernames are compared. Normalization may undo what folding composed and the other way round; after these
 * three steps a second round changes nothing. Normalization is stable for the characters that `username` takes (UAX #15 §1.3).
 */
export const foldUsername = (text: string): string => foldCase(text.normalize('NFKC')).normalize('NFKC');

/** Bytes of UTF-8 that a folded username can have: 128 characters, none of which folds to more than five. */
export const MAX_FOLDED_BYTES = 640;
