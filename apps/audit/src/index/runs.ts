/**
 * How segments are gathered, so that what is rare is found among thousands of them by looking at a few places. Segments are
 * runs of level 0; a run of level 1 covers `FAN` of them, one of level 2 `FAN` of those, and so on. Runs and segments are
 * numbered from 1. A run's terms are spread over buckets by their lowest bits: a run that covers more has more buckets, which
 * stay as small, and what it has of one bucket follows from that bucket of each of its parts.
 *
 * The work of making a run is divided among the segments that are indexed after it is complete, so that nobody waits for it.
 * Which piece of which run comes with which segment follows from the segment's number: nothing has to be remembered, and
 * doing it again changes nothing.
 */
export interface Run {
  readonly level: number;
  readonly number: number;
}

export const FAN = 8;
/** Of a segment. A power of two, as is `FAN`. */
const BUCKETS = 32;
/** A run is made while the first quarter of the next one arrives. */
const SHARE = 4;
/** Buckets of the parts that are gathered with one segment. */
const PIECE = (BUCKETS * SHARE) / FAN;

/** Segments that a run of the level covers. */
const widthOf = (level: number): number => FAN ** level;
const bucketsOf = (level: number): number => BUCKETS * widthOf(level);
export const bucketOf = (term: number, level: number): number => term % bucketsOf(level);

export const partsOf = ({ level, number }: Run): Run[] =>
  Array.from({ length: FAN }, (_, index) => ({ level: level - 1, number: (number - 1) * FAN + 1 + index }));

/** The first and the last segment of a run. */
export function segmentsOf({ level, number }: Run): readonly [first: number, last: number] {
  const width = widthOf(level);
  return [(number - 1) * width + 1, number * width];
}

export interface Piece {
  readonly run: Run;
  /** Whether it is the run's first. */
  readonly first: boolean;
  /** Buckets of the parts, from the first to before the last. */
  readonly buckets: readonly [number, number];
}

/** What is to be gathered when that segment has been indexed; lower levels first, as the higher ones are made of them. */
export function piecesAfter(segment: number): Piece[] {
  const pieces: Piece[] = [];
  for (let level = 1; widthOf(level) <= segment; level++) {
    const number = Math.floor(segment / widthOf(level));
    const since = segment % widthOf(level);
    const [begin, end] = [since * PIECE, Math.min((since + 1) * PIECE, bucketsOf(level - 1))];
    if (begin < end) pieces.push({ run: { level, number }, first: since === 0, buckets: [begin, end] });
  }
  return pieces;
}

/** Runs of the level that are made when so many segments are indexed. */
function madeOf(level: number, segments: number): number {
  if (level === 0) return segments;
  const width = widthOf(level);
  return Math.max(0, Math.floor((segments + 1 - width / SHARE) / width));
}

/** The fewest runs that cover the first segments, in order. */
export function cover(segments: number): Run[] {
  let level = 0;
  while (madeOf(level + 1, segments) > 0) level++;
  const runs: Run[] = [];
  let covered = 0;
  for (; level >= 0; level--) {
    const made = madeOf(level, segments);
    for (let number = covered / widthOf(level) + 1; number <= made; number++) runs.push({ level, number });
    covered = made * widthOf(level);
  }
  return runs;
}
