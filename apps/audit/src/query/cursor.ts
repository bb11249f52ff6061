import { Problem } from '#libs/contracts/src/problems.js';

/** A place in a portal's trail: an entry, and an event in it (from 0). Orders as the events are told. */
export interface Place {
  readonly number: number;
  readonly at: number;
}
export type Order = 'oldest' | 'newest';

/** Before the first event, and after the last one. */
const edges: Readonly<Record<Order, Place>> = {
  oldest: { number: 0, at: 0 },
  newest: { number: Number.MAX_SAFE_INTEGER, at: 0 },
};
/** Where reading in that order begins. */
export const startOf = (order: Order): Place => edges[order];
export const start: Place = edges.oldest;

export const inTrail = (a: Place, b: Place): number => a.number - b.number || a.at - b.at;

/** Whether it comes after the other one in that order. */
export const isBeyond = (place: Place, other: Place, order: Order): boolean => {
  const difference = inTrail(place, other);
  return order === 'oldest' ? difference > 0 : difference < 0;
};

const pattern = /^([0-9a-f]{8})\.(\d{1,15})\.(\d{1,6})(\.newest)?$/;

export const cursorOf = (build: string, { number, at }: Place, order: Order = 'oldest'): string =>
  `${build}.${number}.${at}${order === 'newest' ? '.newest' : ''}`;

/**
 * Of a trail that was rebuilt meanwhile the place is the start: nothing is left out, and what comes again has the same id.
 * @throws Problem `malformed-request` it is no cursor of ours, or one of the other order; `field` is where it stood
 */
export function placeOf(cursor: string, build: string, field: string, order: Order = 'oldest'): Place {
  const [, builtAs, number, at, newest] = pattern.exec(cursor) ?? [];
  if (builtAs === undefined) throw refusal(field, 'is not a cursor of this list');
  if ((newest === undefined) !== (order === 'oldest')) throw refusal(field, 'is a cursor of the other order');
  return builtAs === build ? { number: Number(number), at: Number(at) } : startOf(order);
}

const refusal = (field: string, message: string): Problem =>
  new Problem('malformed-request', `${field} ${message}`, { errors: [{ field, message }] });
