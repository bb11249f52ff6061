import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { CallName } from '../world/acts.js';
import type { Person, Service } from '../world/cast.js';
import type { Asked, Observation } from '../world/history.js';
import type { World } from '../world/world.js';
import type { Predicate } from './predicate.js';

/* Histories that are made by hand, for specs of predicates. */

export const alice = { id: 'a1', portal: 'one', username: 'alice', sessions: [] as string[] } as unknown as Person;
export const gateway = { id: 'v1', portal: 'one', scopes: ['challenges'] } as unknown as Service;
const account = { portal: 'one', account: 'a1' };

/** What was seen, a second after another unless told. */
export class Story {
  readonly seen: Observation[] = [];
  #at = 0;
  #requests = 0;
  #waiting: Asked | undefined;

  later(ms: number): this {
    this.#at += ms;
    return this;
  }

  /** Of the newest request, unless told. */
  event(app: AppName, name: string, data: object = {}, more: Partial<RecordedEvent> = {}): this {
    const context = { correlationId: `r${this.#requests}`, entrance: 'bus' as const };
    const actor = { kind: 'user', id: 'a1' };
    const time = new Date(this.#at + 1_000).toISOString();
    const event = { id: `e${this.seen.length}`, ...account, actor, time, context, data, ...more } as RecordedEvent;
    return this.#tell({ kind: 'event', app, name, event });
  }

  call(name: CallName, of: Partial<Omit<Asked['call'], 'endpoint'>> & { by?: Person | Service } = {}) {
    this.#requests += 1;
    const { by, ...call } = of;
    return this.#tell({ kind: 'asked', ...this.#asked, name, by, on: alice, call });
  }

  get now(): number {
    return this.#at;
  }

  /** Something else is asked and answered before the answer of what was asked. */
  overtaken(meanwhile: (story: this) => this): this {
    const asked = this.seen.findLast((one) => one.kind === 'asked')!;
    this.#waiting = asked;
    return meanwhile(this);
  }

  answer(status = 200, body: unknown = {}): this {
    const newest = this.seen.findLast((one) => one.kind === 'asked')!;
    const isAnswered = this.seen.some((one) => one.kind === 'answered' && one.requestId === newest.requestId);
    const asked = isAnswered && this.#waiting ? this.#waiting : newest;
    return this.#tell({ ...asked, kind: 'answered', answer: { status, body } });
  }

  get #asked() {
    return { number: this.#requests, requestId: `r${this.#requests}` };
  }

  #tell(observed: object): this {
    this.seen.push({ ...observed, at: (this.#at += 1_000) } as Observation);
    return this;
  }
}

const inVault = [{ key: ['one', 'a1', 'k1'] }];
/** `atRest`: also of what is left then. */
export async function complaintsOf(predicate: Predicate, { seen }: Story, atRest = false): Promise<string[]> {
  const complaints: string[] = [];
  const database = () => ({ stored: () => inVault });
  const world = { faults: { calm: true }, database } as unknown as World;
  const watching = predicate.begin((what) => complaints.push(what), world);
  for (const observed of seen) watching.seen?.(observed);
  if (atRest) await watching.atRest?.({} as never);
  return complaints;
}

export const enabled = () =>
  new Story()
    .event('admin-policy', 'SettingsChanged', { to: { enabled: true, maxFailedAttempts: 5 } }, { account: undefined })
    .event('admin-policy', 'AddOnGranted', {}, { account: undefined })
    .event('identity', 'AccountRegistered', { type: 'contributor' })
    .event('two-factor', 'TwoFactorEnabled', { secretId: 'k1', timeStep: 1 });
/** All of it answered, so that it holds. */
export const active = () =>
  enabled()
    .call('changeSettings', { params: { portal: 'one' } })
    .answer()
    .call('grantAddOn', { params: { portal: 'one' } })
    .answer()
    .call('changeAccount')
    .answer();
