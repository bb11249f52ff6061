import { Problem } from '#libs/contracts/src/problems.js';

/** A place in a portal's trail: an entry, and an event in it (from 0). Orders as the events are told. */
export interface Place {
  readonly number: number;
  readonly at: number;
}
/** Before the first event. */
export const start: Place = { number: 0, at: 0 };

const pattern = /^([0-9a-f]{8})\.(\d{1,15})\.(\d{1,6})$/;

export const cursorOf = (build: string, { number, at }: Place): string => `${build}.${number}.${at}`;

/**
 * Of a trail that was rebuilt meanwhile the place is the start: nothing is left out, and what comes again has the same id.
 * @throws Problem `malformed-request` it is no cursor of ours; `field` is where it stood
 */
export function placeOf(cursor: string, build: string, field: string): Place {
  const [, builtAs, number, at] = pattern.exec(cursor) ?? [];
  if (builtAs === undefined) {
    const message = 'is not a cursor of this list';
    throw new Problem('malformed-request', `${field} ${message}`, { errors: [{ field, message }] });
  }
  return builtAs === build ? { number: Number(number), at: Number(at) } : start;
}
