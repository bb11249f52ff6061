import { kindOf } from '../../api/event-kind.js';
import type { EventType } from '../../api/facts.js';
import type english from '../../locales/en.json';

type Name = keyof (typeof english)['event'];

/** The catalogue's key of what happened: `two-factor.account-locked.v1` → `event.account-locked`. */
export const titleKey = (type: EventType) => `event.${kindOf(type).split('.')[1] as Name}` as const;

/** The catalogue's key of what happened, where an event's members tell it apart from others of its kind. */
export const titleOf = ({ type, data }: { type: string; data: Readonly<Record<string, unknown>> }) =>
  kindOf(type) === 'identity.password-changed' && data.sessionId === null
    ? 'activity.passwordSetByLink'
    : titleKey(type as EventType);

/** What the catalogue has for the members of events. */
export interface EventWords {
  hasWord: (name: string) => boolean;
  /** Of one of the values that the product gives a member, such as why a key was made; undefined: it is told as it is. */
  ofValue: (name: string, value: string) => string | undefined;
}

/**
 * What of an event a person reads: the members that the catalogue has a word for; others are for programs. `person`: what it says
 * of the person whom it describes; of a change what has changed.
 */
export function detailsOf(
  data: Readonly<Record<string, unknown>>,
  person: object | undefined,
  { hasWord, ofValue }: EventWords,
): [name: string, value: string][] {
  const { changed, ...rest } = data;
  const members = isChange(data) ? changesOf(data) : [...Object.entries(rest), ...membersOf(person, changed)];
  return members.flatMap(([name, value]): [string, string][] =>
    hasWord(name) ? [[name, textOf(value, (text) => ofValue(name, text) ?? text)]] : [],
  );
}

const membersOf = (person: object | undefined, changed: unknown): [string, unknown][] => {
  if (!person) return [];
  const names = Array.isArray(changed) ? (changed as string[]) : Object.keys(person);
  return names.map((name): [string, unknown] => [name, Reflect.get(person, name)]);
};

type Change = { from: unknown; to: unknown };
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isChange = (value: unknown): value is Change => isObject(value) && 'from' in value && 'to' in value;

/** The members that are not what they were. */
function changesOf({ from, to }: Change): [string, Change][] {
  const [before, after] = [from, to].map((of) => (isObject(of) ? of : {})) as [object, object];
  return Object.entries({ ...before, ...after })
    .map(([name]): [string, Change] => [name, { from: Reflect.get(before, name), to: Reflect.get(after, name) }])
    .filter(([, change]) => change.from !== change.to);
}

function textOf(value: unknown, worded: (text: string) => string): string {
  if (isChange(value)) return `${textOf(value.from, worded)} → ${textOf(value.to, worded)}`;
  if (value === null || value === undefined || value === '') return '–';
  return typeof value === 'string' ? worded(value) : JSON.stringify(value);
}
