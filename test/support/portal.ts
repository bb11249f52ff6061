import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { Authenticator } from './authenticator.js';
import type { Api, EventFilter } from './client.js';
import type { Stack } from './stack.js';
import { until } from './until.js';

/** What a portal is made in: one process, or many. */
export type Product = Pick<Stack, 'api' | 'operator' | 'clock'>;

interface PortalOptions {
  id?: string;
  admin?: string;
  addOn?: boolean;
  enabled?: boolean;
  maxFailedAttempts?: number;
}

interface Registration {
  type?: 'contributor' | 'power-reader';
  admin?: boolean;
  username?: string;
  displayName?: string;
  email?: string;
}

/** A portal of its own for each test, so that one stack serves many. */
export class Portal {
  private constructor(
    readonly stack: Product,
    readonly id: string,
    readonly admin: Person,
  ) {}

  /** With the add-on and 2FA on unless told; its administrator is logged in and has no 2FA. */
  static async make(stack: Product, options: PortalOptions = {}) {
    const { addOn = true, enabled = true, maxFailedAttempts = 5, admin: username } = options;
    const { id = `p-${randomBytes(8).toString('hex')}` } = options;
    const credentials = { ...newCredentials('admin'), ...(username !== undefined && { username }) };
    (await stack.operator.createPortal({ id, admin: credentials })).success();
    const admin = await new Person(stack, id, credentials).signIn();
    admin.id = (await admin.api.me()).success().id;
    const portal = new Portal(stack, id, admin);
    if (addOn) (await stack.operator.grantAddOn(id)).success();
    if (enabled !== false && addOn) await portal.set({ enabled, maxFailedAttempts });
    return portal;
  }

  /** As the portal's administrator, who proves again who they are when asked to. */
  get api(): Api {
    return this.admin.provingApi;
  }

  async set(change: { enabled?: boolean; maxFailedAttempts?: number }) {
    const { enabled, maxFailedAttempts } = (await this.api.settings(this.id)).success();
    return (await this.api.changeSettings(this.id, { enabled, maxFailedAttempts, ...change })).success();
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

  /** A service token of this portal, as an API to call. */
  async service(...scopes: ('challenges' | 'commands' | 'events')[]): Promise<Api> {
    return this.stack.api.as(
      (await this.stack.operator.issueServiceToken(this.id, { name: 'test', scopes })).success().token,
    );
  }

  async loginToken(person: Person): Promise<string> {
    return (await this.api.issueLoginToken(this.id, person.id)).success().token;
  }

  /**
   * The events of the portal, or of one account, as its administrator reads them: once `complete` says that those are there
   * which the test knows of, or after the second within which they must be.
   */
  async events(
    complete: (events: readonly RecordedEvent[]) => boolean,
    filter: EventFilter = {},
  ): Promise<RecordedEvent[]> {
    let events: RecordedEvent[] = [];
    const look = async () => complete((events = await this.readEvents(filter)));
    await until('the events can be read', look, 1_000).catch(() => {});
    return events;
  }

  /** All events of what was answered until now: whatever was answered a second ago can be read. */
  async allEvents(): Promise<RecordedEvent[]> {
    await sleep(1_000);
    return this.readEvents();
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
      reply.status === 'complete'
        ? reply.accessToken
        : (await this.stack.api.sendCode(reply.challenge, { code: this.phone.freshCode() })).success().accessToken;
    return this;
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

  scan(otpauthUri: string): Authenticator {
    return (this.held = new Authenticator(otpauthUri, this.stack.clock, this.held?.lastShown));
  }

  async enrol(): Promise<this> {
    await this.beginSetUp();
    this.backupCodes = (await this.api.confirm(this.phone.freshCode())).success().backupCodes;
    return this;
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
