import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { PasswordThrottle } from '../throttle/password-throttle.js';
import { type IdentityParts, openIdentityParts, context } from '../testing/identity-parts.js';
import { PasswordHasher } from './hasher.js';
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
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  const { clock, usernames, accounts, portals, sessions, passwords, engine } = parts;
  const hasher = new Hasher();
  await hasher.onModuleInit();
  const throttle = new PasswordThrottle(clock, new Metrics());
  check = new PasswordCheck(throttle, usernames, accounts, portals, sessions, hasher, passwords, engine);
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
