import type { Command } from 'commander';
import { accountNamed } from '../calls/accounts.js';
import { usageError } from '../command/exit.js';
import { calling, group, option, yes } from '../command/leaf.js';
import { answer, say, table } from '../command/output.js';
import { confirm } from '../command/prompt.js';

/** Those of an account, or one's own. */
export function browsersCommands(program: Command): void {
  const browsers = group(program, 'browsers', 'the remembered browsers of an account, or your own');
  calling(browsers, {
    name: 'list [account]',
    as: 'administrator',
    calls: ['listBrowsers', 'myBrowsers', 'listAccounts'],
    summary: 'list them, the last used first; your own unless an account is named',
    examples: ['browsers list', 'browsers list grace'],
    run: async (asked, [text], options) => {
      const account = text === undefined ? undefined : await accountNamed(asked, text);
      const listed =
        account === undefined
          ? await asked.call('myBrowsers')
          : await asked.call('listBrowsers', { portal: await asked.portal(), account });
      answer(listed, options, () =>
        table(
          ['id', 'since', 'last seen', 'until', 'address', 'user agent'],
          listed.browsers.map(({ id, createdAt, lastSeenAt, expiresAt, address, userAgent }) => [
            ...[id, createdAt, lastSeenAt, expiresAt, address, userAgent],
          ]),
        ),
      );
    },
  });
  calling(browsers, {
    name: 'forget [account]',
    as: 'administrator',
    calls: ['forgetBrowser', 'forgetBrowsers', 'forgetMyBrowser', 'forgetMyBrowsers', 'listAccounts'],
    summary: 'forget one, or all: the next login there asks for a code',
    examples: [
      'browsers forget grace --all --yes',
      'browsers forget grace --browser 0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11',
      'browsers forget --all',
    ],
    options: [option('--browser <id>', 'that one'), option('--all', 'all of them'), yes()],
    run: async (asked, [text], options) => {
      const account = text === undefined ? undefined : await accountNamed(asked, text);
      const browser = options.browser as string | undefined;
      if ((browser === undefined) !== (options.all === true)) throw usageError('say which: --browser ID, or --all');
      if (browser === undefined) {
        const whose = account === undefined ? 'your remembered browsers' : `the remembered browsers of ${text}`;
        await confirm(`All of ${whose} are forgotten.`, options);
      }
      if (account === undefined) {
        if (browser === undefined) await asked.call('forgetMyBrowsers');
        else await asked.call('forgetMyBrowser', { browser });
      } else {
        const portal = await asked.portal();
        if (browser === undefined) await asked.call('forgetBrowsers', { portal, account });
        else await asked.call('forgetBrowser', { portal, account, browser });
      }
      say(options.json === true ? JSON.stringify({ forgotten: browser ?? 'all' }) : 'Forgotten.');
    },
  });
}
