import { wholeProfile } from '#libs/contracts/src/events/admin-policy.js';
import { MAX_USER_AGENT } from '#libs/contracts/src/limits.js';
import { language } from '#libs/contracts/src/primitives.js';
import { agentName } from './agent-name.js';
import type { Told } from './catalogue.js';
import { letterOf, type ToWrite } from './letter.js';

const link = 'https://portal.example/console/password#pwl_token';
const at = '2026-11-24T09:30:00.000Z';
/** One of each kind: without one this does not compile. */
const every: { readonly [Kind in Told['kind']]: Extract<Told, { kind: Kind }> } = {
  'two-factor-enabled': { kind: 'two-factor-enabled' },
  'two-factor-disabled': { kind: 'two-factor-disabled', by: 'operator' },
  'two-factor-reset': { kind: 'two-factor-reset' },
  'authenticator-added': { kind: 'authenticator-added' },
  'authenticator-removed': { kind: 'authenticator-removed' },
  'backup-codes-made': { kind: 'backup-codes-made' },
  'backup-code-used': { kind: 'backup-code-used', left: 3 },
  'browser-remembered': { kind: 'browser-remembered' },
  'browser-token-reused': { kind: 'browser-token-reused' },
  locked: { kind: 'locked', endsAt: at },
  'password-changed': { kind: 'password-changed', byLink: true },
  'username-or-email-changed': { kind: 'username-or-email-changed', changed: ['username', 'email'], by: 'service' },
  'accounts-locked': {
    kind: 'accounts-locked',
    locks: [
      { name: 'bob', at },
      { name: null, at },
    ],
    more: 7,
  },
  'password-link': { kind: 'password-link', url: link, expiresAt: at },
};
const contact = { username: 'alice', displayName: null };
const write = (told: Told, given: Partial<ToWrite> = {}) =>
  letterOf({ told, portal: 'acme', face: wholeProfile(), contact, at, ...given });
/** What a reader of HTML reads. */
const read = (html: string) => {
  const body = html
    .slice(html.indexOf('<body>') + 6)
    .replace(/<\/p>/g, '\n\n')
    .replace(/<br>/g, '\n');
  const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return body.replace(/<[^>]+>/g, '').replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => names[name]!);
};

describe.each(language.options)('in %s', (lang) => {
  const face = wholeProfile({ language: lang });

  it.each(Object.values(every))('$kind is whole, in both forms', (told) => {
    const { subject, text, html } = write(told, { face });
    expect(subject).toMatch(/^acme: \S/);
    expect(text).toContain('alice');
    expect(subject + text + html).not.toMatch(/undefined|null|\[object|NaN|Invalid/);
    expect(read(html).trim()).toBe(text.trim());
    expect(html).toContain(`<html lang="${lang}">`);
  });

  it('is other words than in the other language', () => {
    const other = wholeProfile({ language: lang === 'en' ? 'de' : 'en' });
    for (const told of Object.values(every)) {
      expect(write(told, { face }).subject).not.toBe(write(told, { face: other }).subject);
    }
  });
});

describe('a letter', () => {
  it('is in English, by the id of the portal and the username, where nothing else is known', () => {
    const { subject, text } = write(every['password-changed']);
    expect(subject).toBe('acme: Your password was changed');
    expect(text).toContain('Hello “alice”,');
    expect(text).toContain('When: 24 November 2026 at 09:30 UTC');
    expect(text).toContain('an administrator of the portal at once.');
    expect(text).not.toContain('From:');
  });

  it('has no link, but for that by which a password is set', () => {
    for (const told of Object.values(every)) {
      const { text, html } = write(told);
      const isLink = told.kind === 'password-link';
      expect(html.match(/<a /g) ?? []).toHaveLength(isLink ? 1 : 0);
      expect(text.match(/https?:/g) ?? []).toHaveLength(isLink ? 1 : 0);
      expect(html.match(/https?:/g) ?? []).toHaveLength(isLink ? 2 : 0);
    }
  });

  it('makes no link of what others have written, and says whose words they are not', () => {
    const links = ['https://evil.example/x', 'www.evil.example', 'evil。example', 'a1.2b.example', 'it@evil.example'];
    for (const evil of links) {
      const face = wholeProfile({ displayName: evil, supportContact: evil });
      const lock = { ...every['accounts-locked'], locks: [{ name: evil, at }] };
      for (const told of [lock, every.locked, every['username-or-email-changed']]) {
        const { subject, text, html } = write(told, {
          face,
          contact: { ...contact, username: evil, displayName: evil },
        });
        expect(subject + text + html).not.toMatch(/:\/|\/\/|[^\u2060\s][.。@][^\u2060\s<]|[.。@][\p{L}\p{N}]/u);
        const seen = text.replaceAll('\u2060', '');
        expect(seen.split(evil).length).toBe(seen.split(`“${evil}”`).length);
        expect(seen).toContain(`“${evil}”`);
      }
    }
  });

  it('lets no name end its quotation marks, or be long', () => {
    const name = `bob” was unlocked. Call "us", «now» „or“ don't`;
    const told = {
      ...every['accounts-locked'],
      locks: [
        { name, at },
        { name: '𝒳'.repeat(200), at },
      ],
    };
    const { text } = write(told);
    expect(text).toContain(`“bob' was unlocked. Call 'us', 'now' 'or' don't”: `);
    expect(text).toContain(`“${'𝒳'.repeat(63)}…”: `);
    expect(write(told, { face: wholeProfile({ displayName: 'x'.repeat(65) }) }).subject).toContain(
      `${'x'.repeat(63)}…: `,
    );
  });

  it('takes names for text', () => {
    const evil = '<script>alert("x")</script>&amp;\'';
    const face = wholeProfile({ displayName: evil, supportContact: evil });
    const told = { ...every['accounts-locked'], locks: [{ name: evil, at }] };
    for (const each of [told, every.locked]) {
      const { html, text } = write(each, { face, contact: { ...contact, username: evil, displayName: evil } });
      expect(html).not.toMatch(/<script|alert\("/);
      expect(read(html).trim()).toBe(text.trim());
    }
  });

  it('says nothing of what a client or a gateway calls itself but what is known', () => {
    const phishing = 'Your account is at risk: call +1 555 0100, https://evil.example Firefox/1 Windows';
    const { text, html } = write(every.locked, { client: { address: phishing.slice(0, 64), userAgent: phishing } });
    expect(text).toContain('From: Firefox on Windows');
    expect(text + html).not.toMatch(/evil|555|at risk/);
    const known = write(every.locked, { client: { address: '2001:db8::1', userAgent: 'curl/8' } });
    expect(known.text).toContain('From: 2001:db8::1\n');
  });
});

describe('a user agent', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0',
      'Edge',
      'Windows',
    ],
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
      'Chrome',
      'Linux',
    ],
    [
      'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36',
      'Chrome',
      'Android',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
      'Safari',
      'iOS',
    ],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 15.5; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox', 'macOS'],
  ])('%s is known', (userAgent, browser, system) => {
    expect(agentName(userAgent)).toEqual({ browser, system });
  });

  it('of any text takes no time', () => {
    for (const text of ['', 'curl/8.0', 'x'.repeat(MAX_USER_AGENT)]) expect(agentName(text)).toEqual({});
  });
});
