import { sourceApps } from '#libs/contracts/src/events/events.js';
import type { Commit } from '#libs/engine/src/port.js';
import { isDeepStrictEqual } from 'node:util';
import { accountFold } from '#apps/identity/src/accounts/account.js';
import { secondFactorFold } from '#apps/two-factor/src/change/second-factors.js';
import { beforeFirst, type Snapshot } from '#libs/event-store/src/stream/snapshots.js';
import { foldCommits } from '#libs/event-store/src/stream/decode.js';
import { as } from '../runtime/scheduler.js';
import { calls } from '../world/acts.js';
import { byLedger, type Predicate } from './predicate.js';

export const allReachAudit: Predicate = {
  rule: 'R31',
  says: 'every event reaches audit, once, those of a stream in order',
  begin: (complain, world) => ({
    atRest: async ({ watchers }) => {
      const kept = new Map<string, number>();
      for (const [portal, token] of watchers) {
        for (let after: string | undefined; ;) {
          const query = { order: 'oldest', limit: '200', ...(after !== undefined && { after }) };
          const call = { endpoint: calls.listEvents, params: { portal }, query, token };
          const { status, body } = await world.until(as(undefined, () => world.call(call)));
          if (status !== 200) return complain(`the events cannot be read: ${status} ${JSON.stringify(body)}`);
          const { events, next } = body as { events: { id: string }[]; next: string | null };
          for (const { id } of events) {
            if (kept.has(id)) complain(`event ${id} is there twice`);
            kept.set(id, kept.size);
          }
          if (next === null) break;
          after = next;
        }
      }
      for (const source of sourceApps) {
        const ends = new Map<string, number>();
        for (const { stream, events } of world.database(source).commits) {
          for (const { body, name } of events) {
            const { id } = JSON.parse(body) as { id: string };
            const place = kept.get(id);
            if (place === undefined) complain(`${name} ${id} of ${source} is not there`);
            else if (place < (ends.get(stream) ?? -1)) complain(`${name} ${id} of ${source} is not in order`);
            else ends.set(stream, place);
          }
        }
      }
    },
  }),
};

export const chainsHold: Predicate = {
  rule: 'R29',
  says: 'each stream is a chain without gaps',
  begin: (complain, world) => ({
    atRest: () => {
      for (const source of sourceApps) {
        const ends = new Map<string, Commit>();
        for (const commit of world.database(source).commits) {
          const before = ends.get(commit.stream);
          const next = before ? before.version + before.events.length : 1;
          if (commit.version !== next)
            complain(`${commit.stream} goes on with version ${commit.version} after ${next - 1}`);
          if (before && commit.at < before.at) complain(`${commit.stream} goes back in time`);
          ends.set(commit.stream, commit);
        }
      }
    },
  }),
};

interface Facts {
  readonly type?: { readonly fact: unknown };
  readonly suspended?: { readonly fact: unknown };
  readonly settings?: { readonly fact: { readonly enabled: boolean; readonly maxFailedAttempts: number } };
  readonly addOn?: { readonly fact: unknown };
}

export const allReachEveryApp: Predicate = {
  rule: 'R31',
  says: 'at rest each app goes by what the others have recorded',
  begin: byLedger((complain, ledger, world) => ({
    atRest: () => {
      const factsOf = (collection: string) => {
        const stored = world.database('two-factor').stored<Facts>(collection);
        return new Map(stored.map(({ key, value }) => [key.join('/'), value]));
      };
      const portals = factsOf('portal-facts');
      for (const [portal, { enabled, limit, addOn }] of ledger.portals) {
        const { settings, addOn: has } = portals.get(portal) ?? {};
        const known = [settings?.fact.enabled ?? false, settings?.fact.maxFailedAttempts ?? 5, has?.fact ?? false];
        if (!isDeepStrictEqual(known, [enabled.now, limit.now, addOn.now]))
          complain(`two-factor goes by ${JSON.stringify(known)} of ${portal}`);
      }
      const remembering = new Map(
        world
          .database('identity')
          .stored<{ days: number }>('remember-days')
          .map(({ key: [portal], value: { days } }) => [portal, days]),
      );
      for (const [portal, { remembering: is }] of ledger.portals) {
        const days = remembering.get(portal) ?? 0;
        if (days !== is.now.days) complain(`identity remembers browsers for ${days} days in ${portal}`);
      }
      const accounts = factsOf('account-facts');
      const listed = new Map(
        world
          .database('identity')
          .stored<{ enrolment: string; locked: boolean }>('second-factors')
          .map(({ key, value }) => [key.join('/'), value]),
      );
      for (const [key, { type, suspended, secondFactor, deleted }] of ledger.accounts) {
        if (type.now === undefined) continue;
        const facts = accounts.get(key);
        if (facts?.type?.fact !== type.now || (facts.suspended?.fact ?? false) !== suspended.now)
          complain(`two-factor goes by ${JSON.stringify(facts)} of ${key}`);
        const { enrolment = 'none', locked = false } = listed.get(key) ?? {};
        const { status, locked: isLocked } = secondFactor.now;
        if (!deleted && (enrolment !== status || locked !== isLocked))
          complain(`identity goes by ${enrolment}${locked ? ', locked' : ''} of ${key}, which is ${status}`);
        if (deleted && !secondFactor.now.erased) complain(`two-factor has not erased ${key}`);
      }
    },
  })),
};

const kept = [
  { app: 'identity', collection: 'account-snapshots', fold: accountFold },
  { app: 'two-factor', collection: 'snapshots', fold: secondFactorFold },
] as const;

export const snapshotsAreWhatTheLogGives: Predicate = {
  rule: 'R29',
  says: 'a snapshot is what folding the log up to it gives',
  begin: (complain, world) => ({
    atRest: () => {
      for (const { app, collection, fold } of kept) {
        for (const { key, value: snapshot } of world.database(app).stored<Snapshot<unknown>>(collection)) {
          const [stream] = key;
          const commits = world
            .database(app)
            .commits.filter((one) => one.stream === stream && one.version + one.events.length - 1 <= snapshot.version);
          const folded = foldCommits(fold as never, beforeFirst(fold as never), commits);
          if (folded.version !== snapshot.version || !isDeepStrictEqual(asJson(folded.state), snapshot.state))
            complain(`that of ${stream} at ${snapshot.version} is another than that at ${folded.version}`);
        }
      }
    },
  }),
};

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
