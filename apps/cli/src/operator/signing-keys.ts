import type { Command } from 'commander';
import { calling, group, option, yes } from '../command/leaf.js';
import { answer, table } from '../command/output.js';
import { confirm } from '../command/prompt.js';
import type { Reply } from '#libs/client/src/index.js';

/** What ID tokens are signed with; they never leave the product. */
export function signingKeysCommands(program: Command): void {
  const keys = group(
    program,
    'signing-keys',
    'what ID tokens for applications are signed with, one set for all portals',
  );
  calling(keys, {
    name: 'list',
    as: 'operator',
    calls: ['listSigningKeys'],
    summary: 'list those that are published, by their ids',
    examples: ['signing-keys list'],
    run: async (asked, _, options) => {
      const listed = await asked.call('listSigningKeys');
      answer(listed, options, () => keysAsTable(listed));
    },
  });
  calling(keys, {
    name: 'rotate',
    as: 'operator',
    calls: ['rotateSigningKeys'],
    summary: 'make a new one, which is published now and signs in a day',
    examples: ['signing-keys rotate', 'signing-keys rotate --now'],
    options: [
      option('--now', 'a key has leaked: the new one signs at once, and the others are not published any more'),
      yes(),
    ],
    run: async (asked, _, options) => {
      const now = options.now === true;
      if (now)
        await confirm('Applications refuse ID tokens from before, and take new ones once they fetch keys.', options);
      const rotated = await asked.call('rotateSigningKeys', { now });
      answer(rotated, options, () => keysAsTable(rotated));
    },
  });
}

const keysAsTable = ({ keys }: Reply<'listSigningKeys'>): string =>
  table(
    ['signing key', 'state', 'made', 'signs from', 'published until'],
    keys.map(({ id, state, madeAt, signsFrom, publishedUntil }) => [id, state, madeAt, signsFrom, publishedUntil]),
  );
