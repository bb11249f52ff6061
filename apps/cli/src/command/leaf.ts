import { type Command, Option } from 'commander';
import type { CallName } from '#libs/client/src/index.js';
import type { Calling } from '../calls/calling.js';

/** Values of options by their names in camel case, as commander has them. */
export type Options = Readonly<Record<string, unknown>>;
/** True or nothing: it is well; false: exit code 1. */
export type Outcome = boolean | number | void;

interface Described {
  /** With its arguments: `show <account>`. */
  readonly name: string;
  readonly summary: string;
  /** Command lines, without what they begin with: `people list --status locked`. */
  readonly examples: readonly string[];
  readonly options?: readonly Option[];
  readonly isDefault?: boolean;
  /** False: its answer has one form. */
  readonly json?: boolean;
}
export interface LocalLeaf extends Described {
  readonly run: (args: readonly string[], options: Options) => Promise<Outcome>;
}
export interface CallingLeaf<Names extends CallName> extends Described {
  /** The calls of the API that it makes, and no others. */
  readonly calls: readonly Names[];
  readonly as: 'operator' | 'administrator' | 'anybody';
  readonly run: (calling: Calling<Names>, args: readonly string[], options: Options) => Promise<Outcome>;
}

const callsOfCommands = new WeakMap<Command, readonly CallName[]>();
/** What a command asks of the API. */
export const callsOf = (command: Command): readonly CallName[] => callsOfCommands.get(command) ?? [];

export const option = (flags: string, description: string): Option => new Option(flags, description);
/** May be given several times. */
export const severalOf = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
export const yes = (): Option => option('--yes', 'do it without asking');
const json = (): Option => option('--json', 'the answer, and what is wrong, as JSON');

/** A command that works where it runs. */
export const local = (parent: Command, leaf: LocalLeaf): Command =>
  add(parent, leaf, leaf.options ?? [], (args, options) => leaf.run(args, options));

/** A command that asks a product. */
export function calling<const Names extends CallName>(parent: Command, leaf: CallingLeaf<Names>): Command {
  const command = add(parent, leaf, [...(leaf.options ?? []), ...placeOptions[leaf.as]], async (args, options) => {
    const { callingAs } = await import('../calls/calling.js');
    return leaf.run(callingAs<Names>(leaf.as, options, process.env), args, options);
  });
  callsOfCommands.set(command, leaf.calls);
  return command;
}

const url = option('--url <url>', 'of the product');
const tokenFile = option('--operator-token-file <file>', "the operator's token");
const placeOptions = {
  operator: [url, tokenFile],
  administrator: [
    url,
    option('--portal <id>', 'another portal than that of the login'),
    option('--operator', "with the operator's token, where the operator may do it"),
    tokenFile,
  ],
  anybody: [url],
};

function add(
  parent: Command,
  { name, summary, examples, isDefault = false, json: asJson = true }: Described,
  options: readonly Option[],
  run: (args: readonly string[], options: Options) => Promise<Outcome>,
): Command {
  const command = parent.command(name, { isDefault }).description(summary);
  for (const each of options) command.addOption(each);
  if (asJson) command.addOption(json());
  withExamples(command, examples);
  return command.action(async () => {
    const outcome = await run(command.args, command.opts());
    if (typeof outcome === 'number') process.exitCode = outcome;
    else if (outcome === false) process.exitCode = 1;
  });
}

export function withExamples(command: Command, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ twinlock ${example}`);
  return command.addHelpText('after', `\nExample${examples.length > 1 ? 's' : ''}:\n${lines.join('\n')}`);
}

/** A command of commands. */
export function group(parent: Command, name: string, summary: string): Command {
  return parent.command(name).description(summary);
}
