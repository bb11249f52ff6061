import type { Command } from 'commander';
import { local, option } from '../command/leaf.js';

export function doctorCommands(program: Command): void {
  local(program, {
    name: 'doctor',
    summary:
      'look at settings, keys, disk, clock, engines and topics, and say what to do; exit code 1 if something is wrong',
    examples: ['doctor', 'doctor --url https://portal.example --json'],
    options: [option('--url <url>', 'of a product that runs with these settings; else http://127.0.0.1:PORT')],
    run: async (_, options) => (await import('./doctor.js')).examine(options),
  });
}
