import type { Answered, Asked, Happened, Observation } from '../world/history.js';
import { isGood, type Known, type Ledger } from './ledger.js';
import { SKEW_MS } from './predicate.js';

const OVERLAP_MS = 60_000;
const DAY_MS = 86_400_000;

/** How a login is recorded that a remembered browser has spared a code. */
export const byBrowser = 'password+remembered-browser';
export const isByBrowser = ({ name, event }: Happened): boolean =>
  name === 'LoginSucceeded' && (event.data as { method: string }).method === byBrowser;

export interface Browser {
  readonly id: string;
  readonly portal: string;
  /** `portal/id`. */
  readonly account: string;
  /** The login by which it is remembered, and where its code had passed. */
  readonly request: Known;
  readonly passed: number;
  /** Of its event. */
  readonly place: number;
  readonly at: number;
  /** Where it was forgotten; undefined: it was not. */
  gone?: number;
}
export interface Token {
  readonly browser: Browser;
  /** The one that it was answered to; undefined: it is the first. */
  readonly before: Token | undefined;
  readonly told: number;
  /** By whom ever: it may have been used then. */
  firstAsked?: Known;
  /** When a login by it was recorded first: it had been used then. */
  usedBy?: number;
}
interface Ending {
  readonly name: string;
  readonly place: number;
  /** As its event says, milliseconds. */
  readonly time: number;
}

const ofSecondFactor = ['AccountLocked', 'TwoFactorDisabled', 'AuthenticatorAdded', 'AuthenticatorRemoved'];
const ofAccount = ['PasswordChanged', 'AccountSuspended', 'AccountDeleted'];

/** What the logs, and the tokens that people were given, say of remembered browsers. */
export class BrowserHistory {
  readonly #browsers = new Map<string, Browser>();
  readonly #remembered = new Map<string, readonly Browser[]>();
  readonly #tokens = new Map<string, Token>();
  readonly #endings = new Map<string, Ending[]>();
  /** By the id of the request, where its code has passed. */
  readonly #passed = new Map<string, number>();
  /** Accounts whose name may be another's by now. */
  readonly #renamed = new Set<string>();

  constructor(private readonly ledger: Ledger) {}

  /** In the order in which they were remembered. */
  of(account: string): readonly Browser[] {
    return this.#remembered.get(account) ?? [];
  }

  browser(id: string | undefined): Browser | undefined {
    return this.#browsers.get(id ?? '');
  }

  /** The one that was sent with a login. */
  tokenOf({ call }: Pick<Asked, 'call'>): Token | undefined {
    return this.#tokens.get((call.body as { browserToken?: string } | undefined)?.browserToken ?? '');
  }

  see(observed: Observation): void {
    if (observed.kind === 'asked') this.#asked(observed);
    if (observed.kind === 'event') this.#happened(observed);
    if (observed.kind === 'answered' && isGood(observed)) this.#answered(observed);
  }

  #asked(observed: Asked): void {
    const token = this.tokenOf(observed);
    if (token) token.firstAsked ??= this.ledger.requests.get(observed.requestId)!;
  }

  #happened(observed: Happened): void {
    const { name, event, at } = observed;
    const { place } = this.ledger;
    const request = this.ledger.requestOf(event);
    const account = `${event.portal}/${event.account}`;
    const data = event.data as { browserId: string; reason?: string; type?: unknown; changed?: string[] };
    if (name === 'AttemptSucceeded') this.#passed.set(event.context.correlationId, place);
    if (name === 'BrowserRemembered' && request) {
      const { portal } = event;
      const passed = this.#passed.get(request.requestId) ?? 0;
      const browser: Browser = { id: data.browserId, portal, account, request, passed, place, at };
      this.#browsers.set(data.browserId, browser);
      this.#remembered.set(account, [...this.of(account), browser]);
    }
    const token = request && isByBrowser(observed) ? this.tokenOf(request) : undefined;
    if (token) token.usedBy ??= at;
    if (ofSecondFactor.includes(name) || (name === 'SecretIssued' && data.reason === 'reset')) {
      const ending = { name, place, time: Date.parse(event.time) };
      this.#endings.set(account, [...(this.#endings.get(account) ?? []), ending]);
    }
    if (ofAccount.includes(name) || (name === 'AccountChanged' && data.type !== undefined)) this.#forget(account);
    if (name === 'BrowserForgotten') this.#forget(account, data.browserId);
    if (name === 'AccountDeleted' || data.changed?.includes('username')) this.#renamed.add(account);
  }

  #forget(account: string, browserId?: string): void {
    const isIt = ({ id }: Browser) => browserId === undefined || id === browserId;
    for (const browser of this.of(account).filter(isIt)) browser.gone = this.ledger.place;
    this.#remembered.set(
      account,
      this.of(account).filter((browser) => !isIt(browser)),
    );
  }

  #answered(observed: Answered): void {
    const { browserToken } = (observed.answer.body ?? {}) as { browserToken?: string };
    if (browserToken === undefined) return;
    const before = this.tokenOf(observed);
    const isIts = ({ request }: Browser) => request.requestId === observed.requestId;
    const browser = before?.browser ?? [...this.#browsers.values()].find(isIts);
    if (browser) this.#tokens.set(browserToken, { browser, before, told: this.ledger.place });
  }

  /** What of the second factor has ended it for whoever asks at that place. */
  endingBefore({ account, passed }: Browser, place: number): string | undefined {
    return this.#endings.get(account)?.find((one) => passed < one.place && one.place < place)?.name;
  }

  /** Whether something of the second factor may have come after it was remembered, by the clock of any instance. */
  mayHaveEnded({ account, request }: Browser): boolean {
    return (this.#endings.get(account) ?? []).some(({ time }) => time >= request.at - SKEW_MS);
  }

  hasSurelyEnded({ account, at }: Browser): boolean {
    return (this.#endings.get(account) ?? []).some(({ time }) => time > at + SKEW_MS);
  }

  /** Another was used first when this one was there, and long enough ago. */
  isReplaced(token: Token, request: Known): boolean {
    return this.#beside(token).some(
      ({ firstAsked, usedBy = Infinity }) =>
        token.told < firstAsked!.place && request.at > usedBy + OVERLAP_MS + 2 * SKEW_MS,
    );
  }

  /** As far as people know its tokens: those of answers that got lost nobody uses. */
  mayBeReplaced(token: Token, at: number): boolean {
    const ancestors = new Set<Token>();
    for (let before = token.before; before; before = before.before) ancestors.add(before);
    return this.#beside(token).some(
      (other) => !ancestors.has(other) && other.firstAsked!.at <= at - OVERLAP_MS + 2 * SKEW_MS,
    );
  }

  #beside(token: Token): Token[] {
    return [...this.#tokens.values()].filter(
      (other) => other !== token && other.browser === token.browser && other.firstAsked !== undefined,
    );
  }

  /** Its days are over, or were when there were fewer. */
  isTooOld({ portal, at }: Browser, request: Known): boolean {
    const { remembering } = this.ledger.portal(portal);
    return (
      remembering.surelyBy(request.place).some(({ days, setAt }) => setAt - days * DAY_MS > at + SKEW_MS) ||
      remembering.possibleSince(request.place).every(({ days }) => at + days * DAY_MS + 2 * SKEW_MS < request.at)
    );
  }

  mayBeTooOld({ portal, request }: Browser, at: number): boolean {
    const { remembering } = this.ledger.portal(portal);
    return remembering
      .possibleSince(request.place)
      .some(({ days }) => days === 0 || request.at + days * DAY_MS - 2 * SKEW_MS <= at);
  }

  /** Whether whoever entered a right password is surely of that account: its name was never another's. */
  isSurelyOf({ on }: Answered, account: string): boolean {
    return `${on?.portal}/${on?.id}` === account && !this.#renamed.has(account);
  }
}
