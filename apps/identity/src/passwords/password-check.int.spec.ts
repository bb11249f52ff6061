import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { PasswordThrottle } from '../throttle/password-throttle.js';
import { type IdentityParts, openIdentityParts, context } from '../testing/identity-parts.js';
import { PasswordHasher } from './hasher.js';
import { PasswordKinds } from './imported/password-kinds.js';
import { type ImportedHash, parseHash } from './imported/parse-hash.js';
import { PasswordCheck } from './password-check.js';

/** What a check costs beside reads. */
let costs: string[];
class Hasher extends PasswordHasher {
  override verify(...typed: Parameters<PasswordHasher['verify']>): Promise<boolean> {
    costs.push('hash');
    return super.verify(...typed);
  }
}

let parts: IdentityParts;
let check: PasswordCheck;
let kinds: PasswordKinds;
let hasher: Hasher;
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  const { clock, usernames, accounts, portals, sessions, passwords, engine } = parts;
  kinds = new PasswordKinds(engine, clock, passwords);
  hasher = new Hasher();
  await hasher.onModuleInit();
  const throttle = new PasswordThrottle(clock, new Metrics());
  check = new PasswordCheck(throttle, usernames, accounts, portals, sessions, hasher, passwords, kinds, engine);
  await portals.execute('demo', context, { type: 'Create', administrator: 'a0' });
  await parts.register({ portal: 'demo', accountId: 'a1' }, 'alice');
  await parts.passwords.put({ portal: 'demo', accountId: 'a1' }, 'p1', await hasher.hash('right one', 'a'), null);
  costs = [];
  const append = engine.log.append.bind(engine.log);
  engine.log.append = (commit) => {
    costs.push('durable write');
    return append(commit);
  };
});
afterEach(() => parts.close());

test('R41 a right password of a suspended account is told so, a wrong one is as ever', async () => {
  const typed = { address: '10.0.0.1', portal: 'demo', username: 'alice' };
  const alice = { portal: 'demo', accountId: 'a1' };
  await parts.usernames.reserve(alice, 'alice');
  await parts.accounts.execute(alice, context, { type: 'Suspend' });
  const ask = (password: string) => check.check({ ...typed, password }, 'wrong-password', context);
  await expect(ask('right one')).rejects.toMatchObject({ code: 'account-suspended' });
  await expect(ask('wrong one')).rejects.toMatchObject({ code: 'invalid-credentials' });
});

test.each([
  ['a wrong password', 'demo', 'alice'],
  ['an unknown name', 'demo', 'nobody'],
  ['an unknown portal', 'elsewhere', 'alice'],
])('R15 %s costs one hash and one durable write, and has one answer', async (_, portal, username) => {
  const unrecorded = parts.engine.records<string>('unrecorded-logins');
  const typed = { address: '198.51.100.1', portal, username, password: 'wrong one' };
  await expect(check.check(typed, 'wrong-password', context)).rejects.toMatchObject({
    code: 'invalid-credentials',
  });
  if ((await unrecorded.get(['last'])) === context.correlationId) costs.push('durable write');
  expect(costs).toEqual(['hash', 'durable write']);
});

test.each(['ali\u200bce', '\u202eecila', 'al\u00adice', 'a\u2028b', 'new\u{1c89}letter', 'ılgaz'])(
  'R50 the name %j, of an account that was registered when such names were taken, still logs in',
  async (username) => {
    const ref = { portal: 'demo', accountId: 'a2' };
    await parts.usernames.reserve(ref, username);
    await parts.register(ref, username);
    await parts.passwords.put(ref, 'p1', await parts.hasher.hash('its own', 'a'), null);
    const typed = { address: '198.51.100.1', portal: 'demo', username, password: 'its own' };
    const { account } = await check.check(typed, 'wrong-password', context);
    expect(account).toMatchObject({ accountId: 'a2', profile: { username } });
  },
);

describe('R36 an imported hash', () => {
  const ref = { portal: 'demo', accountId: 'a3' };
  const salted = '$pbkdf2-sha256$i=1000$c2FsdHNhbHRzYWx0$DKThDBrOuNjlvYAgzolIHQiv34tl7sCBRZwmD8ciwyo';
  const stored = () => parts.passwords.find(ref, 'p1');
  const ask = (password: string, username = 'carol') =>
    check.check({ address: '10.0.0.1', portal: 'demo', username, password }, 'wrong-password', context);
  const wrong = { code: 'invalid-credentials' };
  beforeEach(async () => {
    const parsed = parseHash(salted) as ImportedHash;
    await kinds.add('demo', parsed.inner.work);
    await parts.usernames.reserve(ref, 'carol');
    await parts.register(ref, 'carol');
    await parts.passwords.put(ref, 'p1', await hasher.wrap(parsed, 'demo'), null);
  });

  test('is argon2id of its outcome, which is not kept', async () => {
    const text = JSON.stringify(await stored());
    expect(text).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    expect(text).not.toContain('DKThDBrOuNjlvYAgzolIHQiv34tl7sCBRZwmD8ciwyo');
  });

  test('lets in who knows the password, and is replaced then', async () => {
    await expect(ask('passwörd')).rejects.toMatchObject(wrong);
    expect(await stored()).toHaveProperty('inner');
    await expect(ask('pässword')).resolves.toMatchObject({ account: ref });
    expect(await stored()).not.toHaveProperty('inner');
    await expect(ask('pässword')).resolves.toMatchObject({ account: ref });
    await expect(ask('passwörd')).rejects.toMatchObject(wrong);
  });

  test('that is renewed while the password is changed stays changed', async () => {
    const before = (await stored())!;
    await parts.passwords.put(ref, 'p1', await hasher.hash('another one', 'demo'), null);
    await parts.passwords.renew(ref, 'p1', before, await hasher.hash('pässword', 'demo'));
    await expect(ask('pässword')).rejects.toMatchObject(wrong);
    await expect(ask('another one')).resolves.toMatchObject({ account: ref });
  });

  test('no longer slows the portal once nobody has one', async () => {
    expect(Object.keys(await kinds.of('demo'))).toEqual(['pbkdf2 sha256']);
    await ask('pässword');
    await kinds.recount();
    expect(Object.keys(await kinds.of('demo'))).toHaveLength(1);
    parts.pass(3_600_001);
    await kinds.recount();
    expect(await kinds.of('demo')).toEqual({});
  });

  test('of a lower cost stays when those of a higher are gone', async () => {
    await kinds.add('demo', { kdf: 'pbkdf2', digest: 'sha256', cost: 600_000 });
    await kinds.add('demo', { kdf: 'bcrypt', cost: 10 });
    parts.pass(3_600_001);
    await kinds.recount();
    expect(await kinds.of('demo')).toEqual({ 'pbkdf2 sha256': { kdf: 'pbkdf2', digest: 'sha256', cost: 1_000 } });
  });

  test('of a ninth kind is refused', async () => {
    for (let r = 1; r <= 7; r++) expect(await kinds.add('demo', { kdf: 'scrypt', r, p: 1, cost: 14 })).toBe(true);
    expect(await kinds.add('demo', { kdf: 'bcrypt', cost: 10 })).toBe(false);
    expect(await kinds.add('demo', { kdf: 'scrypt', r: 1, p: 1, cost: 15 })).toBe(true);
    expect(await kinds.add('elsewhere', { kdf: 'bcrypt', cost: 10 })).toBe(true);
  });
});

test('R15 R36 whichever kind of hash an account has, or none, a wrong password takes the work of all kinds', async () => {
  const imported: Record<string, string> = {
    bcrypt8: '$2b$08$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG',
    bcrypt10: '$2b$10$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG',
    pbkdf2: '$pbkdf2-sha256$i=100000$c2FsdHNhbHRzYWx0$DKThDBrOuNjlvYAgzolIHQiv34tl7sCBRZwmD8ciwyo',
  };
  const ref = (accountId: string) => ({ portal: 'demo', accountId });
  for (const [name, text] of Object.entries(imported)) {
    const parsed = parseHash(text) as ImportedHash;
    await kinds.add('demo', parsed.inner.work);
    await parts.usernames.reserve(ref(name), name);
    await parts.register(ref(name), name);
    await parts.passwords.put(ref(name), 'p1', await hasher.wrap(parsed, 'demo'), null);
  }
  await parts.usernames.reserve(ref('hashless'), 'hashless');
  const account = { type: 'contributor', passwordId: null } as const;
  await parts.accounts.execute(ref('hashless'), context, {
    type: 'Register',
    account,
    person: { username: 'hashless' },
  });

  // of all threads of this process, the least of several: what else it and the machine do is not in it
  const names = ['alice', 'hashless', 'nobody', ...Object.keys(imported)];
  const least = new Map<string, number>();
  const measure = async (name: string, work: () => Promise<unknown>) => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least.set(name, Math.min(user + system, least.get(name) ?? Infinity));
  };
  const stored = await parts.hasher.hash('x', 'a');
  for (let turn = 0; turn < 7; turn += 1) {
    for (const username of names) {
      const typed = { address: `10.0.${turn}.1`, portal: 'demo', username, password: 'wrong one' };
      await measure(username, () =>
        expect(check.check(typed, 'wrong-password', context)).rejects.toMatchObject({ code: 'invalid-credentials' }),
      );
    }
    await measure('argon2id alone', () => parts.hasher.verify(stored, 'wrong one', 'a'));
  }
  const spent = names.map((name) => least.get(name)!);
  // without the work of the other kinds it is five
  expect(Math.max(...spent) / Math.min(...spent)).toBeLessThan(2);
  expect(Math.min(...spent)).toBeGreaterThan(1.5 * least.get('argon2id alone')!);
}, 60_000);
