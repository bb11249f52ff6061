import type { Command } from 'commander';
import { calling, option } from '../command/leaf.js';
import { answer, members, say } from '../command/output.js';

/** Logging in, once, and out again. */
export function sessionCommands(program: Command): void {
  calling(program, {
    name: 'login',
    as: 'anybody',
    calls: ['login', 'loginWithCode'],
    summary: 'log in as a person of a portal; the session is kept in a file that only its owner can read',
    examples: ['login --url https://portal.example --portal acme --username ada', 'login'],
    options: [
      option('--portal <id>', 'of the person; else it is asked for'),
      option('--username <name>', 'else it is asked for'),
      option('--password-file <file>', 'else TWINLOCK_PASSWORD, or it is asked for'),
    ],
    run: async (asked, _, options) => (await import('./login.js')).logIn(asked, options),
  });
  calling(program, {
    name: 'logout',
    as: 'administrator',
    calls: ['logout'],
    summary: 'end the session, and delete its file',
    examples: ['logout'],
    run: async (asked, _, options) => (await import('./login.js')).logOut(asked, options),
  });
  calling(program, {
    name: 'whoami',
    as: 'administrator',
    calls: ['me'],
    summary: 'show who is logged in, and where',
    examples: ['whoami', 'whoami --json'],
    run: async (asked, _, options) => {
      const me = await asked.call('me');
      const { origin, login } = await asked.place;
      const told = { ...me, url: origin.origin, ...(login && { sessionEnds: login.expiresAt }) };
      answer(told, options, () => members(told));
    },
  });
  calling(program, {
    name: 'status',
    as: 'administrator',
    calls: ['getTwoFactorSummary'],
    summary: 'count the people of the portal with and without 2FA, locked and suspended',
    examples: ['status', 'status --operator --portal acme'],
    run: async (asked, _, options) => {
      const summary = await asked.call('getTwoFactorSummary', { portal: await asked.portal() });
      if (options.json === true) say(JSON.stringify(summary));
      else say(members(summary));
    },
  });
}
