import { isIP } from 'node:net';
import type { Client } from '#libs/contracts/src/context.js';
import type { PortalProfile } from '#libs/contracts/src/events/admin-policy.js';
import type { Contact } from '#libs/contracts/src/messages/requests.js';
import { agentName } from './agent-name.js';
import type { About, Catalogue, Said, Told } from './catalogue.js';
import { de } from './de.js';
import { en } from './en.js';
import { nameOf, unlinked, unquoted } from './names.js';

export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface ToWrite {
  readonly told: Told;
  readonly portal: string;
  readonly face: PortalProfile;
  readonly contact: Pick<Contact, 'username' | 'displayName'>;
  /** When it happened; undefined: that is no matter. */
  readonly at?: string;
  readonly client?: Client | undefined;
  /** So many were mailed that day that no more are. */
  readonly isLast?: boolean;
}

type Language = NonNullable<PortalProfile['language']>;
const catalogues: Readonly<Record<Language, Catalogue>> = { en, de };
/** Of a portal that has none set. */
const DEFAULT_LANGUAGE: Language = 'en';

/** How a portal is called in the headers of mails. */
export const portalName = (portal: string, { displayName }: PortalProfile): string => nameOf(displayName ?? portal);

/**
 * A mail in plain text and HTML, in the language of the portal (R40). What is called by names that others chose stands in
 * quotation marks, and is no link.
 */
export function letterOf({ told, portal, face, contact, at, client, isLast }: ToWrite): Letter {
  const language = face.language ?? DEFAULT_LANGUAGE;
  const words = catalogues[language];
  const time = (iso: string) => timeIn(language, iso);
  const quoted = (text: string) => words.quoted(unquoted(text));
  const named = (name: string) => quoted(nameOf(name));
  const about = { portal: named(face.displayName ?? portal), username: named(contact.username), time };
  const { subject, body } = says(words, withNames(told, named), about);
  const help = face.supportContact === null ? null : quoted(unlinked(face.supportContact));
  const facts = at === undefined ? [] : [words.when(time(at)), ...fromWhere(words, client)];
  const paragraphs = [
    [words.greeting(named(contact.displayName ?? contact.username))],
    ...body.map((lines) => (typeof lines === 'string' ? [lines] : lines)),
    ...(facts.length > 0 ? [facts] : []),
    ...(isOwnDoing(told) ? [[words.ifNotYou(help)]] : []),
    ...(isLast === true ? [[words.isLast]] : []),
    [words.signature(about.portal)],
  ];
  const link = told.kind === 'password-link' ? told.url : undefined;
  return {
    subject: `${portalName(portal, face)}: ${subject}`,
    text: textOf(paragraphs),
    html: htmlOf(language, paragraphs, link),
  };
}

function withNames(told: Told, named: (name: string) => string): Told {
  if (told.kind !== 'accounts-locked') return told;
  return { ...told, locks: told.locks.map(({ name, at }) => ({ name: name === null ? null : named(name), at })) };
}

/** What the person has done, if nobody else has. */
const isOwnDoing = ({ kind }: Told): boolean => kind !== 'accounts-locked' && kind !== 'password-link';

const says = <Kind extends Told['kind']>(words: Catalogue, told: Extract<Told, { kind: Kind }>, about: About): Said =>
  (words.says[told.kind] as (told: Extract<Told, { kind: Kind }>, about: About) => Said)(told, about);

function timeIn(language: Language, iso: string): string {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return `${format.format(new Date(iso))} UTC`;
}

/** What a gateway tells may be any text: an address is one, or is not said. */
function fromWhere({ from, on }: Catalogue, { address = '', userAgent = '' }: Client = {}): string[] {
  const { browser, system } = agentName(userAgent);
  const agent = browser !== undefined && system !== undefined ? on(browser, system) : (browser ?? system);
  const seen = isIP(address) === 0 ? undefined : address;
  return seen === undefined && agent === undefined ? [] : [from(seen, agent)];
}

type Paragraphs = readonly (readonly string[])[];

const textOf = (paragraphs: Paragraphs): string => `${paragraphs.map((lines) => lines.join('\n')).join('\n\n')}\n`;

/** Nothing in it is a link but `link`, nor becomes one where the mail program can be told so. */
function htmlOf(language: Language, paragraphs: Paragraphs, link: string | undefined): string {
  const htmlLine = (line: string) =>
    line === link ? `<a href="${escaped(line)}">${escaped(line)}</a>` : escaped(line);
  const body = paragraphs.map((lines) => `<p>${lines.map(htmlLine).join('<br>')}</p>`);
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="format-detection" content="${NO_DETECTION}"></head><body>${body.join('')}</body></html>\n`;
}

const NO_DETECTION = 'telephone=no, date=no, address=no, email=no, url=no';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);
