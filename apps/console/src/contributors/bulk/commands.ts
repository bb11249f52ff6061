import { sendPasswordLink, unlock } from '../commands.js';

/** What can be done with several accounts at once. */
export const commands = ['unlock', 'sendLink'] as const;
export type Command = (typeof commands)[number];

export const calls = { unlock, sendLink: sendPasswordLink } satisfies Record<Command, unknown>;
