import type { Command } from 'commander';
import type { CallName } from '#libs/client/src/index.js';
import { accountNamed } from '../calls/accounts.js';
import { pageOptions } from '../calls/page-options.js';
import { calling, group, option, yes } from '../command/leaf.js';
import { answer, members } from '../command/output.js';
import { confirm } from '../command/prompt.js';

const named = 'An account is named by its username, its id, or by `external:` and its external id.';

/** The accounts of a portal. */
export function peopleCommands(program: Command): void {
  const people = group(program, 'people', `the accounts of the portal. ${named}`);
  lookingUp(people);
  registering(people);
  for (const change of changes) changing(people, change);
  links(people);
}

function lookingUp(people: Command): void {
  calling(people, {
    name: 'list',
    as: 'administrator',
    calls: ['listAccounts'],
    summary: 'list accounts, by username or by last login',
    examples: ['people list --status locked', 'people list --two-factor none --type contributor --all --json'],
    options: [
      option('--query <text>', 'in username, display name and e-mail address'),
      option('--status <status>', 'active | locked | suspended').choices(['active', 'locked', 'suspended']),
      option('--two-factor <status>', 'none | pending | enabled').choices(['none', 'pending', 'enabled']),
      option('--type <type>', 'contributor | power-reader').choices(['contributor', 'power-reader']),
      option('--required <state>', 'overdue | in-grace | not-started: who must set up 2FA').choices([
        'overdue',
        'in-grace',
        'not-started',
      ]),
      option('--external-id <id>', 'of one account'),
      option('--sort <order>', 'username | -lastLoginAt').choices(['username', '-lastLoginAt']),
      ...pageOptions(),
    ],
    run: async (asked, _, options) => {
      const { answerList } = await import('../calls/pages.js');
      const portal = await asked.portal();
      const { query, status, twoFactor, type, required, externalId, sort } = options;
      const filter = { query, status, twoFactor, type, required, externalId, sort };
      const page = (of: object) => asked.call('listAccounts', { portal, ...filter, ...of });
      await answerList(options, page, 'accounts', {
        id: ({ id }) => id,
        username: ({ username }) => username,
        name: ({ displayName }) => displayName,
        type: (account) => account.type + (account.admin ? ', admin' : ''),
        status: (account) => account.status,
        '2FA': (account) => account.twoFactor.status,
        'last login': ({ lastLoginAt }) => lastLoginAt,
      });
    },
  });
  calling(people, {
    name: 'show <account>',
    as: 'administrator',
    calls: ['getAccount', 'listAccounts'],
    summary: 'show an account',
    examples: ['people show grace', 'people show external:u-1042 --json'],
    run: async (asked, [text = ''], options) => {
      const account = await accountNamed(asked, text);
      const shown = await asked.call('getAccount', { portal: await asked.portal(), account });
      answer(shown, options, () => members(shown));
    },
  });
}

const details = [
  option('--display-name <name>', 'the name that people see; empty clears it'),
  option('--email <address>', 'empty clears it'),
  option('--external-id <id>', 'what a gateway calls the account; empty clears it'),
  option('--type <type>', 'contributor | power-reader').choices(['contributor', 'power-reader']),
];

function registering(people: Command): void {
  calling(people, {
    name: 'add <username>',
    as: 'administrator',
    calls: ['registerAccount'],
    summary: 'register an account, without a password unless one is given: `people link` lets the person set it',
    examples: [
      'people add grace --type contributor --email grace@example.com',
      'people add root --admin --password-file f',
    ],
    options: [
      ...details,
      option('--admin', 'an administrator'),
      option('--password-file <file>', 'its first password'),
    ],
    run: async (asked, [username], options) => {
      const { passwordGiven } = await import('../calls/secrets.js');
      const { displayName, email, externalId, type = 'contributor', admin, passwordFile } = options;
      const file = passwordFile as string | undefined;
      const password = file === undefined ? undefined : passwordGiven(process.env, file);
      const body = { username, password, displayName, email, externalId, type, admin };
      const made = await asked.call('registerAccount', { portal: await asked.portal(), ...body });
      answer(made, options, () => `Registered ${made.id}.`);
    },
  });
  calling(people, {
    name: 'change <account>',
    as: 'administrator',
    calls: ['changeAccount', 'listAccounts'],
    summary: 'change an account; what is not named stays as it is',
    examples: ['people change external:u-1042 --display-name "Ada L."', 'people change external:u-1042 --admin false'],
    options: [
      option('--username <name>', 'another name to log in by'),
      ...details,
      option('--admin <yes>', 'true | false').choices(['true', 'false']),
      option('--sso-subject <subject>', "what the portal's identity provider calls the person; empty clears it"),
    ],
    run: async (asked, [text = ''], options) => {
      const account = await accountNamed(asked, text);
      const { displayName, email, externalId, ssoSubject, username, type, admin } = options;
      const cleared = { displayName, email, externalId, ssoSubject };
      const body = {
        username,
        type,
        ...(admin !== undefined && { admin: admin === 'true' }),
        ...Object.fromEntries(Object.entries(cleared).map(([name, value]) => [name, value === '' ? null : value])),
      };
      const changed = await asked.call('changeAccount', { portal: await asked.portal(), account, ...body });
      answer(changed, options, () => members(changed));
    },
  });
}

interface Change {
  readonly name: string;
  readonly call: CallName &
    ('unlockAccount' | 'disableTwoFactor' | 'suspendAccount' | 'resumeAccount' | 'deleteAccount');
  readonly summary: string;
  /** What is lost, where it is asked whether to go on. */
  readonly warning?: string;
  readonly done: string;
}
const changes: readonly Change[] = [
  { name: 'unlock', call: 'unlockAccount', summary: 'Enable user: unlock a locked account', done: 'is unlocked' },
  {
    name: 'disable',
    call: 'disableTwoFactor',
    summary: "disable an account's 2FA: its secrets and backup codes are destroyed",
    warning: 'Its authenticators and backup codes are destroyed, and it is asked for no code.',
    done: 'has no 2FA any more',
  },
  {
    name: 'suspend',
    call: 'suspendAccount',
    summary: 'suspend an account: its sessions end, and nobody can log in to it',
    warning: 'Its sessions end for good, and nobody can log in to it until it is resumed.',
    done: 'is suspended',
  },
  { name: 'resume', call: 'resumeAccount', summary: 'resume a suspended account', done: 'is resumed' },
  {
    name: 'delete',
    call: 'deleteAccount',
    summary: 'delete an account for good, with its keys',
    warning: 'It is deleted for good: nothing brings it back.',
    done: 'is deleted',
  },
];

function changing(people: Command, { name, call, summary, warning, done }: Change): void {
  calling(people, {
    name: `${name} <account>`,
    as: 'administrator',
    calls: [call, 'listAccounts'],
    summary,
    examples: [`people ${name} grace`, `people ${name} external:u-1042${warning ? ' --yes' : ''}`],
    options: warning === undefined ? [] : [yes()],
    run: async (asked, [text = ''], options) => {
      const account = await accountNamed(asked, text);
      const portal = await asked.portal();
      if (warning !== undefined) await confirm(`${name} ${text} of ${portal}: ${warning}`, options);
      const changed = (await asked.call(call, { portal, account })) as { status?: string } | undefined;
      answer(changed ?? { deleted: account }, options, () => {
        const remains = changed?.status === 'locked' || changed?.status === 'suspended' ? ` (${changed.status})` : '';
        return `${text} ${done}${name === 'suspend' ? '' : remains}.`;
      });
    },
  });
}

function links(people: Command): void {
  calling(people, {
    name: 'link <account>',
    as: 'administrator',
    calls: ['issuePasswordLink', 'listAccounts'],
    summary:
      'make a link by which the person sets a password: one use, 24 hours; mailed, or shown to the operator alone',
    examples: ['people link external:u-1042', 'people link external:u-1042 --operator --portal acme'],
    run: async (asked, [text = ''], options) => {
      const account = await accountNamed(asked, text);
      const link = await asked.call('issuePasswordLink', { portal: await asked.portal(), account });
      answer(link, options, () => ('url' in link ? link.url : 'The link was mailed.'));
    },
  });
  calling(people, {
    name: 'login-token <account>',
    as: 'administrator',
    calls: ['issueLoginToken', 'listAccounts'],
    summary: 'issue a token for one login within 10 minutes, and show it once',
    examples: ['people login-token external:u-1042'],
    run: async (asked, [text = ''], options) => {
      const account = await accountNamed(asked, text);
      const issued = await asked.call('issueLoginToken', { portal: await asked.portal(), account });
      answer(issued, options, () => issued.token);
    },
  });
}
