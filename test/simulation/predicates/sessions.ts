import { as } from '../runtime/scheduler.js';
import { calls } from '../world/acts.js';
import type { Answered, Happened } from '../world/history.js';
import { isGood, type Known, type Ledger } from './ledger.js';
import { byLedger, type Complain, type Predicate } from './predicate.js';

/** R28: within a second of a lock while the bus works. */
const SOON_MS = 1_500;
/** Else, once readers have gone on elsewhere and retries have come through. */
const LATE_MS = 60_000;
const MOST_AT_REST = 40;
const begins: readonly string[] = ['LoginSucceeded', 'HandedOver'];

interface Session {
  readonly account: string;
  readonly sessionId: string;
  /** Place of its event. */
  readonly began: number;
}
interface Ending {
  readonly name: string;
  readonly place: number;
  readonly at: number;
  readonly requestId: string;
  /** All of the account but this one; `only`: this one alone. */
  readonly except?: string | undefined;
  readonly only?: string;
  /** Whoever asks after that place sees it. */
  surely?: number;
}

/** What ended sessions, by account, as far as events tell. */
class Endings {
  readonly #of = new Map<string, Ending[]>();
  #faultAt = -Infinity;

  constructor(private readonly isCalm: () => boolean) {}

  of(account: string): readonly Ending[] {
    return this.#of.get(account) ?? [];
  }

  troubled(at: number): void {
    this.#faultAt = at;
  }

  happened({ name, event, at }: Happened, place: number): void {
    const { portal, account, data, context } = event;
    const { sessionId, reason } = data as { sessionId?: string | null; reason?: string };
    const ending = { name, place, at, requestId: context.correlationId };
    const add = (more: Partial<Ending> = {}) => {
      const key = `${portal}/${account}`;
      this.#of.set(key, [...this.of(key), { ...ending, ...more }]);
    };
    if (name === 'LoggedOut' || name === 'SessionEnded') add({ only: sessionId!, surely: place });
    if (name === 'AccountDeleted') add({ surely: place });
    if (name === 'AccountSuspended' || name === 'AccountLocked') add();
    const others = ['PasswordChanged', 'AuthenticatorRemoved'].includes(name) || reason === 'reset';
    if (others || (name === 'TwoFactorDisabled' && sessionId)) add({ except: sessionId ?? undefined });
  }

  /** A change was answered: it holds. An unlock is answered when the sessions of the lock have ended (R25). */
  answered({ name, requestId, on }: Answered, place: number): void {
    for (const [account, endings] of this.#of) {
      for (const ending of endings) {
        const byUnlock = name === 'unlock' && ending.name === 'AccountLocked' && account === `${on?.portal}/${on?.id}`;
        if (byUnlock || ending.requestId === requestId) ending.surely ??= place;
      }
    }
  }

  hasEnded({ name, surely, at }: Ending, request: Known): boolean {
    if (surely !== undefined) return surely < request.place;
    const calm = this.isCalm() && at - this.#faultAt > LATE_MS && this.#faultAt <= at;
    return name === 'AccountLocked' && request.at > at + (calm ? SOON_MS : LATE_MS);
  }
}

const concerns = ({ place, except, only }: Ending, { began, sessionId }: Session) =>
  began < place && sessionId !== except && (only === undefined || only === sessionId);

/** Sessions that people have a token of, and what ended them; complains of what `about` picks. */
function watchSessions(about: readonly string[]) {
  return byLedger((complain, ledger, world) => {
    const endings = new Endings(() => world.faults.calm);
    const begun = new Map<string, Session>();
    const sessions = new Map<string, Session>();
    const picked = (account: string) => endings.of(account).filter(({ name }) => about.includes(name));
    return {
      seen: (observed) => {
        if (observed.kind === 'fault') endings.troubled(observed.at);
        if (observed.kind === 'event') {
          const { portal, account, data, context } = observed.event;
          const { sessionId } = data as { sessionId: string };
          const session = { account: `${portal}/${account}`, sessionId, began: ledger.place };
          if (begins.includes(observed.name)) begun.set(context.correlationId, session);
          endings.happened(observed, ledger.place);
        }
        if (observed.kind !== 'answered' || !isGood(observed)) return;
        const { accessToken } = (observed.answer.body ?? {}) as { accessToken?: string };
        const of = begun.get(observed.requestId);
        if (accessToken !== undefined && of) sessions.set(accessToken, of);
        const session = sessions.get(observed.call.token ?? '');
        const request = ledger.requests.get(observed.requestId)!;
        const ended =
          session && picked(session.account).find((one) => concerns(one, session) && endings.hasEnded(one, request));
        if (ended) complain(`${observed.name} passed by a session of ${session.account}, after ${ended.name}`);
        endings.answered(observed, ledger.place);
      },
      atRest: async () => {
        for (const [token, session] of [...sessions].slice(-MOST_AT_REST)) {
          // a change of the password may have to be finished by the next sweep
          const isOver = (one: Ending) =>
            concerns(one, session) && (one.surely !== undefined || one.name !== 'PasswordChanged');
          const ended = picked(session.account).find(isOver);
          if (!ended) continue;
          const { status } = await world.until(as(undefined, () => world.call({ endpoint: calls.me, token })));
          if (status !== 401 && status !== 0 && status !== 503)
            complain(`a session of ${session.account} of before ${ended.name} is good at rest: ${status}`);
        }
      },
    };
  });
}

export const lockEndsSessions: Predicate = {
  rule: 'R23',
  says: 'a lock ends all sessions, within a second while the bus works, and they do not live again (R25)',
  begin: watchSessions(['AccountLocked']),
};
export const suspensionEndsSessions: Predicate = {
  rule: 'R41',
  says: 'a suspension and a deletion end all sessions for good',
  begin: watchSessions(['AccountSuspended', 'AccountDeleted']),
};
export const endedSessionsStayEnded: Predicate = {
  rule: 'R44',
  says: 'a session that was ended stays ended',
  begin: watchSessions(['LoggedOut', 'SessionEnded', 'PasswordChanged']),
};
export const changesEndOtherSessions: Predicate = {
  rule: 'R45',
  says: 'a reset (R13), a disabling and a removal end the other sessions',
  begin: watchSessions(['SecretIssued', 'TwoFactorDisabled', 'AuthenticatorRemoved']),
};

const noLogin = (complain: Complain, ledger: Ledger) => (observed: Happened) => {
  const { portal, account } = observed.event;
  const request = ledger.requestOf(observed.event);
  const { secondFactor } = ledger.account(portal, account!);
  if (request && secondFactor.since(request.place).every(({ locked }) => locked))
    complain(`${observed.name} of ${portal}/${account}`);
};

export const noLoginWhileLocked: Predicate = {
  rule: 'R23',
  says: 'nobody logs in while the account is locked, by any way',
  begin: byLedger((complain, ledger) => {
    const check = noLogin(complain, ledger);
    return {
      seen: (observed) => void (observed.kind === 'event' && begins.includes(observed.name) && check(observed)),
    };
  }),
};

export const loginTokensEnd: Predicate = {
  rule: 'R25',
  says: 'no login token of before a lock, a suspension or another password is good afterwards',
  begin: byLedger((complain, ledger, world) => {
    const endings = new Endings(() => world.faults.calm);
    const issued = new Map<string, { readonly account: string; readonly place: number }>();
    return {
      seen: (observed) => {
        if (observed.kind === 'fault') endings.troubled(observed.at);
        if (observed.kind === 'event') endings.happened(observed, ledger.place);
        if (observed.kind !== 'answered' || !isGood(observed)) return;
        const { name, on, call, answer } = observed;
        if (name === 'issueLoginToken') {
          const { token } = answer.body as { token: string };
          // an external id may name another by now
          if (call.params?.account === on!.id)
            issued.set(token, { account: `${on!.portal}/${on!.id}`, place: ledger.place });
        }
        if (name === 'loginWithToken') {
          const token = issued.get((call.body as { token: string }).token);
          const request = ledger.requests.get(observed.requestId)!;
          const general = ['AccountLocked', 'AccountSuspended', 'PasswordChanged', 'AccountDeleted'];
          const ended =
            token &&
            endings
              .of(token.account)
              .find((one) => general.includes(one.name) && one.place > token.place && endings.hasEnded(one, request));
          if (ended) complain(`one of ${token.account} was good after ${ended.name}`);
        }
        endings.answered(observed, ledger.place);
      },
    };
  }),
};

export const endedOnce: Predicate = {
  rule: 'R44',
  says: 'what a request did to a session is recorded once',
  begin: (complain) => {
    const recorded = new Set<string>();
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || !['LoggedOut', 'SessionEnded', 'ReAuthenticated'].includes(observed.name))
          return;
        const { sessionId } = observed.event.data as { sessionId: string };
        const key = `${observed.name} of ${sessionId} in ${observed.event.context.correlationId}`;
        if (recorded.has(key)) complain(`${key}, twice`);
        recorded.add(key);
      },
    };
  },
};
