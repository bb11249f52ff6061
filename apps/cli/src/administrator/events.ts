import type { Command } from 'commander';
import { calling, group, option, severalOf } from '../command/leaf.js';
import { pageOptions } from '../calls/page-options.js';

const filters = () => [
  option('--account <account>', 'of that account'),
  severalOf('--type <type>', 'of that type, as in two-factor.account-locked.v1; may be repeated'),
  option('--correlation-id <id>', 'of the request that began it all'),
  option('--actor <id>', 'of who acted'),
  option('--from <time>', 'not before: 2026-11-24T09:30:00Z'),
  option('--to <time>', 'before'),
];

/** What happened in the portal. */
export function eventsCommands(program: Command): void {
  const events = group(program, 'events', 'what happened in the portal');
  calling(events, {
    name: 'list',
    isDefault: true,
    as: 'administrator',
    calls: ['listEvents', 'streamEvents'],
    summary: 'list events, oldest first; with --follow those that come, until it is stopped',
    examples: [
      'events list --order newest --limit 20',
      'events list --type two-factor.account-locked.v1 --all --json',
      'events --follow',
    ],
    options: [
      ...filters(),
      severalOf('--id <id>', 'of an event; may be repeated'),
      option('--order <order>', 'oldest | newest').choices(['oldest', 'newest']),
      ...pageOptions(),
      option('--follow', 'those that come from now on; with --json a line of JSON for each'),
      option('--last-event-id <id>', 'with --follow: those after that one too'),
    ],
    run: async (asked, _, options) => {
      const { listEvents, followEvents } = await import('./reading-events.js');
      await (options.follow === true ? followEvents(asked, options) : listEvents(asked, options));
    },
  });
  calling(events, {
    name: 'export',
    as: 'administrator',
    calls: ['exportEvents'],
    summary: 'export events as NDJSON or CSV, to a file that only its owner can read, or to standard output',
    examples: [
      'events export --format csv --output events.csv',
      'events export --from 2026-11-01T00:00:00Z | gzip > e.gz',
    ],
    options: [
      ...filters(),
      option('--order <order>', 'oldest | newest').choices(['oldest', 'newest']),
      option('--format <format>', 'ndjson | csv').choices(['ndjson', 'csv']).default('ndjson'),
      option('--output <file>', 'a new file'),
    ],
    run: async (asked, _, options) => (await import('./reading-events.js')).exportEvents(asked, options),
  });
}
