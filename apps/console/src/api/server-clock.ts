/** How far the server's clock is ahead of this one, in milliseconds: somewhere between the two. */
export interface Offset {
  readonly least: number;
  readonly most: number;
}

/**
 * What an answer tells of the offset: its `Date` header has whole seconds, and was written between sending and receiving.
 * Where two answers cannot both be right a clock was set, and the newer counts.
 */
export function narrowed(known: Offset | undefined, date: number, sentAt: number, receivedAt: number): Offset {
  const seen = { least: date - receivedAt, most: date + 1000 - sentAt };
  if (!known) return seen;
  const both = { least: Math.max(known.least, seen.least), most: Math.min(known.most, seen.most) };
  return both.least <= both.most ? both : seen;
}

const period = 30_000;
/** Milliseconds until the next code of a TOTP app (RFC 6238, 30 seconds). */
export const untilNextCode = (now: number): number => period - (now % period);

let offset: Offset | undefined;

export function noteAnswer(date: string | null, sentAt: number, receivedAt: number): void {
  const at = Date.parse(date ?? '');
  if (!Number.isNaN(at)) offset = narrowed(offset, at, sentAt, receivedAt);
}

/** The server's time as far as it is known, milliseconds since 1970. */
export const serverNow = (): number => Date.now() + (offset ? (offset.least + offset.most) / 2 : 0);
