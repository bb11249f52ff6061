import { OPERATOR_TOKEN } from '../world/cast.js';
import type { z } from 'zod';
import type { account as accountReply } from '#libs/contracts/src/http/identity.js';
import { as } from '../runtime/scheduler.js';
import { calls } from '../world/acts.js';
import type { World } from '../world/world.js';
import { codeOf, isGood, type Ledger } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

type Account = z.infer<typeof accountReply>;
interface Mine {
  readonly status: string;
  readonly backupCodesLeft: number;
}

/** What is said of an account that was not so at any time since `place`; undefined: all of it was. */
function wrongIn(ledger: Ledger, portal: string, said: Account, place: number): string | undefined {
  const { secondFactor, type, suspended } = ledger.account(portal, said.id);
  const { twoFactor, failedAttempts, lockedAt, lockEndsAt } = said;
  const endsAt = lockEndsAt === undefined ? undefined : Date.parse(lockEndsAt);
  const wasSo = secondFactor
    .since(place)
    .some(
      ({ status, codesLeft, failures, locked, ...lock }) =>
        lock.lockEndsAt === endsAt &&
        status === twoFactor.status &&
        codesLeft === twoFactor.backupCodesLeft &&
        failures === failedAttempts &&
        locked === (lockedAt !== undefined),
    );
  if (!wasSo)
    return `${JSON.stringify({ twoFactor, failedAttempts, lockedAt, lockEndsAt })}, and it has ${JSON.stringify(secondFactor.now)}`;
  if (!type.possibleSince(place).includes(said.type)) return `it is a ${said.type}`;
  if (!suspended.possibleSince(place).includes(said.suspendedAt !== undefined)) return `it is ${said.status}`;
  return undefined;
}

export const answersAsTheLogSays: Predicate = {
  rule: 'R29',
  says: 'what is told of accounts is what the log says',
  begin: byLedger((complain, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'answered' || !isGood(observed)) return;
      const { name, call, answer, requestId } = observed;
      const { place } = ledger.requests.get(requestId)!;
      const check = (portal: string, said: Account) => {
        const wrong = wrongIn(ledger, portal, said, place);
        if (wrong !== undefined) complain(`${name} says of ${portal}/${said.id}: ${wrong}`);
      };
      if (name === 'getAccount') check(call.params!.portal!, answer.body as Account);
      if (name === 'me') check((answer.body as { portal: string }).portal, answer.body as Account);
      if (name === 'listAccounts') {
        for (const said of (answer.body as { accounts: Account[] }).accounts) check(call.params!.portal!, said);
      }
      const person = ledger.personOf(observed);
      if (name === 'myTwoFactor' && person) {
        const said = answer.body as Mine;
        const states = ledger.account(person.portal, person.id).secondFactor.since(place);
        if (!states.some(({ status, codesLeft }) => status === said.status && codesLeft === said.backupCodesLeft))
          complain(`${person.portal}/${person.id} was told ${JSON.stringify(said)}`);
      }
    },
  })),
};

export const lockedIsToldOfLocked: Predicate = {
  rule: 'R23',
  says: 'no account is called locked that is not',
  begin: byLedger((complain, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'answered' || codeOf(observed) !== 'account-locked') return;
      const { name, on, requestId } = observed;
      const { place } = ledger.requests.get(requestId)!;
      // of whoever acts, where it asks for a proof; a name may be another's by now
      const byName = [
        'login',
        'loginWithCode',
        'loginWithToken',
        'loginWithSso',
        'completeSsoLogin',
        'redeemPasswordLink',
      ].includes(name);
      const accounts = byName
        ? [...ledger.accounts.values()].filter(({ portal }) => portal === on?.portal)
        : [ledger.personOf(observed), on].flatMap((who) =>
            typeof who === 'object' ? [ledger.account(who.portal, who.id)] : [],
          );
      if (!accounts.some(({ secondFactor }) => secondFactor.since(place).some(({ locked }) => locked)))
        complain(`${name} of ${on?.portal}/${on?.id}`);
    },
  })),
};

/** All of a list of accounts, as the operator sees it. */
async function listed(world: World, portal: string, filter: Record<string, string>): Promise<Account[]> {
  const found: Account[] = [];
  for (let after: string | undefined; ;) {
    const query = { limit: '100', ...filter, ...(after !== undefined && { after }) };
    const call = { endpoint: calls.listAccounts, params: { portal }, query, token: OPERATOR_TOKEN };
    const { status, body } = await world.until(as(undefined, () => world.call(call)));
    if (status !== 200) throw new Error(`accounts cannot be listed: ${status} ${JSON.stringify(body)}`);
    const { accounts, next } = body as { accounts: Account[]; next: string | null };
    found.push(...accounts);
    if (next === null) return found;
    after = next;
  }
}

export const listsAsTheLogSays: Predicate = {
  rule: 'R29',
  says: 'at rest lists and summaries are what folding the logs gives',
  begin: byLedger((complain, ledger, world) => ({
    atRest: async ({ portals }) => {
      for (const portal of portals) {
        const there = [...ledger.accounts.values()].filter(
          (one) => one.portal === portal && one.type.now !== undefined && !one.deleted,
        );
        const { administrators } = ledger.portal(portal);
        const compare = async (filter: Record<string, string>, is: (one: (typeof there)[number]) => boolean) => {
          const found = await listed(world, portal, filter);
          const expected = there.filter(is).map(({ id }) => id);
          const ids = found.map(({ id }) => id);
          const odd = [...expected.filter((id) => !ids.includes(id)), ...ids.filter((id) => !expected.includes(id))];
          if (odd.length > 0 || ids.length !== expected.length)
            complain(`${portal} with ${JSON.stringify(filter)} has or lacks ${odd.join(' ') || 'one twice'}`);
          return found;
        };
        const names = new Set<string>();
        for (const said of await compare({}, () => true)) {
          const wrong = wrongIn(ledger, portal, said, ledger.place);
          if (wrong !== undefined) complain(`of ${portal}/${said.id}: ${wrong}`);
          const isAdministrator = said.type === 'contributor' && administrators.has(said.id);
          if (said.admin !== isAdministrator) complain(`of ${portal}/${said.id}: admin ${said.admin}`);
          for (const name of [`username ${said.username}`, `externalId ${said.externalId ?? said.id}`]) {
            if (names.has(name)) complain(`two accounts of ${portal} have the ${name}`);
            names.add(name);
          }
        }
        for (const status of ['none', 'pending', 'enabled'])
          await compare({ twoFactor: status }, ({ secondFactor }) => secondFactor.now.status === status);
        await compare({ status: 'suspended' }, ({ suspended }) => suspended.now);
        await compare({ status: 'locked' }, ({ suspended, secondFactor }) => !suspended.now && secondFactor.now.locked);
      }
    },
  })),
};
