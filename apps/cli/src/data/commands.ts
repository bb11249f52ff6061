import type { Command } from 'commander';
import { group, local, option, severalOf } from '../command/leaf.js';

/** What works on the data of an installation, where it stands, with the settings of its start. */
export function dataCommands(program: Command): void {
  local(program, {
    name: 'verify',
    summary:
      'check the hash chains of the logs, and compare them with what audit has seen; beside a server or without one',
    examples: ['verify', 'verify --json'],
    run: async (_, options) => (await import('./verify.js')).verify(options),
  });
  local(program, {
    name: 'rebuild',
    summary: 'delete every projection and make it again from the logs; the server must be stopped',
    examples: ['rebuild'],
    run: async (_, options) => (await import('./rebuild.js')).rebuild(options),
  });
  local(program, {
    name: 'backup <folder>',
    summary: 'make compacted copies of the stores, without keys; the server must be stopped',
    examples: ['backup /var/backups/twinlock'],
    run: async ([folder = ''], options) => (await import('./backup.js')).backup(folder, options),
  });
  local(program, {
    name: 'kafka-acls',
    summary: "print the commands of Kafka's own tool that grant each app its rights",
    examples: ['kafka-acls > acls.sh'],
    json: false,
    run: async () => (await import('./kafka-acls.js')).kafkaAcls(),
  });
  keys(group(program, 'keys', 'the key ring of what is stored'));
  deadLetters(group(program, 'dead-letters', 'messages that an app could not handle'));
}

function keys(parent: Command): void {
  local(parent, {
    name: 'status',
    isDefault: true,
    summary: 'count what is under each key',
    examples: ['keys status'],
    run: async (_, options) => (await import('./keys.js')).keyStatus(options),
  });
  local(parent, {
    name: 'rotate',
    summary: 'put a new key first in the ring, by which a server that runs encrypts everything again',
    examples: ['keys rotate', 'keys rotate --wait'],
    options: [option('--wait', 'until nothing is under another key any more')],
    run: async (_, options) => (await import('./keys.js')).rotateKeys(options),
  });
  local(parent, {
    name: 'retire',
    summary: 'remove the keys that have no entries; exit code 1 while there are others',
    examples: ['keys retire'],
    run: async (_, options) => (await import('./keys.js')).retireKeys(options),
  });
}

function deadLetters(parent: Command): void {
  const app = option('--app <app>', 'of the app that could not handle them').choices([
    'identity',
    'two-factor',
    'admin-policy',
    'audit',
    'notify',
  ]);
  const topic = option('--topic <topic>', 'of that topic');
  local(parent, {
    name: 'list',
    summary: 'list them: id, time, type, stream, reason',
    examples: ['dead-letters list', 'dead-letters list --app two-factor --all'],
    options: [app, topic, option('--all', 'those that were replayed too')],
    run: async (_, options) => (await import('./dead-letters.js')).listLetters(options),
  });
  local(parent, {
    name: 'show',
    summary: 'show where each stood and why it failed, as JSON',
    examples: ['dead-letters show --id two-factor:identity:12:0'],
    options: [severalOf('--id <id>', 'of one; may be repeated').makeOptionMandatory()],
    run: async (_, options) => (await import('./dead-letters.js')).showLetters(options),
  });
  local(parent, {
    name: 'replay',
    summary: 'bring the originals to the app that could not handle them',
    examples: ['dead-letters replay --id two-factor:identity:12:0', 'dead-letters replay --app two-factor'],
    options: [severalOf('--id <id>', 'of one; may be repeated'), app, topic, option('--all', 'all of them')],
    run: async (_, options) => (await import('./dead-letters.js')).replayLetters(options),
  });
}
