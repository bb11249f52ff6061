import type { By } from '../news/news.js';
import type { Catalogue } from './catalogue.js';

const by: Readonly<Record<By, string>> = {
  person: 'from your account',
  administrator: 'by an administrator of the portal',
  operator: 'by the operator of this installation',
  service: 'by a service of the portal',
  system: 'by the system',
};

export const en: Catalogue = {
  quoted: (text) => `“${text}”`,
  greeting: (name) => `Hello ${name},`,
  when: (time) => `When: ${time}`,
  from: (address, agent) => `From: ${[address, agent].filter(Boolean).join(', ')}`,
  on: (browser, system) => `${browser} on ${system}`,
  ifNotYou: (contact) =>
    contact === null
      ? 'If this was not you, or you did not expect it, change your password and tell an administrator of the portal at once.'
      : `If this was not you, or you did not expect it, change your password and get help at once: ${contact}`,
  isLast: 'Many mails were sent about your account today. What else happens to it until midnight UTC is not mailed.',
  signature: (portal) => `This mail was sent automatically by ${portal}.`,
  says: {
    'two-factor-enabled': (_, { username, portal }) => ({
      subject: 'Two-factor authentication is on',
      body: [
        `Two-factor authentication was turned on for your account ${username} at ${portal}. From now on, logging in takes a code as well. Backup codes were made with it.`,
      ],
    }),
    'two-factor-disabled': (told, { username, portal }) => ({
      subject: 'Two-factor authentication is off',
      body: [
        `Two-factor authentication was turned off for your account ${username} at ${portal}, ${by[told.by]}. Logging in takes the password alone.`,
      ],
    }),
    'two-factor-reset': (_, { username, portal }) => ({
      subject: 'Two-factor authentication was reset',
      body: [
        `Two-factor authentication of your account ${username} at ${portal} was reset. Codes of before are no longer valid; it is off until the new setup is confirmed.`,
      ],
    }),
    'authenticator-added': (_, { username, portal }) => ({
      subject: 'An authenticator was added',
      body: [`An authenticator was added to your account ${username} at ${portal}. Its codes can be used to log in.`],
    }),
    'authenticator-removed': (_, { username, portal }) => ({
      subject: 'An authenticator was removed',
      body: [`An authenticator was removed from your account ${username} at ${portal}. Its codes are no longer valid.`],
    }),
    'backup-codes-made': (_, { username, portal }) => ({
      subject: 'New backup codes were made',
      body: [`New backup codes were made for your account ${username} at ${portal}. The old ones are no longer valid.`],
    }),
    'backup-code-used': ({ left }, { username, portal }) => ({
      subject: 'A backup code was used',
      body: [
        `A backup code of your account ${username} at ${portal} was used. ${left === 1 ? 'One is' : `${left || 'None'} are`} left.`,
      ],
    }),
    'browser-remembered': (_, { username, portal }) => ({
      subject: 'A browser is remembered',
      body: [
        `A browser is now remembered for your account ${username} at ${portal}. Logging in there takes the password alone. You can end this in your profile.`,
      ],
    }),
    'browser-token-reused': (_, { username, portal }) => ({
      subject: 'A browser is no longer remembered',
      body: [
        `Somebody logged in to your account ${username} at ${portal} with the right password, and claimed to be one of your remembered browsers with a token that had been replaced. It may be a copy, so that browser is no longer remembered, and a code was asked for.`,
        'This also happens if a browser was restored from a backup. If that is not so, change your password.',
      ],
    }),
    locked: ({ endsAt }, { username, portal, time }) => ({
      subject: 'Your account is locked',
      body: [
        `Your account ${username} at ${portal} was locked after too many wrong codes. Whoever entered them knew the password.`,
        endsAt === null
          ? 'An administrator of the portal can unlock it.'
          : `The lock ends by itself: ${time(endsAt)}. An administrator of the portal can unlock it before.`,
      ],
    }),
    'password-changed': ({ byLink }, { username, portal }) => ({
      subject: 'Your password was changed',
      body: [`The password of your account ${username} at ${portal} was ${byLink ? 'set by a link' : 'changed'}.`],
    }),
    'username-or-email-changed': ({ changed, by: who }, { username, portal }) => ({
      subject: changed.includes('email') ? 'Your e-mail address was changed' : 'Your username was changed',
      body: [
        ...(changed.includes('email')
          ? [
              `The e-mail address of your account ${username} at ${portal} was changed, ${by[who]}. This mail goes to the new address and to the one of before.`,
            ]
          : []),
        ...(changed.includes('username')
          ? [`The username of your account at ${portal} was changed, ${by[who]}. It is now ${username}.`]
          : []),
      ],
    }),
    'accounts-locked': ({ locks, more }, { portal, time }) => ({
      subject: locks.length + more === 1 ? 'An account was locked' : `${locks.length + more} accounts were locked`,
      body: [
        `These accounts at ${portal} were locked after too many wrong codes:`,
        [
          ...locks.map(({ name, at }) => `${name ?? '(deleted)'}: ${time(at)}`),
          ...(more > 0 ? [`and ${more} more`] : []),
        ],
        'An administrator can enable them again in the console.',
      ],
    }),
    'password-link': ({ url, expiresAt }, { username, portal, time }) => ({
      subject: 'Set your password',
      body: [
        `An administrator of ${portal} asks you to set a password for your account ${username}. Open this link:`,
        url,
        `It works once, until ${time(expiresAt)}. If you did not expect it, do not use it.`,
      ],
    }),
  },
};
