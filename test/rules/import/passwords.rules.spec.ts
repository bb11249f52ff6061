import { newAddress } from '#test/support/calls/http.js';
import { aLine, hashes, movedIn } from '#test/support/people/imported.js';
import { Portal } from '#test/support/people/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);

/** Made by other programs, of the password `pässword`. */
const fromElsewhere: [kind: string, hash: string][] = [
  ['bcrypt', '$2b$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG'],
  ['bcrypt of PHP', '$2y$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG'],
  ['PBKDF2 SHA-1', hashes.pbkdf2('pässword', 1_000, 'sha1')],
  ['PBKDF2 SHA-256', hashes.pbkdf2('pässword')],
  ['PBKDF2 SHA-512', hashes.pbkdf2('pässword', 1_000, 'sha512')],
  ['scrypt', hashes.scrypt('pässword')],
];
const argon2id = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

describe('an imported password', () => {
  it.each([...fromElsewhere.map((each) => [...each, 'pässword']), ['argon2id', argon2id, 'password']])(
    'R36 is that of before, also after it was used: %s',
    async (_, passwordHash, password) => {
      const person = await movedIn(portal, aLine({ passwordHash }), password);
      for (const turn of ['the first time', 'once it is hashed anew']) {
        (await person.enterWrongPassword()).refused('invalid-credentials');
        expect([turn, (await person.enterPassword()).success().status]).toEqual([turn, 'complete']);
      }
    },
  );

  it('R36 is looked at as it is typed until then, and afterwards however it is composed', async () => {
    const decomposed = 'pa\u0308ssword';
    const person = await movedIn(portal, aLine({ passwordHash: hashes.pbkdf2(decomposed) }), decomposed);
    const { username } = person.credentials;
    const composed = { portal: portal.id, username, password: 'p\u00e4ssword' };
    (await stack.api.login(composed)).refused('invalid-credentials');
    (await person.enterPassword()).success();
    (await stack.api.login(composed)).success();
  });

  it('R36 is hashed anew without ending a session or telling of a change', async () => {
    const person = await movedIn(portal, aLine({ passwordHash: hashes.pbkdf2('from before') }), 'from before');
    await person.signIn();
    const second = await person.secondSession();
    (await person.api.me()).success();
    (await stack.api.as(second).me()).success();
    const events = await portal.events('LoginSucceeded', 2, { account: person.id });
    expect(events.map(({ type }) => type)).not.toContain('identity.password-changed.v1');
  });

  it('R36 can be changed by who knows it, and is no longer good then', async () => {
    const person = await movedIn(portal, aLine({ passwordHash: hashes.scrypt('from before') }), 'from before');
    await person.signIn();
    (await person.api.changePassword({ current: 'from before', new: 'from now on' })).success();
    (await person.enterPassword()).refused('invalid-credentials');
    person.credentials.password = 'from now on';
    (await person.enterPassword()).success();
  });

  it('R36 outlives a restart before it is used', async () => {
    const person = await movedIn(portal, aLine({ passwordHash: hashes.pbkdf2('from before') }), 'from before');
    await stack.restart();
    (await person.enterPassword()).success();
  });

  it.each([
    ['hash-too-costly', 'bcrypt', '$2b$15$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG'],
    ['hash-too-costly', 'PBKDF2', hashes.pbkdf2('x').replace('i=1000', 'i=2000001')],
    ['hash-too-costly', 'argon2id', argon2id.replace('m=65536', 'm=262145')],
    ['hash-too-costly', 'argon2id', argon2id.replace('t=2', 't=4294967295')],
    ['hash-too-costly', 'scrypt', hashes.scrypt('x').replace('ln=10', 'ln=30')],
    ['hash-too-weak', 'PBKDF2', hashes.pbkdf2('x').replace('i=1000', 'i=1')],
    ['malformed-request', 'PBKDF2', hashes.pbkdf2('x').slice(0, 22)],
    ['hash-unsupported', 'MD5', '$1$abcdefgh$G9cGSFAt0SaXh/L2ZBg3P1'],
  ])('R36 is refused with %s: %s', async (code, _, passwordHash) => {
    const lines = [aLine({ passwordHash }), aLine()];
    for (const dryRun of ['true', 'false']) {
      const results = (await stack.operator.importAccounts(portal.id, lines, { dryRun })).success();
      expect(results).toMatchObject([
        { line: 1, outcome: 'refused', field: 'passwordHash', code },
        { line: 2, outcome: 'created' },
      ]);
      expect(results[0]?.message).toMatch(/^[a-zA-Z0-9 ,.-]+$/);
    }
  });

  it('R36 of a ninth kind in a portal is refused', async () => {
    const other = await Portal.make(stack);
    const kinds = Array.from({ length: 9 }, (_, at) => {
      const passwordHash = hashes.scrypt('x').replace('r=8', `r=${9 + at}`);
      return aLine({ passwordHash });
    });
    for (const dryRun of ['true', 'false']) {
      const results = (await stack.operator.importAccounts(other.id, kinds, { dryRun })).success();
      const refused = results.filter(({ outcome }) => outcome === 'refused');
      expect(refused).toMatchObject([{ field: 'passwordHash', code: 'hash-kinds-limit' }]);
    }
  });

  it('R15 R36 a wrong one is answered no sooner than the slowest kind, whoever it is typed for', async () => {
    const other = await Portal.make(stack);
    const slow = await movedIn(other, aLine({ passwordHash: hashes.pbkdf2('from before', 400_000, 'sha512') }));
    const quick = await movedIn(other, aLine({ passwordHash: hashes.pbkdf2('from before', 1_000, 'sha512') }));
    const without = await movedIn(other, aLine());
    const people = [slow, quick, without, other.admin].map(({ credentials }) => credentials.username);
    const names = [...people, 'nobody-of-this-name'];
    // the least of several: what else the machine does only ever adds to it
    const least = new Map<string, number>();
    for (let turn = 0; turn < 6; turn += 1)
      for (const username of names) {
        const answer = await stack.api.from(newAddress()).login({ portal: other.id, username, password: 'wrong' });
        answer.refused('invalid-credentials');
        least.set(username, Math.min(least.get(username) ?? Infinity, answer.elapsedMs));
      }
    // without the work for the others it would be ten times
    expect(Math.max(...least.values()) / Math.min(...least.values())).toBeLessThan(3);
  });
});
