import { derive } from './inner-hash.js';
import { isRefusedHash, parseHash } from './parse-hash.js';

/** Of libcrypt, Python's hashlib and the reference implementation of argon2. */
const known: [kind: string, hash: string, password: string][] = [
  ['bcrypt 2b', '$2b$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG', 'pässword'],
  ['bcrypt 2y', '$2y$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG', 'pässword'],
  ['bcrypt 2a', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  ['bcrypt whose salt has bits to spare', '$2a$05$CCCCCCCCCCCCCCCCCCCCC/E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  ['PBKDF2 SHA-1', '$pbkdf2-sha1$i=1000,l=32$c2FsdHNhbHRzYWx0$AIogpYkTUzUOyZwhxz7stm1JN5V0qbwUz4JGXXP/hnY', 'pässword'],
  ['PBKDF2 SHA-256', '$pbkdf2-sha256$i=1000$c2FsdHNhbHRzYWx0$DKThDBrOuNjlvYAgzolIHQiv34tl7sCBRZwmD8ciwyo', 'pässword'],
  [
    'PBKDF2 of more bytes than the digest has, as passlib writes it',
    '$pbkdf2-sha256$1000$c2FsdHNhbHRzYWx0$DKThDBrOuNjlvYAgzolIHQiv34tl7sCBRZwmD8ciwyoLgccFGFmDLYIul23QsoVHzmeXHWV8/hvnW31fyrhLww',
    'pässword',
  ],
  [
    'PBKDF2 SHA-512',
    '$pbkdf2-sha512$i=1000,l=32$c2FsdHNhbHRzYWx0$grASA9fhkEDvciwsSDzOWjxLoTWnvodk3xe9AfEzxKQ',
    'pässword',
  ],
  ['scrypt', '$scrypt$ln=10,r=8,p=1$c2FsdHNhbHRzYWx0$1s4Q7BAcOPSyPLb/3QhLGaT4kzAFS8esP/4gQMFlYus', 'pässword'],
  ['argon2id', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc', 'password'],
];

test.each(known)('%s has the outcome that others know', async (_, text, password) => {
  const parsed = parseHash(text);
  if (isRefusedHash(parsed)) throw new Error(parsed.code);
  expect((await derive(parsed.inner, password)).equals(parsed.outcome)).toBe(true);
  expect((await derive(parsed.inner, `${password}x`)).equals(parsed.outcome)).toBe(false);
});

const salt = 'c2FsdHNhbHRzYWx0';
const hash = '1s4Q7BAcOPSyPLb/3QhLGaT4kzAFS8esP/4gQMFlYus';
const tail = `${salt}$${hash}`;
const bcrypt = (cost: string) => `$2b$${cost}$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG`;

test.each([
  ['hash-too-costly', bcrypt('15')],
  ['hash-too-costly', bcrypt('31')],
  ['hash-too-costly', `$pbkdf2-sha256$i=2000001$${tail}`],
  ['hash-too-costly', `$pbkdf2-sha1$i=9999999999$${tail}`],
  ['hash-too-costly', `$argon2id$v=19$m=262145,t=1,p=1$${tail}`],
  ['hash-too-costly', `$argon2id$v=19$m=4294967295,t=4294967295,p=1$${tail}`],
  ['hash-too-costly', `$argon2id$v=19$m=262144,t=5,p=1$${tail}`],
  ['hash-too-costly', `$argon2id$v=19$m=65536,t=1,p=17$${tail}`],
  ['hash-too-costly', `$scrypt$ln=19,r=8,p=1$${tail}`],
  ['hash-too-costly', `$scrypt$ln=999,r=8,p=1$${tail}`],
  ['hash-too-costly', `$scrypt$ln=14,r=8,p=65$${tail}`],
  ['hash-too-costly', `$scrypt$ln=10,r=9999999,p=9999999$${tail}`],
  ['hash-too-costly', `$scrypt$ln=1,r=8,p=524288$${tail}`],
  ['hash-too-costly', `$scrypt$ln=1,r=1048576,p=1$${tail}`],
  ['hash-too-costly', `$scrypt$ln=1,r=64,p=129$${tail}`],
  ['hash-too-weak', `$pbkdf2-sha256$i=999$${tail}`],
  ['hash-too-weak', `$scrypt$ln=4,r=1,p=1$${tail}`],
  ['hash-too-weak', `$argon2id$v=19$m=8,t=1,p=1$${tail}`],
  ['hash-too-weak', `$pbkdf2-sha256$i=1000$c2FsdA$${hash}`],
  ['hash-too-weak', `$pbkdf2-sha256$i=1000$${salt}$c2FsdHNhbHRzYWx0`],
  ['malformed-request', bcrypt('03')],
  ['malformed-request', bcrypt('10').slice(0, -1)],
  ['malformed-request', `${bcrypt('10')}x`],
  ['malformed-request', `$pbkdf2-sha256$i=1000$${salt}`],
  ['malformed-request', `$pbkdf2-sha256$i=-1000$${tail}`],
  ['malformed-request', `$pbkdf2-sha256$i=1000$${salt}$${'A'.repeat(400)}`],
  ['malformed-request', `$argon2id$v=18$m=65536,t=1,p=1$${tail}`],
  ['malformed-request', `$argon2id$v=19$m=16,t=100,p=4$${tail}`],
  ['malformed-request', `$argon2id$v=19$m=65536,t=0,p=1$${tail}`],
  ['malformed-request', `$scrypt$ln=10,r=0,p=1$${tail}`],
  ['malformed-request', `$scrypt$ln=16,r=1,p=1$${tail}`],
  ['malformed-request', `$scrypt$ln=17,r=1,p=1$${tail}`],
  ['hash-unsupported', `$argon2i$v=19$m=65536,t=1,p=1$${tail}`],
  ['hash-unsupported', `$2x$${bcrypt('10').slice(4)}`],
  ['hash-unsupported', '$1$abcdefgh$G9cGSFAt0SaXh/L2ZBg3P1'],
  [
    'hash-unsupported',
    '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/',
  ],
  ['hash-unsupported', '5f4dcc3b5aa765d61d8327deb882cf99'],
  ['hash-unsupported', 'correct horse battery staple'],
])('%s: %s', (code, text) => {
  const parsed = parseHash(text);
  expect(parsed).toMatchObject({ code });
  const { message } = parsed as { message: string };
  for (const piece of text.split('$').filter((part) => part.length > 8)) expect(message).not.toContain(piece);
});

// each login of the portal does their work, for whomever it is
test.each([
  `$scrypt$ln=15,r=1,p=1$${tail}`,
  `$scrypt$ln=1,r=64,p=128$${tail}`,
  `$argon2id$v=16$m=1024,t=1,p=16$${tail}`,
  `$argon2id$v=19$m=8,t=128,p=1$${tail}`,
  bcrypt('04'),
])('what is taken can be checked, at the edges too: %s', async (text) => {
  const parsed = parseHash(text);
  if (isRefusedHash(parsed)) throw new Error(parsed.message);
  await expect(derive(parsed.inner, 'pässword')).resolves.toHaveLength(parsed.outcome.length);
});

test('a text of any form is judged in little time', () => {
  const begun = performance.now();
  for (const text of ['$argon2id$', '$scrypt$', '$pbkdf2-sha256$i=1000$', '$2b$10$', '$$$$']) {
    parseHash(text + 'A'.repeat(1_000_000));
    parseHash(text + 'A=$'.repeat(300_000));
  }
  expect(performance.now() - begun).toBeLessThan(2_000);
});
