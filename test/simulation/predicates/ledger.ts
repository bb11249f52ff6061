import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { Asked, Answered, Happened, Observation } from '../world/history.js';
import { after, type Model, nothing } from './model.js';

/** A value and all that it was before, each from one place in the history on. */
export class Past<Value> {
  readonly #values: { readonly from: number; readonly value: Value; readonly requestId: string }[];
  /** From a place on, no instance goes by any value before that one. */
  readonly #sure: { readonly from: number; readonly entry: number }[] = [];

  constructor(initial: Value) {
    this.#values = [{ from: 0, value: initial, requestId: '' }];
  }

  get now(): Value {
    return this.#values.at(-1)!.value;
  }

  become(value: Value, from: number, requestId: string): void {
    this.#values.push({ from, value, requestId });
  }

  /** All that it was from that place on; `but`: without what that request did itself. */
  since(place: number, but?: string): Value[] {
    return this.#from(
      this.#values.findLastIndex(({ from }) => from <= place),
      but,
    );
  }

  /** A change was answered: whoever asks from here on gets what it was then, or what came later. */
  answered({ place, requestId }: Known, at: number): void {
    const entry = this.#values.findLastIndex((one) => one.from <= place || one.requestId === requestId);
    const before = this.#sure.at(-1)?.entry ?? 0;
    this.#sure.push({ from: at, entry: Math.max(before, entry) });
  }

  /** Since when it is what it surely is, or was, for whoever asks at that place; 0: from the beginning. */
  sureFrom(place: number): number {
    return this.#values[this.#sureAt(place)]!.from;
  }

  /** What an instance may go by that was asked at that place. */
  possibleSince(place: number, but?: string): Value[] {
    return this.#from(this.#sureAt(place), but);
  }

  /** What every instance had gone by, or something later, by that place. */
  surelyBy(place: number): Value[] {
    return this.#values.slice(0, this.#sureAt(place) + 1).map(({ value }) => value);
  }

  #sureAt(place: number): number {
    return this.#sure.findLast(({ from }) => from <= place)?.entry ?? 0;
  }

  #from(entry: number, but: string | undefined): Value[] {
    const values = this.#values.slice(Math.max(0, entry));
    return values.filter(({ requestId }, at) => at === 0 || requestId !== but).map(({ value }) => value);
  }
}

/** For how many days browsers are remembered, and since when as the log says, in milliseconds. */
export interface Remembering {
  readonly days: number;
  readonly setAt: number;
}

export interface Known extends Asked {
  /** In the history. */
  readonly place: number;
}

export interface PortalFacts {
  readonly enabled: Past<boolean>;
  readonly limit: Past<number>;
  readonly lockMinutes: Past<number>;
  readonly required: Past<boolean>;
  readonly graceDays: Past<number>;
  readonly remembering: Past<Remembering>;
  readonly addOn: Past<boolean>;
  /** Ids, and which of them are suspended. */
  administrators: ReadonlyMap<string, boolean>;
}
export interface AccountFacts {
  readonly portal: string;
  readonly id: string;
  readonly secondFactor: Past<Model>;
  /** Undefined: it is not registered. */
  readonly type: Past<'contributor' | 'power-reader' | undefined>;
  readonly suspended: Past<boolean>;
  readonly administrator: Past<boolean>;
  deleted: boolean;
}

export const isGood = ({ answer: { status } }: Answered): boolean => status >= 200 && status < 300;
export const codeOf = ({ answer }: Answered): string | undefined =>
  (answer.body as { code?: string } | undefined)?.code;

/** What a history says so far, for predicates: which request an event is of, and what was so when. */
export class Ledger {
  /** Of the present observation, from 1. */
  place = 0;
  readonly requests = new Map<string, Known>();
  readonly portals = new Map<string, PortalFacts>();
  readonly accounts = new Map<string, AccountFacts>();
  /** By the id of the login's request. */
  readonly #loggedIn = new Map<string, AccountFacts>();
  /** By token. */
  readonly #sessions = new Map<string, AccountFacts>();

  see(observed: Observation): void {
    this.place += 1;
    if (observed.kind === 'asked') this.requests.set(observed.requestId, { ...observed, place: this.place });
    if (observed.kind === 'event') this.#happened(observed);
    if (observed.kind === 'answered' && isGood(observed)) this.#holds(observed);
  }

  /** The request that led to it, unless an app did it by itself. */
  requestOf({ context }: Pick<RecordedEvent, 'context'>): Known | undefined {
    return this.requests.get(context.correlationId);
  }

  /** The account of the session that asked. Its person may know another: one that had the name before. */
  personOf({ by, call: { token = '' } }: Pick<Asked, 'by' | 'call'>): Pick<AccountFacts, 'portal' | 'id'> | undefined {
    if (typeof by !== 'object' || 'scopes' in by) return undefined;
    return this.#sessions.get(token) ?? by;
  }

  portal(id: string): PortalFacts {
    const made = this.portals.get(id) ?? {
      ...{ enabled: new Past(false), limit: new Past(5), lockMinutes: new Past(0), addOn: new Past(false) },
      ...{ required: new Past(false), graceDays: new Past(7) },
      remembering: new Past({ days: 0, setAt: -Infinity }),
      administrators: new Map<string, boolean>(),
    };
    this.portals.set(id, made);
    return made;
  }

  account(portal: string, id: string): AccountFacts {
    const key = `${portal}/${id}`;
    const made = this.accounts.get(key) ?? {
      ...{ portal, id, deleted: false, secondFactor: new Past(nothing) },
      ...{ type: new Past<'contributor' | 'power-reader' | undefined>(undefined) },
      ...{ suspended: new Past(false), administrator: new Past(false) },
    };
    this.accounts.set(key, made);
    return made;
  }

  #happened({ app, name, event }: Happened): void {
    const { portal, account, context, time } = event;
    const data = event.data as {
      to?: {
        enabled: boolean;
        maxFailedAttempts: number;
        lockMinutes?: number;
        required?: boolean;
        graceDays?: number;
        rememberDays?: number;
      };
      type?: unknown;
    };
    const now = [this.place, context.correlationId] as const;
    if (app === 'admin-policy') {
      const { enabled, limit, lockMinutes, required, graceDays, remembering, addOn } = this.portal(portal);
      if (name === 'SettingsChanged') {
        enabled.become(data.to!.enabled, ...now);
        limit.become(data.to!.maxFailedAttempts, ...now);
        lockMinutes.become(data.to!.lockMinutes ?? 0, ...now);
        required.become(data.to!.required ?? false, ...now);
        graceDays.become(data.to!.graceDays ?? 7, ...now);
        remembering.become({ days: data.to!.rememberDays ?? 0, setAt: Date.parse(time) }, ...now);
      }
      if (name === 'AddOnGranted' || name === 'AddOnRevoked') addOn.become(name === 'AddOnGranted', ...now);
    } else if (account === undefined) this.#administrators(name, event, now);
    else {
      const facts = this.account(portal, account);
      if (app === 'two-factor')
        return facts.secondFactor.become(after(facts.secondFactor.now, name, event.data), ...now);
      if (name === 'LoginSucceeded' || name === 'HandedOver') this.#loggedIn.set(context.correlationId, facts);
      if (name === 'AccountRegistered') facts.type.become(data.type as 'contributor', ...now);
      const to = (data.type as { to?: 'contributor' } | undefined)?.to;
      if (name === 'AccountChanged' && to) facts.type.become(to, ...now);
      if (name === 'AccountSuspended' || name === 'AccountResumed')
        facts.suspended.become(name === 'AccountSuspended', ...now);
      if (name === 'AccountDeleted') facts.deleted = true;
    }
  }

  #administrators(name: string, { portal, data }: RecordedEvent, now: readonly [number, string]): void {
    const { accountId, administrator = accountId } = data as Record<string, string>;
    if (administrator === undefined) return;
    const { administrators } = this.portal(portal);
    const next = new Map(administrators);
    if (name === 'AdministratorRemoved') next.delete(administrator);
    else if (name !== 'AdministratorResumed' || next.has(administrator))
      next.set(administrator, name === 'AdministratorSuspended');
    this.portal(portal).administrators = next;
    const is = next.has(administrator);
    const fact = this.account(portal, administrator).administrator;
    if (fact.now !== is) fact.become(is, ...now);
  }

  /** R28: it holds for every request begun after its answer. */
  #holds({ name, call, on, requestId, answer }: Answered): void {
    const request = this.requests.get(requestId)!;
    const { accessToken } = (answer.body ?? {}) as { accessToken?: string };
    const account = this.#loggedIn.get(requestId);
    if (accessToken !== undefined && account) this.#sessions.set(accessToken, account);
    const now = [request, this.place] as const;
    const portal = call.params?.portal;
    if (name === 'changeSettings') {
      const { enabled, limit, lockMinutes, required, graceDays, remembering } = this.portal(portal!);
      for (const fact of [enabled, limit, lockMinutes, required, graceDays, remembering]) fact.answered(...now);
    }
    if (name === 'grantAddOn' || name === 'revokeAddOn') this.portal(portal!).addOn.answered(...now);
    if (!on) return;
    const { type, suspended } = this.account(on.portal, on.id);
    if (name === 'changeAccount') type.answered(...now);
    if (name === 'suspendAccount' || name === 'resumeAccount') suspended.answered(...now);
  }
}
