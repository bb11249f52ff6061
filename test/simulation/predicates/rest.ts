import type { Commit } from '#libs/engine/src/port.js';
import type { Predicate } from './predicate.js';

const sources = ['identity', 'two-factor', 'admin-policy'] as const;

export const allReachAudit: Predicate = {
  rule: 'R31',
  says: 'every event reaches audit, the consumer that keeps all',
  begin: (complain, world) => ({
    atRest: async () => {
      const { memory } = world.database('audit');
      const kept = new Set<string>();
      for (const collection of ['trail']) {
        for (const { value } of await memory.records<unknown>(collection).list({})) collect(value, kept);
      }
      for (const source of sources) {
        for (const { events } of world.database(source).commits) {
          for (const { body } of events) {
            const { id } = JSON.parse(body) as { id: string };
            if (!kept.has(id)) complain(`event ${id} of ${source}`);
          }
        }
      }
    },
  }),
};

function collect(value: unknown, ids: Set<string>): void {
  for (const [, id] of JSON.stringify(value).matchAll(/\\?"id\\?":\\?"([^"\\]+)/g)) ids.add(id!);
}

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
