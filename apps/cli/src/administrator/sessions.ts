import { accountNamed } from '../calls/accounts.js';
import type { Command } from 'commander';
import { calling, group, option, yes } from '../command/leaf.js';
import { usageError } from '../command/exit.js';
import { answer, say, table } from '../command/output.js';
import { confirm } from '../command/prompt.js';

/** Those of an account, or one's own. */
export function sessionsCommands(program: Command): void {
  const sessions = group(program, 'sessions', 'the open sessions of an account, or your own');
  calling(sessions, {
    name: 'list [account]',
    as: 'administrator',
    calls: ['listSessions', 'mySessions', 'listAccounts'],
    summary: 'list them, the newest 200; your own unless an account is named',
    examples: ['sessions list', 'sessions list grace', 'sessions list external:u-1042'],
    run: async (asked, [text], options) => {
      const account = text === undefined ? undefined : await accountNamed(asked, text);
      const listed =
        account === undefined
          ? await asked.call('mySessions')
          : await asked.call('listSessions', { portal: await asked.portal(), account });
      answer(listed, options, () =>
        table(
          ['id', 'since', 'last seen', 'by', 'address', 'user agent'],
          listed.sessions.map(({ id, createdAt, lastSeenAt, method, address, userAgent, current }) => [
            current ? `${id} (this one)` : id,
            createdAt,
            lastSeenAt,
            method,
            address,
            userAgent,
          ]),
        ),
      );
    },
  });
  calling(sessions, {
    name: 'end [account]',
    as: 'administrator',
    calls: ['endSession', 'endSessions', 'endMySession', 'endMyOtherSessions', 'listAccounts'],
    summary: 'end one, or all of an account; of your own all others',
    examples: [
      'sessions end external:u-1042 --all --yes',
      'sessions end external:u-1042 --session 0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11',
      'sessions end --all',
    ],
    options: [option('--session <id>', 'that one'), option('--all', 'all of them; of your own, all others'), yes()],
    run: async (asked, [text], options) => {
      const account = text === undefined ? undefined : await accountNamed(asked, text);
      const session = options.session as string | undefined;
      if ((session === undefined) !== (options.all === true)) throw usageError('say which: --session ID, or --all');
      if (session === undefined) {
        const whose = account === undefined ? 'your other sessions' : `the sessions of ${text}`;
        await confirm(`All of ${whose} end for good.`, options);
      }
      if (account === undefined) {
        if (session === undefined) await asked.call('endMyOtherSessions');
        else await asked.call('endMySession', { session });
      } else {
        const portal = await asked.portal();
        if (session === undefined) await asked.call('endSessions', { portal, account });
        else await asked.call('endSession', { portal, account, session });
      }
      say(options.json === true ? JSON.stringify({ ended: session ?? 'all' }) : 'Ended.');
    },
  });
}
