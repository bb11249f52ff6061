import type { Command } from 'commander';
import { usageError } from '../command/exit.js';
import { local } from '../command/leaf.js';
import { say } from '../command/output.js';
import { scripts } from './scripts.js';
import { wordsOf } from './words.js';

export function completionCommands(program: Command): void {
  local(program, {
    name: 'completion <shell>',
    summary: `print what completes commands and options in ${Object.keys(scripts).join(', ')}`,
    examples: [
      'completion bash > ~/.local/share/bash-completion/completions/twinlock',
      'completion zsh > "${fpath[1]}/_twinlock"',
      'completion fish > ~/.config/fish/completions/twinlock.fish',
    ],
    json: false,
    run: async ([shell = '']) => {
      const script = scripts[shell];
      if (script === undefined) throw usageError(`completion is for ${Object.keys(scripts).join(', ')}`);
      say(script(wordsOf(program)));
    },
  });
}
