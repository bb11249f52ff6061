import type { Commit } from '#libs/engine/src/port.js';
import { as } from '../runtime/scheduler.js';
import { calls } from '../world/acts.js';
import type { Predicate } from './predicate.js';

const sources = ['identity', 'two-factor', 'admin-policy'] as const;

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
      for (const source of sources) {
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
      for (const source of sources) {
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
