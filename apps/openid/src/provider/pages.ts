import { firstOf } from './parameters.js';
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';

/** Words of the few pages that are no part of the console. */
const words = {
  en: {
    failed: 'This login cannot go on',
    again: 'Go back to the application and try again.',
    tooMany: 'Too many logins at the moment',
    tooManyWhat: 'Many logins have come from your network. Wait a minute, then try again.',
    logOut: 'Log out?',
    logOutWhat: 'You will be logged out of this portal and its applications in this browser.',
    yes: 'Log out',
    no: 'Stay logged in',
    out: 'You are logged out',
    usedLink: 'This link was opened before, or is too old.',
  },
  de: {
    failed: 'Diese Anmeldung kann nicht fortgesetzt werden',
    again: 'Gehen Sie zurück zur Anwendung und versuchen Sie es noch einmal.',
    tooMany: 'Zurzeit zu viele Anmeldungen',
    tooManyWhat:
      'Aus Ihrem Netz kamen sehr viele Anmeldungen. Warten Sie eine Minute und versuchen Sie es noch einmal.',
    logOut: 'Abmelden?',
    logOutWhat: 'Sie werden in diesem Browser vom Portal und seinen Anwendungen abgemeldet.',
    yes: 'Abmelden',
    no: 'Angemeldet bleiben',
    out: 'Sie sind abgemeldet',
    usedLink: 'Dieser Link wurde schon geöffnet oder ist zu alt.',
  },
} as const;
type Language = keyof typeof words;

function languageOf(ctx: KoaContextWithOIDC): Language {
  const asked = firstOf(ctx.oidc?.params, 'ui_locales');
  const accepted = ctx.acceptsLanguages('en', 'de');
  return asked.startsWith('de') || (asked === '' && accepted === 'de') ? 'de' : 'en';
}

/** As what a browser is sent with says. */
export const acceptedLanguage = (header: string | undefined): Language =>
  /^\s*de\b/i.test(header ?? '') ? 'de' : 'en';
/** Of all answers; what may be cached the library says. */
export const pageHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
} as const;
/** Of every page that stands here. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const page = (language: Language, title: string, body: string): string => `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:26rem;margin:15vh auto;padding:0 1rem}
h1{font-size:1.4rem}button{font:inherit;padding:.5rem 1rem;margin-right:.5rem}code{font-size:.9rem}
</style></head><body><main><h1>${title}</h1>${body}</main></body></html>`;

function send(ctx: KoaContextWithOIDC, html: string): void {
  ctx.type = 'html';
  ctx.set('content-security-policy', PAGE_POLICY);
  ctx.body = html;
}

/** What went wrong where there is no application to tell it to: never a stack, nothing about an account. */
export function renderError(ctx: KoaContextWithOIDC, { error, error_description: description }: ErrorOut): void {
  send(ctx, failedPage(languageOf(ctx), `<code>${escaped(error)}</code> ${escaped(description ?? '')}`));
}

/** `why`: HTML. */
export function failedPage(language: Language, why: string): string {
  const { failed, again } = words[language];
  return page(language, failed, `<p>${again}</p><p>${why}</p>`);
}

/** Of a link that a gateway has made for one browser, once. */
export const usedLinkPage = (language: Language): string => failedPage(language, words[language].usedLink);

export function renderTooMany(ctx: KoaContextWithOIDC): void {
  const language = languageOf(ctx);
  const { tooMany, tooManyWhat } = words[language];
  send(ctx, page(language, tooMany, `<p>${tooManyWhat}</p>`));
}

/** OpenID Connect RP-Initiated Logout 1.0 §2: the person is asked. `form` posts where the answer goes. */
export function logoutPage(ctx: KoaContextWithOIDC, form: string): void {
  const language = languageOf(ctx);
  const { logOut, logOutWhat, yes, no } = words[language];
  const buttons = `<p>${logOutWhat}</p>${form}<p><button autofocus type="submit" form="op.logoutForm" value="yes" name="logout">${yes}</button><button type="submit" form="op.logoutForm">${no}</button></p>`;
  send(ctx, page(language, logOut, buttons));
}

export function loggedOutPage(ctx: KoaContextWithOIDC): void {
  const language = languageOf(ctx);
  send(ctx, page(language, words[language].out, ''));
}
