import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { type RecordedEvent, appOf } from '#libs/contracts/src/events/event.js';
import type { ServiceScope } from '#libs/contracts/src/primitives.js';
import { Authenticator } from './authenticator.js';
import type { Api, EventFilter } from '../calls/client.js';
import { type EventName, ofType, shortType } from '../events.js';
import type { Stack } from '../process/stack.js';
import { until } from '../until.js';

/** What a portal is made in: one process, or many. */
export type Product = Pick<Stack, 'api' | 'operator' | 'clock' | 'recorded'>;

export type Settings = z.input<typeof adminPolicyEndpoints.changeSettings.body>;

/** Settings that are not named are as the product has them. */
export interface PortalOptions extends Partial<Settings> {
  id?: string;
  admin?: string;
  addOn?: boolean;
}

interface Registration {
  type?: 'contributor' | 'power-reader';
  admin?: boolean;
  username?: string;
  displayName?: string;
  email?: string;
  externalId?: string;
}

/** A portal of its own for each test, so that one stack serves many. */
export class Portal {
  readonly id: string;
  readonly admin: Person;

  /** Until it is opened, the product does not know it. */
  constructor(
    readonly stack: Product,
    private readonly options: PortalOptions = {},
  ) {
    const { id = `p-${randomBytes(8).toString('hex')}`, admin: username } = options;
    this.id = id;
    this.admin = new Person(stack, id, { ...newCredentials('admin'), ...(username !== undefined && { username }) });
  }

  /** With the add-on and 2FA on unless told; its administrator is logged in and has no 2FA. */
  static make(stack: Product, options: PortalOptions = {}): Promise<Portal> {
    return new Portal(stack, options).open();
  }

  async open(): Promise<this> {
    const { id: _, admin: __, addOn = true, ...settings } = this.options;
    const { operator } = this.stack;
    (await operator.createPortal({ id: this.id, admin: this.admin.credentials })).success();
    await this.admin.signIn();
    this.admin.id = (await this.admin.api.me()).success().id;
    if (addOn) (await operator.grantAddOn(this.id)).success();
    if (addOn && settings.enabled !== false) await this.set({ enabled: true, ...settings });
    return this;
  }

  /** As the portal's administrator, who proves again who they are when asked to. */
  get api(): Api {
    return this.admin.provingApi;
  }

  /** As they are, but for that change: what the interface takes. */
  async settings(change: Partial<Settings> = {}): Promise<Settings> {
    const { effective: _, ...present } = (await this.api.settings(this.id)).success();
    return { ...present, ...change };
  }

  async set(change: Partial<Settings>) {
    return (await this.api.changeSettings(this.id, await this.settings(change))).success();
  }

  /** Registered, not logged in. */
  async register(options: Registration = {}) {
    const { type = 'contributor', username, ...others } = options;
    const credentials = { ...newCredentials(type), ...(username !== undefined && { username }) };
    const body = { ...credentials, type, ...others };
    const person = new Person(this.stack, this.id, credentials);
    person.id = (await this.api.register(this.id, body)).success().id;
    return person;
  }

  /** A Contributor without 2FA, logged in by password. */
  async contributor(): Promise<Person> {
    return (await this.register()).signIn();
  }

  async powerReader(): Promise<Person> {
    return (await this.register({ type: 'power-reader' })).signIn();
  }

  /** A Contributor with 2FA active, whose session has passed both factors. */
  async enrolled(): Promise<Person> {
    return (await this.contributor()).enrol();
  }

  async serviceToken(...scopes: ServiceScope[]): Promise<{ id: string; token: string }> {
    return (await this.stack.operator.issueServiceToken(this.id, { name: 'test', scopes })).success();
  }

  /** With a service token of this portal. */
  async service(...scopes: ServiceScope[]): Promise<Api> {
    return this.stack.api.as((await this.serviceToken(...scopes)).token);
  }

  async loginToken(person: Person): Promise<string> {
    return (await this.api.issueLoginToken(this.id, person.id)).success().token;
  }

  /** The events of the portal, once so many of that type can be read. */
  events(type: EventName, count = 1, filter: EventFilter = {}): Promise<RecordedEvent[]> {
    return until(`${count} ${type} can be read`, async () => {
      const events = await this.readEvents(filter);
      return ofType(events, type).length >= count && events;
    });
  }

  /** Those of an account's second factor. */
  async eventsOf({ id: account }: Person, type: EventName, count = 1): Promise<RecordedEvent[]> {
    const events = await this.events(type, count, { account });
    return events.filter((event) => appOf(event.type) === 'two-factor');
  }

  /** Of a locked account, which is unlocked: that event stands after all that was answered before, so none of those is missing. */
  async eventsBeforeUnlock(person: Person): Promise<RecordedEvent[]> {
    (await this.api.unlock(this.id, person.id)).success();
    const events = await this.eventsOf(person, 'UserUnlocked');
    const end = events.findIndex((event) => shortType(event) === 'UserUnlocked');
    return events.slice(0, end);
  }

  /** All events that are recorded until now, as soon as they can be read. */
  async allEvents(): Promise<RecordedEvent[]> {
    const recorded = await this.stack.recorded(this.id);
    if (recorded === 0) throw new Error(`nothing is recorded of ${this.id}, not even that it was made`);
    return until('all events can be read', async () => {
      const events = await this.readEvents();
      return events.length >= recorded && events;
    });
  }

  async readEvents(filter: EventFilter = {}): Promise<RecordedEvent[]> {
    const all: RecordedEvent[] = [];
    for (let after: string | undefined; ;) {
      const page = (
        await this.api.events(this.id, { ...filter, limit: 200, ...(after !== undefined && { after }) })
      ).success();
      all.push(...page.events);
      if (page.next === null) return all;
      after = page.next;
    }
  }
}

export interface Credentials {
  username: string;
  password: string;
}

const newCredentials = (kind: string): Credentials => ({
  username: `${kind}-${randomBytes(6).toString('hex')}`,
  password: `pass ${randomBytes(12).toString('base64url')}`,
});

/** One person: what they know, what they hold, and the session they are in. */
export class Person {
  id = '';
  /** Of the last login. */
  token: string | undefined;
  backupCodes: string[] = [];
  private held: Authenticator | undefined;
  /** All that there ever were: a code of one that is gone may be none of its successor. */
  private readonly apps: Authenticator[] = [];

  constructor(
    readonly stack: Product,
    readonly portal: string,
    readonly credentials: Credentials,
  ) {}

  /** In the present session. */
  get api(): Api {
    if (this.token === undefined) throw new Error(`${this.credentials.username} is not logged in`);
    return this.stack.api.as(this.token);
  }

  /** The same; a call that is refused for want of a fresh proof is made again after a re-authentication. */
  get provingApi(): Api {
    return this.api.retryingAfter('re-authentication-required', () => this.reAuthenticate());
  }

  /** With a code where the person has a second factor. */
  async reAuthenticate(): Promise<void> {
    const { password } = this.credentials;
    const answer = await this.api.reAuthenticate({ password });
    if (answer.code === null) return;
    answer.refused('re-authentication-required');
    (await this.api.reAuthenticate({ password, code: this.phone.freshCode() })).success();
  }

  get phone(): Authenticator {
    if (!this.held) throw new Error(`${this.credentials.username} has no authenticator`);
    return this.held;
  }

  /** Username and password, from any address. */
  enterPassword(api: Api = this.stack.api) {
    return api.login({ portal: this.portal, ...this.credentials });
  }

  enterWrongPassword(api: Api = this.stack.api) {
    return api.login({ portal: this.portal, username: this.credentials.username, password: 'not the password' });
  }

  /** A challenge for a code. Throws when none is asked for. */
  async challenge(api: Api = this.stack.api): Promise<string> {
    const reply = (await this.enterPassword(api)).success();
    if (reply.status !== 'code-required') throw new Error(`${this.credentials.username} was asked for no code`);
    return reply.challenge;
  }

  /** A challenge for a gateway. Throws when no code is asked for. */
  async challengeAt(gateway: Api): Promise<string> {
    const opened = (await gateway.openChallenge(this.portal, this.id)).success();
    if (!opened.required) throw new Error(`${this.credentials.username} needs no code`);
    return opened.challenge;
  }

  /** Sends a code for a new challenge. */
  async enterCode(code: string, api: Api = this.stack.api) {
    return api.sendCode(await this.challenge(api), { code });
  }

  async enterBackupCode(backupCode: string) {
    return this.stack.api.sendCode(await this.challenge(), { backupCode });
  }

  /** Logs in with whatever is asked for. */
  async signIn(): Promise<this> {
    const reply = (await this.enterPassword()).success();
    this.token =
      reply.status !== 'code-required'
        ? reply.accessToken
        : (await this.stack.api.sendCode(reply.challenge, { code: this.phone.freshCode() })).success().accessToken;
    return this;
  }

  /** Logs in with a code, and has the browser remembered: its token. Throws when the portal remembers none. */
  async remember(api: Api = this.stack.api): Promise<string> {
    const code = this.phone.freshCode();
    const answer = (await api.sendCode(await this.challenge(api), { code, remember: true })).success();
    if (answer.browserToken === undefined) throw new Error('the browser is not remembered');
    this.token = answer.accessToken;
    return answer.browserToken;
  }

  /** Username and password, in a browser that has this token. */
  enterPasswordWith(browserToken: string, api: Api = this.stack.api) {
    return api.login({ portal: this.portal, ...this.credentials, browserToken });
  }

  /** Another session of the same person, beside the present one. */
  async secondSession(): Promise<string> {
    const first = this.token;
    const second = (await this.signIn()).token;
    this.token = first;
    return second as string;
  }

  /** Starts setting up: from here on the phone holds the new secret. */
  async beginSetUp() {
    const setup = (await this.api.setUp()).success();
    this.scan(setup.otpauthUri);
    return setup;
  }

  /** An app from before, which the product does not show. */
  hold(app: Authenticator): void {
    this.held = app;
    this.apps.push(app);
  }

  scan(otpauthUri: string): Authenticator {
    return (this.held = this.newApp(otpauthUri));
  }

  private newApp(otpauthUri: string): Authenticator {
    const app = new Authenticator(otpauthUri, this.stack.clock);
    // one that was imported may have another period
    app.skipUntil(Math.max(0, ...this.apps.map(({ lastShown, period }) => lastShown * period)));
    this.apps.push(app);
    return app;
  }

  async enrol(): Promise<this> {
    await this.beginSetUp();
    this.backupCodes = (await this.api.confirm(this.phone.freshCode())).success().backupCodes;
    return this;
  }

  /** An authenticator app of that name: one more, or the first. */
  async addApp(name: string): Promise<Authenticator> {
    const app = this.newApp((await this.provingApi.addTotp(name)).success().otpauthUri);
    const { backupCodes } = (await this.api.confirmTotp(app.freshCode())).success();
    if (backupCodes) [this.held, this.backupCodes] = [app, backupCodes];
    return app;
  }

  /** The ids of the authenticators, in the order in which they were added. */
  async authenticatorIds(): Promise<string[]> {
    return (await this.api.authenticators()).success().authenticators.map(({ id }) => id);
  }

  /** Wrong codes at login, each a failed attempt. Returns the last answer. */
  async fail(times: number) {
    const challenge = await this.challenge();
    for (let left = times; ; left -= 1) {
      const answer = await this.stack.api.sendCode(challenge, { code: this.phone.wrongCode() });
      if (left === 1) return answer;
      answer.refused('wrong-code');
    }
  }

  /** Wrong codes until the account is locked, at most 100. */
  async lock(): Promise<this> {
    const challenge = await this.challenge();
    for (let i = 0; i < 100; i += 1) {
      const answer = await this.stack.api.sendCode(challenge, { code: this.phone.wrongCode() });
      if (answer.code === 'account-locked') return this;
      answer.refused('wrong-code');
    }
    throw new Error(`${this.credentials.username} is not locked after 100 wrong codes`);
  }
}
