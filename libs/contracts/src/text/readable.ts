import { codePointSet, codePointsOf } from './code-points.js';
import * as tables from './unicode-tables.js';

const isHidden = codePointSet(tables.hidden);
const isUnassigned = codePointSet(tables.unassigned);
const isVirama = codePointSet(tables.virama);
const joinsToNext = codePointSet(tables.joiningToNext);
const joinsToLast = codePointSet(tables.joiningToLast);
const isTransparent = codePointSet(tables.transparent);

const ZERO_WIDTH_NON_JOINER = 0x200c;
const ZERO_WIDTH_JOINER = 0x200d;

/** No control, bidi or invisible character (R50). */
export const isVisible = (text: string): boolean => !codePointsOf(text).some(isHidden);

/** The same, but for the joiners that scripts need to be written right. */
export function isReadable(text: string): boolean {
  const codePoints = codePointsOf(text);
  return codePoints.every((codePoint, at) => !isHidden(codePoint) || mayJoin(codePoints, at));
}

/** Characters of the version of Unicode that the tables are of, so that a later one neither folds nor normalizes them otherwise. */
export const isAssigned = (text: string): boolean => !codePointsOf(text).some(isUnassigned);

/** RFC 5892, appendices A.1 and A.2. */
function mayJoin(codePoints: readonly number[], at: number): boolean {
  const codePoint = codePoints[at];
  if (codePoint !== ZERO_WIDTH_NON_JOINER && codePoint !== ZERO_WIDTH_JOINER) return false;
  if (at > 0 && isVirama(codePoints[at - 1]!)) return true;
  if (codePoint === ZERO_WIDTH_JOINER) return false;
  const before = codePoints.slice(0, at).findLast((each) => !isTransparent(each));
  const after = codePoints.slice(at + 1).find((each) => !isTransparent(each));
  return before !== undefined && joinsToNext(before) && after !== undefined && joinsToLast(after);
}
