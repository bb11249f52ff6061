import type { Command } from 'commander';

/** What may stand behind a command. */
export interface Words {
  /** `people list`; empty: the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly {
    /** `--status` */
    readonly name: string;
    readonly summary: string;
    readonly takesValue: boolean;
    readonly choices: readonly string[];
  }[];
}

export function wordsOf(command: Command, path = ''): Words[] {
  const own: Words = {
    path,
    commands: command.commands.map((each) => ({ name: each.name(), summary: each.description() })),
    options: [
      ...optionsOf(command),
      // what a default command takes, its parent takes
      ...optionsOf(command.commands.find((each) => isDefault(command, each))),
      { name: '--help', summary: 'show help', takesValue: false, choices: [] },
    ],
  };
  const below = command.commands.flatMap((each) => wordsOf(each, path === '' ? each.name() : `${path} ${each.name()}`));
  return [own, ...below];
}

const optionsOf = (command: Command | undefined): Words['options'] =>
  (command?.options ?? []).map(({ long, short, description, required, argChoices = [] }) => ({
    name: long ?? short ?? '',
    summary: description,
    takesValue: required,
    choices: argChoices,
  }));

/** Commander keeps the name of it, and offers no way to read it. */
const isDefault = (parent: Command, command: Command): boolean =>
  (parent as { _defaultCommandName?: string })._defaultCommandName === command.name();
