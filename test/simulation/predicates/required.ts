import { calls } from '../world/acts.js';
import { codeOf, isGood, type Known, type Ledger } from './ledger.js';
import { byLedger, type Predicate, SKEW_MS } from './predicate.js';

const DAY_MS = 86_400_000;

/** Whether the account must have 2FA for sure, whatever instance is asked, and whether it may have to. */
function requiredSince(ledger: Ledger, portal: string, id: string, { place }: Known) {
  const { enabled, addOn, required } = ledger.portal(portal);
  const { type, secondFactor } = ledger.account(portal, id);
  const facts = [
    ...[enabled, addOn, required].map((fact) => fact.possibleSince(place)),
    type
      .possibleSince(place)
      .filter((known) => known !== undefined)
      .map((known) => known === 'contributor'),
    secondFactor.since(place).map(({ status, imports }) => status !== 'enabled' && imports.size === 0),
  ];
  return { surely: facts.every((one) => !one.includes(false)), perhaps: facts.every((one) => one.includes(true)) };
}

/** Of the time of grace, for a request that began then: whether it was over for sure, and whether it may have been. */
function overSince(ledger: Ledger, portal: string, id: string, { place, at }: Known, until: number) {
  const ends = ledger
    .account(portal, id)
    .secondFactor.since(place)
    .map(({ graceEndsAt }) => graceEndsAt ?? Infinity);
  return {
    surely: ends.every((end) => end < at - SKEW_MS),
    perhaps: ends.some((end) => end <= until + SKEW_MS),
  };
}

export const graceStandsStill: Predicate = {
  rule: 'R37',
  says: 'a time of grace begins once, as long as was set, where 2FA is required and missing, and nothing moves it but an administrator who disables 2FA after its end',
  begin: byLedger((complain, ledger) => {
    const ends = new Map<string, number>();
    return {
      seen: (observed) => {
        if (observed.kind !== 'event') return;
        const { portal, account, data, actor } = observed.event;
        const {
          endsAt,
          graceDays = 0,
          graceEndsAt,
        } = data as { endsAt: string; graceDays?: number; graceEndsAt?: string };
        const key = `${portal}/${account}`;
        const known = ends.get(key);
        const isOff = (end: string, lastsMs: number) => Math.abs(Date.parse(end) - lastsMs - observed.at) > 2 * SKEW_MS;
        if (observed.name === 'GraceBegan') {
          const request = ledger.requestOf(observed.event);
          if (known !== undefined) complain(`${key} has one already`);
          if (request && !requiredSince(ledger, portal, account!, request).perhaps) complain(`${key} needs none`);
          const days = ledger.portal(portal).graceDays.possibleSince(request?.place ?? 0);
          if (!days.includes(graceDays))
            complain(`${key} for ${graceDays} days, and it was to be ${days.join(' or ')}`);
          if (isOff(endsAt, graceDays * DAY_MS)) complain(`${key} until ${endsAt}`);
          ends.set(key, Date.parse(endsAt));
        }
        if (observed.name !== 'TwoFactorDisabled' || graceEndsAt === undefined) return;
        if (actor.kind === 'user') complain(`${key} has given itself more`);
        if (known === undefined || known > observed.at + 2 * SKEW_MS) complain(`${key} has more before the end`);
        if (isOff(graceEndsAt, DAY_MS)) complain(`${key} has until ${graceEndsAt}`);
        ends.set(key, Date.parse(graceEndsAt));
      },
    };
  }),
};

export const nothingElseAfterTheEnd: Predicate = {
  rule: 'R37',
  says: 'after the time of grace the right first factor gives a session that can only set up 2FA, and a gateway is refused; nobody is limited before',
  begin: byLedger((complain, ledger) => {
    /** Tokens of sessions that could only set up 2FA, and who has them. */
    const limited = new Map<string, { readonly portal: string; readonly id: string }>();
    const dropped = new Set<string>();
    return {
      seen: (observed) => {
        if (observed.kind === 'event') {
          const { enrolmentRequired } = observed.event.data as { enrolmentRequired?: true };
          if (enrolmentRequired && observed.app === 'two-factor') dropped.add(observed.event.context.correlationId);
        }
        if (observed.kind !== 'answered') return;
        const { name, on, call, requestId } = observed;
        const request = ledger.requests.get(requestId)!;
        const body = (observed.answer.body ?? {}) as { status?: string; required?: boolean; accessToken?: string };
        const of = limited.get(call.token ?? '');
        if (of && isGood(observed) && !calls[name].enrolling) {
          const { portal, id } = of;
          if (requiredSince(ledger, portal, id, request).surely && overSince(ledger, portal, id, request, 0).surely)
            complain(`${name} passed by a session of ${portal}/${id} that can only set up 2FA`);
        }
        if (!on) return;
        const { portal, id } = on;
        const must = requiredSince(ledger, portal, id, request);
        const over = overSince(ledger, portal, id, request, observed.at);
        const isIn =
          (name === 'login' && body.status === 'complete') || (name === 'openChallenge' && body.required === false);
        if (isGood(observed) && isIn && must.surely && over.surely)
          complain(`${name} of ${portal}/${id} after the end`);
        const isLimited = body.status === 'enrolment-required' || codeOf(observed) === 'enrolment-required';
        if (['login', 'openChallenge'].includes(name) && isLimited && !(must.perhaps && over.perhaps))
          complain(`${name} of ${portal}/${id} was limited, and need not set up 2FA`);
        if (body.status === 'enrolment-required') limited.set(body.accessToken!, on);
        if (isGood(observed) && dropped.has(requestId) && call.token !== undefined) limited.set(call.token, on);
      },
    };
  }),
};
