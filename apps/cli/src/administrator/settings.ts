import type { Command } from 'commander';
import { readSettingFile } from '#libs/platform/src/settings/files.js';
import { usageError } from '../command/exit.js';
import { calling, group, option, yes } from '../command/leaf.js';
import { answer, members } from '../command/output.js';
import { confirm } from '../command/prompt.js';

/** What an administrator sets of the portal. */
export function settingsCommands(program: Command): void {
  const settings = group(program, 'settings', 'the settings of the portal');
  calling(settings, {
    name: 'show [kind]',
    as: 'administrator',
    calls: ['getTwoFactorSettings', 'getProfileSettings', 'getSsoSettings'],
    summary:
      'show the settings of two-factor authentication, of the profile (what people see of the portal), or of single sign-on (sso)',
    examples: ['settings show', 'settings show profile --json'],
    run: async (asked, [kind = 'two-factor'], options) => {
      const call = shows.get(kind);
      if (call === undefined) throw usageError('settings can be shown of two-factor, profile and sso');
      const shown = await asked.call(call, { portal: await asked.portal() });
      answer(shown, options, () => members(shown));
    },
  });
  calling(settings, {
    name: 'set <kind> <setting=value...>',
    as: 'administrator',
    calls: [
      ...(['getTwoFactorSettings', 'getSsoSettings'] as const),
      ...(['changeTwoFactorSettings', 'changeProfileSettings', 'changeSsoSettings'] as const),
    ],
    options: [option('--client-secret-file <file>', "of sso: the secret of the portal's client, alone in a file")],
    summary: 'change settings of two-factor, profile or sso; what is not named stays as it is, and `null` clears it',
    examples: [
      'settings set two-factor enabled=true maxFailedAttempts=5',
      'settings set profile displayName="Acme Inc." language=de',
      'settings set sso issuer=https://idp.example audience=twinlock jwksUri=https://idp.example/jwks',
      'settings set sso clientId=twinlock --client-secret-file idp-secret',
    ],
    run: async (asked, [kind = '', ...pairs], options) => {
      const call = changes.get(kind);
      if (call === undefined) throw usageError('settings can be set of two-factor, profile and sso');
      const portal = await asked.portal();
      const body = Object.fromEntries(pairs.map(settingOf));
      if ('portal' in body) throw usageError('portal is no setting: name it with --portal');
      if ('clientSecret' in body && body.clientSecret !== null)
        throw usageError('a secret is not given as an argument, where others see it: use --client-secret-file');
      const file = options.clientSecretFile as string | undefined;
      if (file !== undefined && kind !== 'sso') throw usageError('--client-secret-file is an option of sso');
      if (file !== undefined) body.clientSecret = readSettingFile('--client-secret-file', file).trim();
      // what the calls do not leave as it is
      if (call === 'changeTwoFactorSettings')
        body.enabled ??= (await asked.call('getTwoFactorSettings', { portal })).enabled;
      if (call === 'changeSsoSettings') {
        const { hasClientSecret: _, ...present } = await asked.call('getSsoSettings', { portal });
        Object.assign(body, { ...present, ...body });
        if (body.clientId === null) delete body.clientId;
      }
      const changed = await asked.call(call, { ...body, portal });
      answer(changed, options, () => members(changed));
    },
  });
  calling(settings, {
    name: 'remove-sso',
    as: 'administrator',
    calls: ['removeSsoSettings'],
    summary: 'remove the identity provider of the portal: nobody logs in by it any more',
    examples: ['settings remove-sso'],
    options: [yes()],
    run: async (asked, _, options) => {
      const portal = await asked.portal();
      const warning = 'People who have no password cannot log in at all then.';
      await confirm(`Nobody logs in to ${portal} by its identity provider any more. ${warning}`, options);
      await asked.call('removeSsoSettings', { portal });
      answer({ portal }, options, () => `${portal} has no identity provider.`);
    },
  });
}

const shows = new Map<string, 'getTwoFactorSettings' | 'getProfileSettings' | 'getSsoSettings'>([
  ['two-factor', 'getTwoFactorSettings'],
  ['profile', 'getProfileSettings'],
  ['sso', 'getSsoSettings'],
]);
const changes = new Map<string, 'changeTwoFactorSettings' | 'changeProfileSettings' | 'changeSsoSettings'>([
  ['two-factor', 'changeTwoFactorSettings'],
  ['profile', 'changeProfileSettings'],
  ['sso', 'changeSsoSettings'],
]);

/** `name=value`: a number, true, false and null are what they look like; all else is text. */
export function settingOf(pair: string): [string, unknown] {
  const at = pair.indexOf('=');
  if (at <= 0) throw usageError('a setting is given as name=value');
  const [name, text] = [pair.slice(0, at), pair.slice(at + 1)];
  return [name, /^(true|false|null|-?\d{1,9})$/.test(text) ? (JSON.parse(text) as unknown) : text];
}
