import type { EventType } from './facts.js';

type Unversioned<Type> = Type extends `${infer Kind}.v${number}` ? Kind : never;
export type EventKind = Unversioned<EventType>;

/** What happened, in whatever version it is told: `two-factor.account-locked.v1` → `two-factor.account-locked`. */
export const kindOf = (type: string) => type.replace(/\.v\d+$/, '') as EventKind;
