/** Whether a code point is in a table of ranges (`41-5a 61`, hexadecimal, ascending). */
export function codePointSet(table: string): (codePoint: number) => boolean {
  /** Where the set begins and ends, in turn. */
  const borders = table
    .trim()
    .split(/\s+/)
    .flatMap((range) => {
      const [first = '', last = first] = range.split('-');
      return [Number.parseInt(first, 16), Number.parseInt(last, 16) + 1];
    });
  return (codePoint) => {
    let low = 0;
    for (let high = borders.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (borders[middle]! <= codePoint) low = middle + 1;
      else high = middle;
    }
    return low % 2 === 1;
  };
}

/** Half a surrogate pair is one of its own. */
export const codePointsOf = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0)!);
