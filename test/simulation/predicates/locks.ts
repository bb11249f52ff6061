import { codeOf } from './ledger.js';
import type { Model } from './model.js';
import { byLedger, type Predicate, SKEW_MS } from './predicate.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const MOST_FAILURES = 100;

interface Locked {
  readonly failedAttempts: number;
  readonly lockMinutes?: number;
  readonly endsAt?: string;
}

export const locksLastAsLongAsTheyAreTo: Predicate = {
  rule: 'R38',
  says: 'a lock lasts as long as the administrator has set, each further one twice as long, and what it lasts is told',
  begin: byLedger((complain, ledger) => {
    const lastOf = new Map<string, number>();
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.name !== 'AccountLocked') return;
        const { portal, account, data, time } = observed.event;
        const { failedAttempts, lockMinutes, endsAt } = data as unknown as Locked;
        const key = `${portal}/${account}`;
        const last = lastOf.get(key) ?? 0;
        const expected = ledger
          .portal(portal)
          .lockMinutes.possibleSince(ledger.requestOf(observed.event)?.place ?? 0)
          .map((minutes) =>
            minutes === 0 || failedAttempts >= MOST_FAILURES
              ? undefined
              : Math.min(DAY_MINUTES, Math.max(minutes, 2 * last)),
          );
        if (!expected.includes(lockMinutes))
          complain(`${key} for ${lockMinutes}, and it was to be ${expected.join(' or ')}`);
        const lasts = endsAt === undefined ? 0 : Date.parse(endsAt) - Date.parse(time);
        // the time of an event is never before that of the one before, by whatever clock
        if (Math.abs(lasts - (lockMinutes ?? 0) * MINUTE_MS) > 2 * SKEW_MS) complain(`${key} until ${endsAt}`);
        if (lockMinutes !== undefined) lastOf.set(key, lockMinutes);
      },
    };
  }),
};

export const locksEnd: Predicate = {
  rule: 'R38',
  says: 'a lock ends by itself when it is to, not sooner, and at the latest when the next code comes or within a minute',
  begin: byLedger((complain, ledger, world) => ({
    seen: (observed) => {
      if (observed.kind === 'event' && observed.name === 'UserUnlocked') {
        const { portal, account, data, actor } = observed.event;
        const [{ lockEndsAt }] = ledger.account(portal, account!).secondFactor.since(ledger.place - 1) as [Model];
        const isEnd = (data as { reason?: string }).reason === 'lock-ended';
        if (isEnd !== (actor.kind === 'system')) complain(`${portal}/${account}, by ${actor.kind}`);
        if (isEnd && (lockEndsAt ?? Infinity) > observed.at + SKEW_MS)
          complain(`${portal}/${account} before ${lockEndsAt}`);
      }
      if (observed.kind !== 'answered' || codeOf(observed) !== 'account-locked') return;
      if (!['openChallenge', 'verifyChallenge'].includes(observed.name)) return;
      const { place, at } = ledger.requests.get(observed.requestId)!;
      const { portal, id } = observed.on!;
      const states = ledger.account(portal, id).secondFactor.since(place);
      if (states.every(({ lockEndsAt }) => lockEndsAt !== undefined && lockEndsAt < at - SKEW_MS))
        complain(`${observed.name} of ${portal}/${id} was refused after the end of its lock`);
    },
    atRest: () => {
      for (const { portal, id, secondFactor } of ledger.accounts.values()) {
        const { lockEndsAt } = secondFactor.now;
        if (lockEndsAt !== undefined && lockEndsAt + MINUTE_MS < world.scheduler.now)
          complain(`${portal}/${id} is locked at rest, until ${new Date(lockEndsAt).toISOString()}`);
      }
    },
  })),
};
