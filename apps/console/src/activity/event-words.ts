import type { EventType } from '../api/facts.js';
import type english from '../locales/en.json';

type Name = keyof (typeof english)['event'];

const nameOf = (type: string) => type.split('.')[1] ?? type;

/** The catalogue's key of what happened: `two-factor.account-locked.v1` → `event.account-locked`. */
export const titleKey = (type: EventType) => `event.${nameOf(type) as Name}` as const;

const worded = [
  'addOn',
  'count',
  'displayName',
  'email',
  'enabled',
  'failedAttempts',
  'failedConfirmations',
  'left',
  'maxFailedAttempts',
  'method',
  'name',
  'purpose',
  'reason',
  'secondFactor',
  'type',
  'username',
  'was',
] as const satisfies (keyof (typeof english)['detail'])[];

/** Has the catalogue a word for this member of an event's data? */
export const isWorded = (name: string): name is (typeof worded)[number] => (worded as readonly string[]).includes(name);

/** What of an event's data says more: names and numbers; ids are for programs. */
export function detailsOf(data: Readonly<Record<string, unknown>>): [string, string][] {
  if (isChange(data)) return changesOf(data);
  return Object.entries(data).flatMap(([name, value]): [string, string][] => {
    if (isChange(value)) return [[name, `${textOf(value.from)} → ${textOf(value.to)}`]];
    return isSaying(name, value) ? [[name, textOf(value)]] : [];
  });
}

type Change = { from: unknown; to: unknown };
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isChange = (value: unknown): value is Change => isObject(value) && 'from' in value && 'to' in value;

/** The members that are not what they were. */
function changesOf({ from, to }: Change): [string, string][] {
  const [before, after] = [isObject(from) ? from : {}, isObject(to) ? to : {}];
  return Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .map((name) => [name, `${textOf(before[name])} → ${textOf(after[name])}`]);
}

const forPrograms = new Set(['challengeExpiresAt', 'timeStep', 'administrator', 'index', 'publicKey']);
const isSaying = (name: string, value: unknown) => !/id$/i.test(name) && !forPrograms.has(name) && !isObject(value);

function textOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
