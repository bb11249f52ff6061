import { CommanderError } from 'commander';
import { ArgumentError } from '#libs/client/src/http/request.js';
import { oneLine } from '#libs/platform/src/running/process.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { asCommandError } from '../calls/refusals.js';
import { CommandError, exitCodes, usageError } from './exit.js';
import { harmless, styled, tell } from './output.js';

/** One line, or with `--json` one of JSON; never a stack. Answers with the exit code. */
export function failed(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    // a group was called by itself: its help was printed
    return error.code === 'commander.help' ? exitCodes.usage : told(asUsage(error), json);
  }
  if (error instanceof CommandError) return told(error, json);
  const answered = asCommandError(error);
  if (answered !== undefined) return told(answered, json);
  if (error instanceof ArgumentError) return told(usageError(error.message), json);
  if (error instanceof SettingError) return told(new CommandError('usage', error.message, { code: 'setting' }), json);
  const line = oneLine(error);
  if (line !== undefined) return told(new CommandError('fault', line), json);
  const { name, code } = error as NodeJS.ErrnoException;
  const what = [name, code].filter(Boolean).join(' ') || 'error';
  const debug = process.env.TWINLOCK_DEBUG === undefined ? ' TWINLOCK_DEBUG=1 shows where.' : '';
  if (debug === '') tell(String((error as Error).stack));
  return told(new CommandError('fault', `Something went wrong that nobody foresaw (${what}).${debug}`), json);
}

function told(error: CommandError, json: boolean): number {
  const { message, code, more, exit } = error;
  if (json) tell(JSON.stringify({ code, detail: message, ...more }));
  else tell(styled(harmless(message), 'red', process.stderr));
  return exitCodes[exit];
}

/** Commander's words, without the value of an option. */
function asUsage({ message, usage }: CommanderError & { readonly usage?: string }): CommandError {
  const text = message.replace(/^error: /, '').replace(/'(--?[\w-]+)=[^]*?'/, "'$1'");
  const how = usage === undefined ? '' : ` (usage: ${usage}; --help says more)`;
  return new CommandError('usage', `${text.charAt(0).toUpperCase()}${text.slice(1)}${how}`.replaceAll('\n', ' '));
}
