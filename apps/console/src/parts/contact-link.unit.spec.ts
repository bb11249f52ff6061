import { linkOf } from './contact-link.js';

it.each([
  ['help@acme.example', 'mailto:help@acme.example'],
  ['it.help+2fa@support.acme.example', 'mailto:it.help+2fa@support.acme.example'],
  ['https://acme.example/help?topic=2fa#top', 'https://acme.example/help?topic=2fa#top'],
  ['HTTPS://acme.example', 'https://acme.example/'],
])('a contact that is an address is a link: %s', (contact, link) => expect(linkOf(contact)).toBe(link));

it.each([
  '+49 30 1234',
  'The help desk, room 12',
  'Write to help@acme.example',
  'help@acme.example?subject=x&bcc=eve@evil.example',
  'help%0abcc:eve@acme.example',
  'help@localhost',
  'javascript:alert(1)',
  'JaVaScRiPt://acme.example/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'http://acme.example',
  'https://acme.example help',
  'https://acme.example@evil.example/',
  'https://acme.example:443@evil.example/',
  'https://аcme.example/',
  'https://',
  '//evil.example',
  '<a href="https://evil.example">',
  '',
])('any other is text: %s', (contact) => expect(linkOf(contact)).toBeUndefined());
