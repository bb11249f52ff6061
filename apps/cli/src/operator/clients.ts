import type { Command } from 'commander';
import { pageOptions } from '../calls/page-options.js';
import { calling, group, option, severalOf, yes } from '../command/leaf.js';
import { say } from '../command/output.js';
import { confirm } from '../command/prompt.js';

/** The applications that a portal's OpenID Provider knows. */
export function clientsCommands(program: Command): void {
  const clients = group(program, 'clients', "applications that log people in by a portal's OpenID Provider");
  calling(clients, {
    name: 'list <portal>',
    as: 'operator',
    calls: ['listClients'],
    summary: 'list them, without their secrets',
    examples: ['clients list acme'],
    options: pageOptions(),
    run: async (asked, [portal = ''], options) => {
      const { answerList } = await import('../calls/pages.js');
      const page = (query: object) => asked.call('listClients', { portal, ...query });
      await answerList(options, page, 'clients', {
        id: ({ clientId }) => clientId,
        name: ({ name }) => name,
        'redirect URLs': ({ redirectUris }) => redirectUris,
        proves: (client) => (client.public ? 'nothing' : client.jwks ? 'by signing' : 'by a secret'),
        'hands over': ({ vouches }) => (vouches ? 'yes' : ''),
        'last used': ({ lastUsedAt }) => lastUsedAt,
      });
    },
  });
  calling(clients, {
    name: 'register <portal>',
    as: 'operator',
    calls: ['registerClient'],
    summary: 'register one; its secret is written to a file that only its owner can read, or shown this once',
    examples: [
      'clients register acme --name Intranet --redirect https://intranet.example/callback --output intranet-secret',
      'clients register acme --name "Mobile app" --redirect https://app.example/cb --public',
      'clients register acme --name Service --redirect https://service.example/cb --jwks keys.json',
      'clients register acme --name Gateway --redirect https://gateway.example/cb --jwks keys.json --vouches',
    ],
    options: [
      option('--name <name>', 'as people see it').makeOptionMandatory(),
      severalOf('--redirect <url>', 'where browsers are sent back to; may be repeated').makeOptionMandatory(),
      severalOf('--logout-redirect <url>', 'the same after a logout; may be repeated'),
      option('--public', 'it keeps no secret: in a browser, or on a device'),
      option('--jwks <file>', 'its public keys (a JWK set), to sign with instead of a secret'),
      option('--vouches', 'it proves the first factor itself and hands people over for the second; needs --jwks'),
      option('--output <file>', 'a new file for the secret'),
    ],
    run: async (asked, [portal = ''], options) =>
      (await import('./register-client.js')).registerClient(asked, portal, options),
  });
  calling(clients, {
    name: 'remove <portal> <client>',
    as: 'operator',
    calls: ['removeClient'],
    summary: 'remove one: its logins and tokens end',
    examples: ['clients remove acme 0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11'],
    options: [yes()],
    run: async (asked, [portal = '', client = ''], options) => {
      await confirm('Nobody can log in to it any more, and its tokens are no longer valid.', options);
      await asked.call('removeClient', { portal, client });
      say(options.json === true ? JSON.stringify({ removed: client }) : 'Removed.');
    },
  });
}
