import type { Command } from 'commander';
import { calling, group, option, severalOf, yes } from '../command/leaf.js';
import { pageOptions } from '../calls/page-options.js';
import { formatNames } from '../import/formats/names.js';
import { confirm } from '../command/prompt.js';
import { say } from '../command/output.js';

/** What the operator asks a product that runs, with the operator's token. */
export function operatorCommands(program: Command): void {
  calling(program, {
    name: 'installation',
    as: 'operator',
    calls: ['getInstallation'],
    summary:
      'show whether each app is ready, dead letters, age of keys and when the logs were verified last; exit code 1 if something is wrong',
    examples: ['installation', 'installation --json'],
    run: async (asked, _, options) => (await import('./installation.js')).describeInstallation(asked, options),
  });
  portals(group(program, 'portals', 'the portals of the installation'));
  addOn(group(program, 'add-on', 'the Enterprise Security add-on of a portal'));
  serviceTokens(group(program, 'service-tokens', 'tokens of gateways and tools'));
  calling(program, {
    name: 'import <file...>',
    as: 'operator',
    calls: ['listPortals', 'importAccounts'],
    summary: "import the accounts of another product's export, with their second factors and password hashes",
    examples: [
      'import --from keycloak --portal acme --dry-run acme-users-0.json',
      'import --from privacyidea --owners owners.csv --password-file key tokens.xml',
    ],
    options: [
      option('--from <format>', `${formatNames.join(' | ')}`)
        .choices(formatNames)
        .argParser((text: string) => text)
        .makeOptionMandatory(),
      option('--portal <id>', 'may be left out where there is one'),
      option('--dry-run', 'say what would happen, and change nothing'),
      option('--realm <name>', 'of a Keycloak export that has several'),
      option('--owners <file>', "whose a key of PSKC is: lines 'owner, serial number'"),
      option(
        '--password-file <file>',
        'the password or key of an encrypted export; else IMPORT_PASSWORD, or it is asked for',
      ),
    ],
    run: async (asked, files, options) => (await import('../import/import.js')).importFiles(asked, files, options),
  });
}

function portals(parent: Command): void {
  calling(parent, {
    name: 'list',
    as: 'operator',
    calls: ['listPortals'],
    summary: 'list the portals and their add-ons',
    examples: ['portals list', 'portals list --query acme --json'],
    options: [option('--query <text>', 'in the id'), ...pageOptions()],
    run: async (asked, _, options) => {
      const { answerList } = await import('../calls/pages.js');
      const page = (query: object) => asked.call('listPortals', { query: options.query, ...query });
      await answerList(options, page, 'portals', {
        portal: ({ id }) => id,
        'add-ons': ({ addOns }) => addOns,
      });
    },
  });
  calling(parent, {
    name: 'create <id>',
    as: 'operator',
    calls: ['createPortal'],
    summary: 'create a portal with its first administrator, whose password is asked for',
    examples: ['portals create acme --admin ada', 'portals create acme --admin ada --password-file ada.txt'],
    options: [
      option('--admin <username>', 'of the first administrator').makeOptionMandatory(),
      option('--password-file <file>', "the administrator's password; else TWINLOCK_PASSWORD, or it is asked for"),
    ],
    run: async (asked, [id], options) => {
      const { newPasswordOf } = await import('../calls/secrets.js');
      const username = options.admin as string;
      const file = options.passwordFile as string | undefined;
      const password = await newPasswordOf(process.env, file, `Password of ${username}`);
      const made = await asked.call('createPortal', { id, admin: { username, password } });
      say(options.json === true ? JSON.stringify(made) : `Created ${made.id}. Its administrator is ${username}.`);
    },
  });
}

function addOn(parent: Command): void {
  for (const [name, call, done] of [
    ['grant', 'grantAddOn', 'has'],
    ['revoke', 'revokeAddOn', 'no longer has'],
  ] as const) {
    calling(parent, {
      name: `${name} <portal>`,
      as: 'operator',
      calls: [call],
      summary: `${name} it${name === 'revoke' ? '; the settings are kept in case it is granted again' : ''}`,
      examples: [`add-on ${name} acme`],
      options: name === 'revoke' ? [yes()] : [],
      run: async (asked, [portal = ''], options) => {
        if (name === 'revoke') await confirm(`Nobody in ${portal} will be asked for a code any more.`, options);
        await asked.call(call, { portal });
        const told = { portal, addOns: name === 'grant' ? ['enterprise-security'] : [] };
        say(options.json === true ? JSON.stringify(told) : `${portal} ${done} the Enterprise Security add-on.`);
      },
    });
  }
}

const scopes = ['challenges', 'commands', 'events', 'accounts', 'erasure'];

function serviceTokens(parent: Command): void {
  calling(parent, {
    name: 'list <portal>',
    as: 'operator',
    calls: ['listServiceTokens'],
    summary: 'list those of a portal that are not revoked, without the tokens',
    examples: ['service-tokens list acme'],
    options: pageOptions(),
    run: async (asked, [portal = ''], options) => {
      const { answerList } = await import('../calls/pages.js');
      const page = (query: object) => asked.call('listServiceTokens', { portal, ...query });
      await answerList(options, page, 'serviceTokens', {
        id: ({ id }) => id,
        name: ({ name }) => name,
        scopes: (token) => token.scopes,
        'signs on the bus': ({ publicKey }) => (publicKey ? 'yes' : 'no'),
        'last used': ({ lastUsedAt }) => lastUsedAt,
        expires: ({ expiresAt }) => expiresAt,
      });
    },
  });
  calling(parent, {
    name: 'issue <portal>',
    as: 'operator',
    calls: ['issueServiceToken'],
    summary: 'issue one; it is written to a file that only its owner can read, or shown this once',
    examples: [
      'service-tokens issue acme --name "web gateway" --scope challenges --output gateway-token',
      'service-tokens issue acme --name "bus tool" --scope commands --public-key key.jwk --expires 2030-01-01T00:00:00Z',
    ],
    options: [
      option('--name <name>', 'of the gateway or tool').makeOptionMandatory(),
      severalOf('--scope <scope>', `${scopes.join(' | ')}; may be repeated`).makeOptionMandatory(),
      option('--public-key <file>', 'an Ed25519 JWK, to sign commands on the bus'),
      option('--expires <time>', 'from then on it is not valid: 2030-01-01T00:00:00Z'),
      option('--output <file>', 'a new file for the token'),
    ],
    run: async (asked, [portal = ''], options) =>
      (await import('./issue-service-token.js')).issueServiceToken(asked, portal, options),
  });
  calling(parent, {
    name: 'revoke <portal> <id>',
    as: 'operator',
    calls: ['revokeServiceToken'],
    summary: 'revoke one: it is refused from then on, on every instance',
    examples: ['service-tokens revoke acme 0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11'],
    options: [yes()],
    run: async (asked, [portal = '', token = ''], options) => {
      await confirm(`Whoever uses ${token} will be refused.`, options);
      await asked.call('revokeServiceToken', { portal, token });
      say(options.json === true ? JSON.stringify({ portal, revoked: token }) : `Revoked ${token}.`);
    },
  });
}
