import type { By } from '../news/news.js';
import type { Catalogue } from './catalogue.js';

const by: Readonly<Record<By, string>> = {
  person: 'aus Ihrem Konto heraus',
  administrator: 'von einem Administrator des Portals',
  operator: 'vom Betreiber dieser Installation',
  service: 'von einem Dienst des Portals',
  system: 'vom System',
};

export const de: Catalogue = {
  quoted: (text) => `„${text}“`,
  greeting: (name) => `Guten Tag ${name},`,
  when: (time) => `Wann: ${time}`,
  from: (address, agent) => `Von wo: ${[address, agent].filter(Boolean).join(', ')}`,
  on: (browser, system) => `${browser} unter ${system}`,
  ifNotYou: (contact) =>
    contact === null
      ? 'Wenn Sie das nicht waren oder nicht erwartet haben, ändern Sie Ihr Passwort und melden Sie sich sofort bei einem Administrator des Portals.'
      : `Wenn Sie das nicht waren oder nicht erwartet haben, ändern Sie Ihr Passwort und holen Sie sofort Hilfe: ${contact}`,
  isLast:
    'Heute wurden viele E-Mails zu Ihrem Konto gesendet. Was bis Mitternacht (UTC) noch mit ihm geschieht, wird nicht mehr gemeldet.',
  signature: (portal) => `Diese E-Mail wurde automatisch von ${portal} gesendet.`,
  says: {
    'two-factor-enabled': (_, { username, portal }) => ({
      subject: 'Zwei-Faktor-Authentifizierung ist aktiv',
      body: [
        `Die Zwei-Faktor-Authentifizierung Ihres Kontos ${username} bei ${portal} wurde aktiviert. Ab jetzt gehört zur Anmeldung auch ein Code. Dabei wurden Backup-Codes erstellt.`,
      ],
    }),
    'two-factor-disabled': (told, { username, portal }) => ({
      subject: 'Zwei-Faktor-Authentifizierung ist deaktiviert',
      body: [
        `Die Zwei-Faktor-Authentifizierung Ihres Kontos ${username} bei ${portal} wurde ${by[told.by]} deaktiviert. Zur Anmeldung genügt das Passwort.`,
      ],
    }),
    'two-factor-reset': (_, { username, portal }) => ({
      subject: 'Zwei-Faktor-Authentifizierung wurde zurückgesetzt',
      body: [
        `Die Zwei-Faktor-Authentifizierung Ihres Kontos ${username} bei ${portal} wurde zurückgesetzt. Bisherige Codes gelten nicht mehr; sie ist nicht aktiv, bis die neue Einrichtung bestätigt ist.`,
      ],
    }),
    'authenticator-added': (_, { username, portal }) => ({
      subject: 'Ein Authenticator wurde hinzugefügt',
      body: [
        `Ihrem Konto ${username} bei ${portal} wurde ein Authenticator hinzugefügt. Mit seinen Codes kann man sich anmelden.`,
      ],
    }),
    'authenticator-removed': (_, { username, portal }) => ({
      subject: 'Ein Authenticator wurde entfernt',
      body: [`Ein Authenticator Ihres Kontos ${username} bei ${portal} wurde entfernt. Seine Codes gelten nicht mehr.`],
    }),
    'backup-codes-made': (_, { username, portal }) => ({
      subject: 'Neue Backup-Codes wurden erstellt',
      body: [
        `Für Ihr Konto ${username} bei ${portal} wurden neue Backup-Codes erstellt. Die bisherigen gelten nicht mehr.`,
      ],
    }),
    'backup-code-used': ({ left }, { username, portal }) => ({
      subject: 'Ein Backup-Code wurde verwendet',
      body: [
        `Ein Backup-Code Ihres Kontos ${username} bei ${portal} wurde verwendet. ${left === 1 ? 'Einer ist' : `${left || 'Keine'} sind`} übrig.`,
      ],
    }),
    'browser-remembered': (_, { username, portal }) => ({
      subject: 'Ein Browser ist gemerkt',
      body: [
        `Für Ihr Konto ${username} bei ${portal} ist jetzt ein Browser gemerkt. Die Anmeldung dort verlangt nur noch das Passwort. In Ihrem Profil können Sie das beenden.`,
      ],
    }),
    'browser-token-reused': (_, { username, portal }) => ({
      subject: 'Ein Browser ist nicht mehr gemerkt',
      body: [
        `Jemand hat sich an Ihrem Konto ${username} bei ${portal} mit dem richtigen Passwort angemeldet und sich als einer Ihrer gemerkten Browser ausgegeben, mit einem Token, das schon ersetzt war. Es kann eine Kopie sein. Deshalb ist dieser Browser nicht mehr gemerkt, und es wurde ein Code verlangt.`,
        'Das geschieht auch, wenn ein Browser aus einer Sicherung wiederhergestellt wurde. Ist das nicht so, ändern Sie Ihr Passwort.',
      ],
    }),
    locked: ({ endsAt }, { username, portal, time }) => ({
      subject: 'Ihr Konto ist gesperrt',
      body: [
        `Ihr Konto ${username} bei ${portal} wurde nach zu vielen falschen Codes gesperrt. Wer sie eingegeben hat, kannte das Passwort.`,
        endsAt === null
          ? 'Ein Administrator des Portals kann es entsperren.'
          : `Die Sperre endet von selbst: ${time(endsAt)}. Ein Administrator des Portals kann sie vorher aufheben.`,
      ],
    }),
    'password-changed': ({ byLink }, { username, portal }) => ({
      subject: 'Ihr Passwort wurde geändert',
      body: [
        `Das Passwort Ihres Kontos ${username} bei ${portal} wurde ${byLink ? 'über einen Link festgelegt' : 'geändert'}.`,
      ],
    }),
    'username-or-email-changed': ({ changed, by: who }, { username, portal }) => ({
      subject: changed.includes('email') ? 'Ihre E-Mail-Adresse wurde geändert' : 'Ihr Benutzername wurde geändert',
      body: [
        ...(changed.includes('email')
          ? [
              `Die E-Mail-Adresse Ihres Kontos ${username} bei ${portal} wurde ${by[who]} geändert. Diese E-Mail geht an die neue und an die bisherige Adresse.`,
            ]
          : []),
        ...(changed.includes('username')
          ? [`Der Benutzername Ihres Kontos bei ${portal} wurde ${by[who]} geändert. Er lautet jetzt ${username}.`]
          : []),
      ],
    }),
    'accounts-locked': ({ locks, more }, { portal, time }) => ({
      subject: locks.length + more === 1 ? 'Ein Konto wurde gesperrt' : `${locks.length + more} Konten wurden gesperrt`,
      body: [
        `Diese Konten bei ${portal} wurden nach zu vielen falschen Codes gesperrt:`,
        [
          ...locks.map(({ name, at }) => `${name ?? '(gelöscht)'}: ${time(at)}`),
          ...(more > 0 ? [`und ${more} weitere`] : []),
        ],
        'Ein Administrator kann sie in der Konsole wieder aktivieren.',
      ],
    }),
    'password-link': ({ url, expiresAt }, { username, portal, time }) => ({
      subject: 'Legen Sie Ihr Passwort fest',
      body: [
        `Ein Administrator von ${portal} bittet Sie, ein Passwort für Ihr Konto ${username} festzulegen. Öffnen Sie diesen Link:`,
        url,
        `Er gilt einmal, bis ${time(expiresAt)}. Wenn Sie ihn nicht erwartet haben, verwenden Sie ihn nicht.`,
      ],
    }),
  },
};
