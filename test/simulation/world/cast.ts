import { codeAt, fromBase32 } from '#test/support/people/authenticator.js';
import type { Random } from '#test/support/random.js';
import type { Provider } from './provider.js';
import type { CommandKey } from './signing.js';

/** A secret as the person's app has it. */
export interface App {
  readonly authenticatorId: string;
  readonly secret: Buffer;
}

/** Somebody with an account, and what they know; it may be out of date. */
export interface Person {
  readonly id: string;
  readonly portal: string;
  username: string;
  password: string | undefined;
  readonly externalId: string | undefined;
  readonly admin: boolean;
  readonly sessions: string[];
  readonly sessionIds: string[];
  /** Ids of sessions that gateways have begun. */
  readonly handOvers: string[];
  readonly apps: App[];
  pending: App | undefined;
  backupCodes: string[];
  readonly challenges: string[];
  readonly loginTokens: string[];
  readonly links: string[];
  /** Of browsers that were remembered, in the order in which they came. */
  readonly browserTokens: string[];
  readonly browserIds: string[];
  /** As the identity provider names them. */
  subject: string | undefined;
  readonly idTokens: string[];
  /** Logins that were begun for them, each with what the provider has answered. */
  readonly ssoLogins: { readonly ssoLogin: string; readonly answer: { code: string; state: string; iss: string } }[];
  /** As the last answer said. */
  locked: boolean;
  suspended: boolean;
  /** It was resumed or unlocked: what it had before is tried again. */
  isBack: boolean;
}

export interface Service {
  readonly id: string;
  readonly portal: string;
  readonly token: string;
  readonly scopes: readonly string[];
  /** That it has opened. */
  readonly challenges: { readonly challenge: string; readonly person: Person }[];
  readonly commandKey: CommandKey | undefined;
  /** Of commands that it has sent. */
  readonly commandIds: string[];
}

/** Everybody in a world, and their ways: few, so that they meet. */
export class Cast {
  readonly portals: string[] = [];
  readonly people: Person[] = [];
  readonly services: Service[] = [];
  /** Of streams, where somebody has stopped reading, by portal. */
  readonly cursors = new Map<string, string[]>();
  /** Tokens that nobody revokes, by portal. */
  readonly watchers = new Map<string, string>();
  #random: Random;
  #wanted = 'person-0';

  constructor(
    /** Of its own, however the world's goes on. */
    random: Random,
    readonly provider: Provider,
    private readonly now: () => number,
  ) {
    this.#random = random;
  }

  get random(): Random {
    return this.#random;
  }

  /** Simulated milliseconds since 1970. */
  get time(): number {
    return this.now();
  }

  /** What is drawn next is drawn by this. */
  by(random: Random): this {
    this.#random = random;
    return this;
  }

  /** A name that nobody has, one that somebody wanted a moment ago, or one that somebody has or had. */
  name(): string {
    if (this.people.length > 0 && this.random.chance(0.1)) return this.random.pick(this.people).username;
    return this.random.chance(0.3) ? this.#wanted : (this.#wanted = `person-${this.random.below(1_000)}`);
  }

  service(service: Pick<Service, 'id' | 'portal' | 'token' | 'scopes'>, commandKey?: CommandKey): void {
    this.services.push({ ...service, challenges: [], commandIds: [], commandKey });
  }

  person(id: string, portal: string, account: Partial<Person> & Pick<Person, 'username'>): Person {
    const known = this.people.find((one) => one.id === id);
    if (known) return known;
    const nothing = { password: undefined, externalId: undefined, admin: false, pending: undefined, backupCodes: [] };
    const state = { locked: false, suspended: false, isBack: false, subject: undefined };
    const lists = {
      ...{ sessions: [], sessionIds: [], apps: [], challenges: [], loginTokens: [], links: [], idTokens: [] },
      ...{ ssoLogins: [], browserTokens: [], browserIds: [], handOvers: [] },
    };
    const person: Person = { ...nothing, ...state, ...lists, ...account, id, portal };
    this.people.push(person);
    return person;
  }

  /** A code: mostly the right one of now, else one that was right before or will be, or a guess. */
  code({ apps, pending }: Pick<Person, 'apps' | 'pending'>, of?: App): string {
    const known = of ? [of] : [...apps, ...(pending ? [pending] : [])];
    if (known.length === 0 || this.random.chance(0.3)) return String(this.random.below(1_000_000)).padStart(6, '0');
    const step = Math.floor(this.now() / 30_000);
    const off = this.random.chance(0.7) ? 0 : this.random.pick([-3, -2, -1, 1, 2]);
    return codeAt(this.random.pick(known).secret, step + off);
  }
}

/** Of the operator, who is nobody in the cast. */
export const OPERATOR_TOKEN = 'operator'.padEnd(32, '0');

export const secretOf = (otpauthUri: string): Buffer =>
  fromBase32(new URL(otpauthUri).searchParams.get('secret') ?? '');
