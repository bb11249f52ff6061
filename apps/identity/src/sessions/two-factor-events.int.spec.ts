import { anEvent } from '#libs/contracts/src/testing/events.js';
import { type RecordedEvent } from '#libs/contracts/src/events/event.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { Adoptions } from '#libs/messaging/src/adopting/adoptions.js';
import { type IdentityParts, openIdentityParts, start } from '../testing/identity-parts.js';
import { SESSION_LASTS_MS } from './session-store.js';
import { TwoFactorEvents } from './two-factor.events.js';

const alice = { portal: 'demo', accountId: 'a1' };
let parts: IdentityParts;
let handlers: TwoFactorEvents;
let adoptions: Adoptions;
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  adoptions = new Adoptions(parts.engine.records('adoptions'), () => []);
  handlers = new TwoFactorEvents(parts.sessions, adoptions);
});
afterEach(() => parts.close());

const event = <Data>(type: string, streamVersion: number, at: number, data: Data): RecordedEvent<Data> =>
  anEvent({
    id: `e${streamVersion}`,
    type: `two-factor.${type}.v1`,
    time: new Date(at).toISOString(),
    account: 'a1',
    data,
    streamVersion,
  });
/** As the bus does it. */
async function deliver(
  to: 'locked' | 'unlocked' | 'enabled' | 'disabled' | 'secretIssued',
  recorded: RecordedEvent<unknown>,
) {
  await handlers[to](recorded as RecordedEvent<never>);
  await adoptions.note(recorded);
}
const logIn = (token: string, at: number, limit: { enrolmentRequired?: true } = {}) =>
  parts.sessions.add(token, {
    ...alice,
    sessionId: token,
    expiresAt: at + SESSION_LASTS_MS,
    endedAt: null,
    method: 'password',
    proof: { passwordAt: at, authenticatorId: null },
    ...limit,
  });
const open = async (...tokens: string[]) => {
  const found = await Promise.all(tokens.map((token) => parts.sessions.find(token)));
  return tokens.filter((_, i) => found[i]?.endedAt === null);
};
const locked = event('account-locked', 3, start + 1_000, { failedAttempts: 5, maxFailedAttempts: 5 });
const unlocked = event('user-unlocked', 4, start + 2_000, {});

test('a lock ends all sessions, whenever they began, by whatever clock', async () => {
  await logIn('before', start);
  await logIn('ahead', start + 60_000);
  await deliver('locked', locked);
  expect(await open('before', 'ahead')).toEqual([]);
});

test('a lock that comes again after the unlock ends none of the sessions since', async () => {
  await logIn('before', start);
  await deliver('locked', locked);
  await deliver('unlocked', unlocked);
  await logIn('since', start + 3_000);
  await deliver('locked', locked);
  expect(await open('before', 'since')).toEqual(['since']);
});

test('a lock that could not be handled and is replayed after the unlock ends those from before it', async () => {
  await logIn('before', start);
  await deliver('unlocked', unlocked);
  await logIn('since', start + 3_000);
  await deliver('locked', locked);
  expect(await open('before', 'since')).toEqual(['since']);
});

const limited = async (...tokens: string[]) => {
  const found = await Promise.all(tokens.map((token) => parts.sessions.find(token)));
  return tokens.filter((_, i) => found[i]?.enrolmentRequired);
};
const secret = { secretId: 'k1', was: 'enabled' };

test.each([
  ['disabled', 'two-factor-disabled', secret],
  ['secretIssued', 'secret-issued', { secretId: 'k1', reason: 'reset' }],
] as const)('R37 %s by its owner after the time of grace limits the session that is left', async (to, type, data) => {
  await logIn('own', start);
  await logIn('other', start);
  await deliver(to, event(type, 3, start + 1_000, { ...data, sessionId: 'own', enrolmentRequired: true }));
  expect([await open('own', 'other'), await limited('own', 'other')]).toEqual([['own'], ['own']]);
});

test('R37 one that an administrator gives more time lets go of the sessions of before it, and so does its dead letter', async () => {
  const more = event('two-factor-disabled', 3, start + 1_000, {
    ...secret,
    graceEndsAt: new Date(start).toISOString(),
  });
  for (const token of ['one', 'other']) {
    await logIn(token, start);
    await parts.sessions.limit(alice, token, 1);
  }
  await deliver('disabled', more);
  expect(await limited('one', 'other')).toEqual([]);
  // and none of those since, when it comes again
  await logIn('since', start + 3_000);
  await parts.sessions.limit(alice, 'since', 4);
  await deliver('disabled', more);
  expect(await limited('one', 'other', 'since')).toEqual(['since']);
});

const enabled = (version: number, at: number, sessionId = 'own') =>
  event('two-factor-enabled', version, at, { secretId: 'k1', timeStep: 1, sessionId });
/** By the login itself, after the time of grace. */
const logInLimited = (token: string, at: number) => logIn(token, at, { enrolmentRequired: true });

describe('R14 R35 who sets up 2FA', () => {
  const authenticatorOf = async (token: string) => (await parts.sessions.find(token))?.proof.authenticatorId;

  test('has passed both factors in the session that does, and in no other', async () => {
    for (const token of ['own', 'other']) await logIn(token, start);
    await deliver('enabled', enabled(3, start + 1_000));
    expect([await authenticatorOf('own'), await authenticatorOf('other')]).toEqual(['k1', null]);
    expect((await parts.sessions.find('own'))?.proof.passwordAt).toBe(start);
  });

  test('has passed one, where the session has proved no password', async () => {
    await logIn('own', start);
    await parts.sessions.prove('own', { passwordAt: null, authenticatorId: null });
    await deliver('enabled', enabled(3, start + 1_000));
    expect(await authenticatorOf('own')).toBeNull();
  });

  test('has passed the last authenticator, also where the event of one before comes again', async () => {
    await logIn('own', start);
    const first = enabled(3, start + 1_000);
    await deliver('enabled', first);
    const second = event('two-factor-enabled', 5, start + 2_000, { secretId: 'k2', timeStep: 2, sessionId: 'own' });
    await deliver('enabled', second);
    await deliver('enabled', first);
    expect(await authenticatorOf('own')).toBe('k2');
  });
});

describe('R37 who sets up 2FA', () => {
  test('makes the session whole that does, ends the others that could only do so, and no other', async () => {
    for (const token of ['own', 'thief']) await logInLimited(token, start);
    await logIn('whole', start);
    await deliver('enabled', enabled(3, start + 1_000));
    expect(await open('own', 'thief', 'whole')).toEqual(['own', 'whole']);
    expect(await limited('own', 'thief', 'whole')).toEqual(['thief']);
  });

  test('in a session that was never limited ends those that are', async () => {
    await logInLimited('thief', start);
    await logIn('own', start);
    await deliver('enabled', enabled(3, start + 1_000));
    expect([await open('own', 'thief'), await limited('own')]).toEqual([['own'], []]);
  });

  test('is past: the event that comes again undoes no limit that a later one set, and ends no session for it', async () => {
    await logInLimited('own', start);
    await logIn('other', start);
    await deliver('enabled', enabled(3, start + 1_000));
    const disabled = (sessionId: string) => ({ ...secret, sessionId, enrolmentRequired: true });
    await deliver('disabled', event('two-factor-disabled', 4, start + 2_000, disabled('other')));
    await logInLimited('since', start + 3_000);
    await deliver('enabled', enabled(3, start + 1_000));
    expect(await open('own', 'other', 'since')).toEqual(['other', 'since']);
    expect(await limited('other', 'since')).toEqual(['other', 'since']);
  });

  test('has a whole session also when the limit of before comes again, or late', async () => {
    await logIn('own', start);
    await deliver('enabled', enabled(5, start + 2_000));
    const data = { ...secret, sessionId: 'own', enrolmentRequired: true };
    await deliver('disabled', event('two-factor-disabled', 3, start + 1_000, data));
    expect([await open('own'), await limited('own')]).toEqual([['own'], []]);
  });
});
