import type { Context } from '#libs/contracts/src/context.js';
import { accountOfActor, type EventContract, type SealedText } from '#libs/contracts/src/events/event.js';
import { partsOf } from '#libs/contracts/src/stream.js';
import { InvalidEvent, issuesOf } from './invalid-event.js';
import type { DomainEvent, Sealed, SealedPerson } from './decision.js';

/** A key that seals what is personal, and can be destroyed (R42). */
export interface SealingKey {
  readonly kid: string;
  /** `eventId` is bound to it as additional data. */
  seal(plaintext: string, eventId: string): SealedText;
}

/** What an app seals its events with. `account` undefined: a key of the portal. */
export interface SealingKeys {
  /** Made at the first use, and durable then. Of one that was made before there is no promise to wait for. */
  sealingKey(portal: string, account: string | undefined, part: string): SealingKey | Promise<SealingKey>;
}

/** The key of what an account's events say of its person. */
export const PERSON = 'person';
const DAY_MS = 86_400_000;
/** Asked for at each attempt, and the same all day. */
let today = { day: NaN, month: '' };

/** `2026-11`, in UTC: keys of where acts came from end by the month. */
export function monthOf(at: number): string {
  const day = Math.floor(at / DAY_MS);
  if (day !== today.day) today = { day, month: new Date(at).toISOString().slice(0, 7) };
  return today.month;
}

/** An event with what is personal in it sealed, ready to be recorded. */
export type SealedEvent<Event extends DomainEvent> = Sealed<Event> & { readonly origin?: SealedText };

/** The keys of one commit. */
export interface CommitKeys {
  readonly person?: SealingKey | undefined;
  readonly origin?: SealingKey | undefined;
}

/**
 * Where an act came from is sealed under a key of who acted, by the month; of the stream's account if that was nobody with an
 * account here; of the portal if there is none.
 */
export function keysFor(
  keys: SealingKeys | undefined,
  { stream, at, context, events }: { stream: string; at: number; context: Context; events: readonly DomainEvent[] },
): CommitKeys | Promise<CommitKeys> {
  const describes = events.some((event) => event.person !== undefined);
  if (!describes && context.client === undefined) return {};
  // an event is never recorded without its personal part
  if (keys === undefined) throw new TypeError('personal data, and no keys to seal it with');
  const { portal, account } = partsOf(stream);
  const person = describes ? keys.sealingKey(portal, account, PERSON) : undefined;
  const origin = context.client && keys.sealingKey(portal, actingAccount(context, account), monthOf(at));
  if (isThere(person) && isThere(origin)) return { person, origin };
  return Promise.all([person, origin]).then(([ofPerson, ofOrigin]) => ({ person: ofPerson, origin: ofOrigin }));
}

/** Whose key seals where an act came from; undefined: the portal's. */
export const actingAccount = ({ actor }: Context, account: string | undefined): string | undefined =>
  accountOfActor(actor) ?? account;

const isThere = (key: SealingKey | Promise<SealingKey> | undefined): key is SealingKey | undefined =>
  key === undefined || !('then' in key);

/** @throws InvalidEvent what an event says of a person is not as its contract has it */
export function sealEvents<Event extends DomainEvent>(
  events: readonly Event[],
  {
    contracts,
    commitId,
    client,
    keys,
  }: {
    contracts: Readonly<Record<string, EventContract>>;
    commitId: string;
    client: Context['client'];
    keys: CommitKeys;
  },
): SealedEvent<Event>[] {
  const whence = client && JSON.stringify(client);
  return events.map((event, index) => {
    const eventId = eventIdOf(commitId, index);
    const origin = whence === undefined ? undefined : keys.origin?.seal(whence, eventId);
    if (event.person === undefined && origin === undefined) return event as SealedEvent<Event>;
    const person = event.person && sealPerson(contracts, event, keys.person, eventId);
    const { type, data } = event;
    return { type, data, person, origin } as object as SealedEvent<Event>;
  });
}

/** Of the n-th event of a commit: `<commitId>.<n>`, n from 1. */
export const eventIdOf = (commitId: string, index: number): string => `${commitId}.${index + 1}`;
/** Whether no event was recorded before it in the same decision. */
export const isFirstOfCommit = (eventId: string): boolean => eventId.endsWith('.1');

function sealPerson(
  contracts: Readonly<Record<string, EventContract>>,
  { type, person }: DomainEvent,
  key: SealingKey | undefined,
  eventId: string,
): SealedPerson {
  const checked = contracts[type]?.person?.safeParse(person);
  if (!checked?.success) throw new InvalidEvent(type, checked ? issuesOf(checked.error) : 'it describes nobody');
  if (key === undefined) throw new TypeError('no key of the person');
  return { eventId, ...key.seal(JSON.stringify(person), eventId) };
}
