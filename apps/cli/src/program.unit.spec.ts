import type { CallName } from '#libs/client/src/index.js';
import { table } from '#libs/client/src/http/table.js';
import { callsOf } from './command/leaf.js';
import { createProgram, everyCommand, pathOf } from './program.js';

/** Calls that no command makes, each with the reason. */
const without: Readonly<Partial<Record<CallName, string>>> = {
  reAuthenticate: 'made by every command whose change needs a fresh proof',
  registerBatch: 'for tools that synchronize directories',
  redeemPasswordLink: 'for who follows the link, in a browser',
  loginWithToken: 'for who was handed the token, in a browser',
  loginWithSso: 'for a browser that comes from the identity provider',
  getSsoProvider: 'for pages before a login; `settings show sso` has it',
  startSsoLogin: 'for a browser that goes to the identity provider',
  completeSsoLogin: 'for a browser that comes from the identity provider',
  changePassword: "a person's own, in the console",
  myTwoFactor: "a person's own, in the console",
  setUpTwoFactor: "a person's own, with a QR code in the console",
  confirmTwoFactor: "a person's own, with a QR code in the console",
  disableMyTwoFactor: "a person's own, in the console",
  resetTwoFactor: "a person's own, with a QR code in the console",
  issueBackupCodes: "a person's own, in the console",
  myAuthenticators: "a person's own, in the console",
  addTotpAuthenticator: "a person's own, with a QR code in the console",
  confirmTotpAuthenticator: "a person's own, with a QR code in the console",
  renameAuthenticator: "a person's own, in the console",
  removeAuthenticator: "a person's own, in the console",
  getPortalProfile: 'for pages before a login; `settings show profile` has it',
  openChallenge: 'for gateways',
  verifyChallenge: 'for gateways',
};

describe('the command line', () => {
  const commands = everyCommand(createProgram('0.0.0'));

  it('has a command for each call of the API, or a reason why not', () => {
    const made = new Set(commands.flatMap(callsOf));
    const names = Object.keys(table) as CallName[];
    expect(names.filter((name) => !made.has(name) && without[name] === undefined)).toEqual([]);
    expect(names.filter((name) => made.has(name) && without[name] !== undefined)).toEqual([]);
  });

  it.each(
    commands.filter(({ commands }) => commands.length === 0).map((command) => [pathOf(command), command] as const),
  )('%s says what it does, with an example', (path, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(command.description()).not.toBe('');
    expect(help).toContain(`  $ ${path}`);
  });
});
