import { Command } from 'commander';
import { eventsCommands } from './administrator/events.js';
import { peopleCommands } from './administrator/people.js';
import { sessionCommands } from './administrator/session.js';
import { browsersCommands } from './administrator/browsers.js';
import { clientsCommands } from './operator/clients.js';
import { signingKeysCommands } from './operator/signing-keys.js';
import { sessionsCommands } from './administrator/sessions.js';
import { settingsCommands } from './administrator/settings.js';
import { local } from './command/leaf.js';
import { type Exit, exitCodes, usageError } from './command/exit.js';
import { completionCommands } from './completion/commands.js';
import { dataCommands } from './data/commands.js';
import { doctorCommands } from './doctor/commands.js';
import { operatorCommands } from './operator/commands.js';

const meanings: Readonly<Record<Exit, string>> = {
  ok: 'done',
  fault: 'something is wrong',
  usage: 'arguments, settings or a file are wrong',
  refused: 'the product refuses',
  notLoggedIn: 'not logged in, or no longer',
  proofNeeded: 'a fresh proof is needed, and nobody can be asked',
  unavailable: 'the product does not answer now',
};
const afterHelp = `
Exit codes:
${Object.entries(exitCodes)
  .map(([name, code]) => `  ${code}  ${meanings[name as Exit]}`)
  .join('\n')}

Secrets are never arguments: \`twinlock help secrets\` says where they come from.`;

/** The whole command line, as a tree that is also what completion and the reference are made from. */
export function createProgram(version: string): Command {
  const program = new Command('twinlock')
    .description('Runs and administers Twinlock: two-factor authentication for multi-user portals.')
    .version(version, '-V, --version', 'show the version')
    .helpCommand(false)
    .addHelpText('after', afterHelp);
  program.commandsGroup('Of an administrator:');
  sessionCommands(program);
  peopleCommands(program);
  sessionsCommands(program);
  browsersCommands(program);
  settingsCommands(program);
  eventsCommands(program);
  program.commandsGroup('Of the operator, with a product that runs:');
  operatorCommands(program);
  clientsCommands(program);
  signingKeysCommands(program);
  program.commandsGroup('Of the operator, on the data:');
  dataCommands(program);
  doctorCommands(program);
  program.commandsGroup('More:');
  completionCommands(program);
  help(program);
  for (const command of everyCommand(program))
    command.exitOverride(withUsage(command)).configureOutput({ outputError: () => undefined });
  return program;
}

export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** `twinlock people list` */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

const withUsage = (command: Command) => (error: Error) => {
  throw Object.assign(error, { usage: `${pathOf(command)} ${command.usage()}` });
};

const secrets = `Passwords, tokens, keys and codes are never arguments, where the list of processes and the history of the shell have them.
They come from a file, from the environment or are asked for at the prompt:

  your password            --password-file, TWINLOCK_PASSWORD_FILE, TWINLOCK_PASSWORD, or the prompt
  your code                TWINLOCK_CODE, or the prompt; a backup code in its place
  a service token          TWINLOCK_TOKEN_FILE or TWINLOCK_TOKEN, in the place of a login; with --url or TWINLOCK_URL
  the operator's token     --operator-token-file, OPERATOR_TOKEN_FILE, OPERATOR_TOKEN, DATA_DIR/operator-token, or the prompt
  keys of what is stored   VAULT_KEYS_FILE, VAULT_KEYS, or DATA_DIR/vault-keys
  an encrypted export      --password-file, IMPORT_PASSWORD, or the prompt

Files must not be readable by others (mode 0600). A login is kept in $TWINLOCK_CONFIG/login.json, else $XDG_CONFIG_HOME/twinlock/login.json,
else ~/.config/twinlock/login.json; its token goes to the product that it is of, and nowhere else.`;

function help(program: Command): void {
  local(program, {
    name: 'help [command...]',
    summary: 'help with a command; `help secrets`: where passwords and tokens come from',
    examples: ['help people list', 'help secrets'],
    json: false,
    run: async (names) => {
      if (names[0] === 'secrets') return void process.stdout.write(`${secrets}\n`);
      let command = program;
      for (const name of names) {
        const next = command.commands.find((each) => each.name() === name);
        if (next === undefined) throw usageError(`there is no command ${name}; twinlock help lists them`);
        command = next;
      }
      command.outputHelp();
    },
  });
}
