import type { CommandBus } from '@nestjs/cqrs';
import { adoptedRequests, twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { scriptedBus } from '#libs/platform/src/testing/stand-ins.js';
import { tokenHash } from '#libs/secrets/src/tokens.js';
import { Administrators } from '../manage-accounts/administrators.js';
import { Descriptions } from '../registry/descriptions.js';
import type { IntrospectionController } from '../sessions/introspection.controller.js';
import { LastSeen } from '../sessions/last-seen.js';
import { SessionIssuer } from '../sessions/session-issuer.js';
import { context, type IdentityParts, introspectionOf, openIdentityParts, start } from '../testing/identity-parts.js';
import { ResumeAccount, ResumeAccountHandler } from './resume-account.js';
import { SuspendAccount, SuspendAccountHandler } from './suspend-account.js';
import { SuspensionMessages } from './suspension.controller.js';

const alice = { portal: 'demo', accountId: 'a1' };
const bob = { portal: 'demo', accountId: 'a2' };

let parts: IdentityParts;
let administrators: Administrators;
let issuer: SessionIssuer;
let lastSeen: LastSeen;
let introspection: IntrospectionController;
let suspending: SuspendAccountHandler;
let resuming: ResumeAccountHandler;
/** Done once while two-factor is asked about the account. */
let meanwhile: (() => Promise<unknown>) | undefined;
let adopts: boolean;

beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  [meanwhile, adopts] = [undefined, true];
  const twoFactor = scriptedBus({
    [twoFactorRequests.describeAccounts.pattern]: async ({ accountIds }: { accountIds: string[] }) => {
      const interloper = meanwhile;
      meanwhile = undefined;
      await interloper?.();
      const twoFactor = { status: 'none', backupCodesLeft: 0 };
      return {
        accounts: accountIds.map((accountId) => ({
          accountId,
          lockedAt: null,
          lockEndsAt: null,
          failedAttempts: 0,
          graceEndsAt: null,
          twoFactor,
        })),
      };
    },
    [adoptedRequests['two-factor'].pattern]: () => {
      if (!adopts) throw new Problem('not-yet-effective');
      return {};
    },
  });
  const requests = new Requests(twoFactor.join('identity', undefined as never).ask);
  const { accounts, portals, sessions, directory, requirements, clock, engine } = parts;
  const descriptions = new Descriptions(requests, accounts, portals, requirements, parts.sso, clock);
  const effects = new Effects(requests);
  administrators = new Administrators(portals, accounts);
  issuer = new SessionIssuer(sessions, accounts, descriptions, directory, parts.keys, clock);
  lastSeen = new LastSeen(engine, clock, { warn: () => {} });
  introspection = introspectionOf(parts, lastSeen);
  suspending = new SuspendAccountHandler(accounts, administrators, sessions, directory, descriptions, effects);
  resuming = new ResumeAccountHandler(accounts, administrators, sessions, directory, descriptions, effects);
  await portals.execute('demo', context, { type: 'Create', administrator: 'a0' });
  await parts.register({ portal: 'demo', accountId: 'a0' }, 'admin');
  await parts.register(alice, 'alice');
  await parts.register(bob, 'bob');
});
afterEach(async () => {
  await lastSeen.settled();
  await parts.close();
});

const suspend = (account = alice) => suspending.execute(new SuspendAccount({ account, context }));
const resume = (account = alice) => resuming.execute(new ResumeAccount({ account, context }));
const epoch = () => parts.sessions.epoch(alice);
const logIn = async (begunAt?: number) => {
  const proof = { passwordAt: null, authenticatorId: null };
  return issuer.issue(alice, { method: 'password', proof, epoch: begunAt ?? (await epoch()), context });
};
const stateOf = async ({ accessToken }: { accessToken: string }) =>
  (await introspection.introspect({ tokenHash: tokenHash(accessToken) })).status;
const recorded = async (stream = 'demo/a1') =>
  (await parts.engine.log.read(stream)).flatMap(({ events }) => events.map(({ name }) => name)).slice(1);
/** From now on no session can be marked as ended, as after a crash. @returns what ends it */
function crashBeforeSessionsEnd(): () => void {
  const { sessions } = parts;
  sessions.endAll = () => Promise.reject(new Error('killed'));
  return () => Reflect.deleteProperty(sessions, 'endAll');
}

describe('a login and a suspension at the same moment', () => {
  test('R41 the login that is recorded first has a session, which ends', async () => {
    const session = await logIn();
    expect(await stateOf(session)).toBe('active');
    await suspend();
    expect(await stateOf(session)).toBe('ended');
    await resume();
    expect(await stateOf(session)).toBe('ended');
    expect(await recorded()).toEqual(['LoginSucceeded', 'AccountSuspended', 'AccountResumed']);
  });

  test('R41 a login in flight when it is suspended gets none: the log itself refuses it', async () => {
    meanwhile = suspend;
    await expect(logIn()).rejects.toMatchObject({ code: expect.stringMatching(/^(account-suspended|invalid-cred)/) });
    // as if nothing else had ended it, at the very moment before it is recorded
    const before = await epoch();
    await resume();
    parts.sessions.epoch = () => Promise.resolve(before);
    meanwhile = suspend;
    await expect(logIn(before)).rejects.toMatchObject({ code: 'account-suspended' });
    expect(await recorded()).toEqual(['AccountSuspended', 'AccountResumed', 'AccountSuspended']);
    expect((await parts.engine.records('sessions').list({})).map(({ value }) => value)).toEqual(
      Array(2).fill(expect.objectContaining({ endedAt: start })),
    );
  });

  test('R41 a login that began before and goes on after the resumption gets none', async () => {
    const before = await epoch();
    await suspend();
    await resume();
    await expect(logIn(before)).rejects.toMatchObject({ code: 'invalid-credentials' });
    expect(await stateOf(await logIn())).toBe('active');
  });
});

describe('a crash right after the event', () => {
  test('R41 leaves no session that counts, then or after the resumption', async () => {
    const session = await logIn();
    const before = await epoch();
    const restart = crashBeforeSessionsEnd();
    await expect(suspend()).rejects.toThrow('killed');
    restart();
    expect(await parts.sessions.find(tokenHash(session.accessToken))).toMatchObject({ endedAt: null });
    expect(await stateOf(session)).toBe('ended');
    await resume();
    expect(await stateOf(session)).toBe('ended');
    await expect(logIn(before)).rejects.toMatchObject({ code: 'invalid-credentials' });
  });

  test('R41 is finished by the same call again, which records nothing', async () => {
    const session = await logIn();
    const restart = crashBeforeSessionsEnd();
    await expect(suspend()).rejects.toThrow('killed');
    restart();
    expect(await suspend()).toEqual({ status: 'suspended' });
    expect(await parts.sessions.find(tokenHash(session.accessToken))).toMatchObject({ endedAt: start });
    expect(await recorded()).toEqual(['LoginSucceeded', 'AccountSuspended']);
  });
});

test('R28 a suspension that two-factor has not adopted is not answered as done; its sessions have ended', async () => {
  const session = await logIn();
  adopts = false;
  await expect(suspend()).rejects.toMatchObject({ code: 'not-yet-effective' });
  expect(await stateOf(session)).toBe('ended');
  adopts = true;
  expect(await suspend()).toEqual({ status: 'suspended' });
  adopts = false;
  await expect(resume()).rejects.toMatchObject({ code: 'not-yet-effective' });
});

describe('administrators', () => {
  const admin = { portal: 'demo', accountId: 'a0' };
  const appoint = (account: typeof alice) => administrators.appoint(account, context);
  const marked = async () => (await parts.portals.state('demo')).suspended;

  test('R41 two of two at the same moment leave one, whoever is first', async () => {
    await appoint(alice);
    const outcomes = await Promise.allSettled([suspend(admin), suspend(alice)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'last-administrator' },
    });
    expect(await marked()).toHaveLength(1);
  });

  test('R41 however suspensions, resumptions and appointments meet, one is left who can log in, and the marks are right', async () => {
    for (let round = 0; round < 20; round += 1) {
      const all = [admin, alice, bob];
      await Promise.allSettled([
        ...all.map((account) => suspend(account)),
        appoint(alice),
        appoint(bob),
        ...all.map((account) => resume(account)),
        suspend(all[round % 3]),
        administrators.remove(all[(round + 1) % 3]!, context),
      ]);
      const portal = await parts.portals.state('demo');
      const states = await Promise.all(
        portal.administrators.map(async (accountId) => ({
          accountId,
          suspended: (await parts.accounts.get({ portal: 'demo', accountId })).suspendedAt !== null,
        })),
      );
      const suspended = states.filter((one) => one.suspended).map(({ accountId }) => accountId);
      expect([...portal.suspended].sort()).toEqual(suspended.sort());
      expect(states.some((one) => !one.suspended)).toBe(true);
    }
  });

  test('R41 of a suspension that overtakes a resumption the mark stays', async () => {
    await appoint(alice);
    await suspend();
    const { portals } = parts;
    const execute = portals.execute.bind(portals);
    let overtaken = false;
    portals.execute = async (portal, by, command) => {
      if (command.type === 'ResumeAdministrator' && !overtaken) {
        overtaken = true;
        await suspend();
      }
      return execute(portal, by, command);
    };
    await resume();
    expect((await parts.accounts.get(alice)).suspendedAt).not.toBeNull();
    expect(await marked()).toEqual(['a1']);
  });

  test('R41 one who has become the last meanwhile is resumed again, and the suspension refused', async () => {
    const { accounts } = parts;
    const execute = accounts.execute.bind(accounts);
    accounts.execute = async (ref, by, command) => {
      const done = await execute(ref, by, command);
      if (command.type !== 'Suspend' || ref.accountId !== 'a1') return done;
      // appointed and left alone between the two looks at the portal
      await parts.portals.execute('demo', by, { type: 'AppointAdministrator', accountId: 'a1' });
      await parts.portals.execute('demo', by, { type: 'RemoveAdministrator', accountId: 'a0' });
      return done;
    };
    await expect(suspend()).rejects.toMatchObject({ code: 'last-administrator' });
    expect(await recorded()).toEqual(['AccountSuspended', 'AccountResumed']);
    expect(await parts.portals.state('demo')).toMatchObject({ administrators: ['a1'], suspended: [] });
  });
});

describe('the last use of a session', () => {
  const written = () => parts.engine.records<number>('sessions-last-seen').list({});

  test('R44 is written once a minute, not in the minute in which it began, and never backwards', async () => {
    const session = await logIn();
    for (let i = 0; i < 5; i += 1) await stateOf(session);
    await lastSeen.settled();
    expect(await written()).toEqual([]);
    parts.pass(60_000);
    for (let i = 0; i < 5; i += 1) await stateOf(session);
    await lastSeen.settled();
    expect((await written()).map(({ value }) => value)).toEqual([start + 60_000]);
    // another instance, whose clock is behind
    const behind = new LastSeen(parts.engine, () => start + 59_000, { warn: () => {} });
    behind.note({ ...alice, sessionId: 's1', beganAt: start - 120_000 });
    await behind.settled();
    parts.pass(60_000);
    await stateOf(session);
    await lastSeen.settled();
    expect((await written()).map(({ value }) => value).sort()).toEqual([start, start + 120_000]);
  });

  test('R44 that cannot be written keeps nobody waiting, and is written with the next', async () => {
    const session = await logIn();
    parts.pass(60_000);
    const records = parts.engine.records<number>('sessions-last-seen');
    let fail = true;
    const told: string[] = [];
    const flaky = {
      ...parts.engine,
      records: () => ({
        get: records.get.bind(records),
        replace: records.replace.bind(records),
        create: (...args: Parameters<typeof records.create>) =>
          fail ? Promise.reject(new Error('away')) : records.create(...args),
      }),
    } as unknown as typeof parts.engine;
    lastSeen = new LastSeen(flaky, parts.clock, { warn: (_: unknown, text: string) => void told.push(text) } as never);
    introspection = introspectionOf(parts, lastSeen);
    expect(await stateOf(session)).toBe('active');
    await lastSeen.settled();
    expect([await written(), told]).toEqual([[], ['the last use of a session was not written']]);
    fail = false;
    await stateOf(session);
    await lastSeen.settled();
    expect(await written()).toHaveLength(1);
  });
});

it('R41 a signed suspension that is delivered again does not undo a resumption', async () => {
  const commands = { execute: (command: SuspendAccount) => suspending.execute(command) } as unknown as CommandBus;
  const messages = new SuspensionMessages(commands);
  const signed = { ...context, actor: { kind: 'service' as const, id: 'v1' }, causationId: 'command-1' };
  const isSuspended = async () => (await parts.accounts.get(alice)).suspendedAt !== null;
  await messages.suspend(alice, signed);
  expect(await isSuspended()).toBe(true);
  await resume();
  await messages.suspend(alice, signed);
  expect(await isSuspended()).toBe(false);
  await messages.suspend(alice, { ...signed, causationId: 'command-2' });
  expect(await isSuspended()).toBe(true);
});
