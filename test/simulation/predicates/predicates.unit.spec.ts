import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import * as answers from './answers.js';
import * as challenges from './challenges.js';
import * as codes from './codes.js';
import * as commands from './commands.js';
import * as deletion from './deletion.js';
import * as imports from './imports.js';
import * as locks from './locks.js';
import * as log from './log.js';
import { active, alice, complaintsOf, enabled, gateway, Story } from './made-history.js';
import * as policy from './policy.js';
import type { Predicate } from './predicate.js';
import * as reads from './reads.js';
import * as required from './required.js';
import * as services from './services.js';
import * as sessions from './sessions.js';
import * as sso from './sso.js';
import * as streams from './streams.js';

const ofAnother: Partial<RecordedEvent> = { account: 'a2', actor: { kind: 'user', id: 'a2' } };
const overHttp = (correlationId: string) => ({ context: { correlationId, entrance: 'http' as const } });

const discarded = () =>
  new Story()
    .call('importAccounts')
    .event('two-factor', 'AuthenticatorImported', { importId: 'i1', authenticatorId: 'k1' })
    .event('two-factor', 'ImportDiscarded', { importId: 'i1' });

const failed = (story: Story, failedAttempts: number, maxFailedAttempts = 5) =>
  story.event('two-factor', 'AttemptFailed', { failedAttempts, maxFailedAttempts, method: 'totp', reason: 'wrong' });
const system = { actor: { kind: 'system' } } as const;
const lockEndsAfter = (lockMinutes: number) =>
  new Story()
    .call('changeSettings', { params: { portal: 'one' } })
    .event(
      'admin-policy',
      'SettingsChanged',
      { to: { enabled: true, maxFailedAttempts: 1, lockMinutes } },
      { account: undefined },
    )
    .answer();
/** The third second of the story, and of 1970. */
const lockedFor = (lockMinutes: number, story = lockEndsAfter(1)) =>
  story.event('two-factor', 'AccountLocked', {
    ...{ failedAttempts: 1, maxFailedAttempts: 1, lockMinutes },
    endsAt: new Date(story.now + 1_000 + lockMinutes * 60_000).toISOString(),
  });
const lockEnded = (story: Story) => story.event('two-factor', 'UserUnlocked', { reason: 'lock-ended' }, system);
const DAY_MS = 86_400_000;
const iso = (at: number) => new Date(at).toISOString();
const inPortal = [{ params: { portal: 'one' } }, { account: undefined }] as const;
/** 2FA, of who has none, so that it holds. */
const requiring = (graceDays = 0) =>
  new Story()
    .call('changeSettings', inPortal[0])
    .event(
      'admin-policy',
      'SettingsChanged',
      { to: { enabled: true, maxFailedAttempts: 5, required: true, graceDays } },
      inPortal[1],
    )
    .answer()
    .call('grantAddOn', inPortal[0])
    .event('admin-policy', 'AddOnGranted', {}, inPortal[1])
    .answer()
    .call('changeAccount')
    .event('identity', 'AccountRegistered', { type: 'contributor' })
    .answer();
const graced = (story: Story, graceDays = 0) =>
  story
    .call('login')
    .event('two-factor', 'GraceBegan', { graceDays, endsAt: iso(story.now + 1_000 + graceDays * DAY_MS) })
    .answer();
const overdue = () => graced(requiring()).later(10_000);
const loggedInTo = (status: 'complete' | 'enrolment-required', story = overdue()) =>
  story.call('login').answer(200, { status, accessToken: 't1' });
const moreTime = (story: Story) =>
  story.event(
    'two-factor',
    'TwoFactorDisabled',
    { secretId: 'k1', graceEndsAt: iso(story.now + 1_000 + DAY_MS) },
    { actor: { kind: 'administrator', id: 'a2' } },
  );
const disabledAfterTheEnd = () =>
  overdue()
    .event('two-factor', 'TwoFactorEnabled', { secretId: 'k1', timeStep: 1 })
    .call('disableMine', { token: 't1' })
    .event('two-factor', 'TwoFactorDisabled', { secretId: 'k1', enrolmentRequired: true })
    .answer();
const signed = { jti: 'j1', jws: 'first', key: 'one/a1', correlationId: 'c', flaw: undefined };
const byCommand = (command: object = {}) =>
  ({ by: gateway, params: { portal: 'one', account: 'a1' }, command: { ...signed, ...command } }) as never;
const byProvider = (idToken: string, flaw?: 'old') => ({ body: { portal: 'one', idToken }, flaw });
const streamed = (ids: string[], lastEventId?: string) =>
  [
    { by: gateway, params: { portal: 'one' }, ...(lastEventId !== undefined && { lastEventId }) },
    { told: ids.map((id) => ({ at: 0, id, cursor: id })) },
  ] as const;
const told = (story: Story, [call, body]: ReturnType<typeof streamed>) =>
  story.call('streamEvents', call).answer(200, body);
const threeInALog = () =>
  [1, 2, 3].reduce(
    (story, streamVersion) => story.event('identity', 'LoginFailed', {}, { id: `v${streamVersion}`, streamVersion }),
    new Story(),
  );
const loggedIn = (as: Partial<RecordedEvent> = {}) =>
  new Story()
    .call('login')
    .event('identity', 'LoginSucceeded', { sessionId: 's1' }, as)
    .answer(200, { accessToken: 't1' });
const opened = () => enabled().call('openChallenge', { by: gateway }).answer(200, { required: true, challenge: 'c1' });
const verified = (story: Story) =>
  story
    .call('verifyChallenge', { by: gateway, body: { challenge: 'c1' } })
    .event('two-factor', 'AttemptSucceeded', { challengeId: 'c1' });

const cases: [rule: string, what: string, predicate: Predicate, wrong: Story, right: Story][] = [
  [
    'R02',
    'a limit of before',
    policy.presentLimit,
    failed(active().call('loginWithCode'), 1, 7),
    failed(active().call('loginWithCode'), 1),
  ],
  [
    'R13',
    'a secret that is there when it is answered that it is not',
    codes.vaultAsTheLogSays,
    discarded().answer(200, [{ line: 1, outcome: 'exists', id: 'a1' }]),
    discarded().answer(200, [{ line: 1, outcome: 'refused', code: 'unavailable' }]),
  ],
  [
    'R16',
    'a login by password alone',
    policy.codeWhereActive,
    active().call('login').event('identity', 'LoginSucceeded', { method: 'password' }),
    new Story().call('login').event('identity', 'LoginSucceeded', { method: 'password' }),
  ],
  [
    'R20',
    'a code that is looked at where 2FA is off',
    policy.noCodeWhereOff,
    failed(new Story().call('loginWithCode'), 1),
    failed(active().call('loginWithCode'), 1),
  ],
  ['R21', 'a challenge that passes twice', log.challengesOnce, verified(verified(opened())), verified(opened())],
  [
    'R21',
    'a challenge of before a lock',
    challenges.challengesEnd,
    verified(opened().event('two-factor', 'AccountLocked')),
    verified(opened()),
  ],
  [
    'R21',
    'a challenge that is too old',
    challenges.challengesEnd,
    verified(opened().later(310_000)),
    verified(opened()),
  ],
  [
    'R21',
    'a challenge that ends for no reason',
    challenges.challengesLast,
    active()
      .call('openChallenge', { by: gateway })
      .answer(200, { challenge: 'c1' })
      .call('verifyChallenge', { by: gateway, body: { challenge: 'c1' } })
      .answer(401, { code: 'challenge-ended' }),
    opened()
      .event('two-factor', 'AccountLocked')
      .call('verifyChallenge', { by: gateway, body: { challenge: 'c1' } })
      .answer(401, { code: 'challenge-ended' }),
  ],
  [
    'R22',
    'a failure that is counted as the one before',
    log.oneCountOfFailures,
    failed(failed(new Story(), 1), 1),
    failed(failed(new Story(), 1), 2),
  ],
  [
    'R23',
    'a code that is looked at after a lock',
    log.noAttemptWhileLocked,
    failed(new Story().event('two-factor', 'AccountLocked'), 6),
    failed(new Story().event('two-factor', 'AccountLocked').event('two-factor', 'UserUnlocked'), 1),
  ],
  [
    'R23',
    'a login while locked',
    sessions.noLoginWhileLocked,
    new Story()
      .event('two-factor', 'AccountLocked')
      .call('login')
      .event('identity', 'LoginSucceeded', { sessionId: 's1' }),
    new Story()
      .call('login')
      .event('two-factor', 'AccountLocked')
      .event('identity', 'LoginSucceeded', { sessionId: 's1' }),
  ],
  [
    'R23',
    'a session that works two seconds after a lock',
    sessions.lockEndsSessions,
    loggedIn().event('two-factor', 'AccountLocked').later(2_000).call('me', { token: 't1' }).answer(),
    loggedIn().event('two-factor', 'AccountLocked').call('me', { token: 't1' }).answer(),
  ],
  [
    'R23',
    'an account that is called locked and is not',
    reads.lockedIsToldOfLocked,
    new Story().call('openChallenge', { by: gateway }).answer(423, { code: 'account-locked' }),
    new Story()
      .event('two-factor', 'AccountLocked')
      .call('openChallenge', { by: gateway })
      .answer(423, { code: 'account-locked' }),
  ],
  [
    'R24',
    'a sixth guess',
    log.noMoreGuesses,
    [1, 2, 3, 4, 5, 6].reduce((story, count) => failed(story, count), active().call('loginWithCode')),
    [1, 2, 3, 4, 5].reduce((story, count) => failed(story, count), active().call('loginWithCode')),
  ],
  [
    'R25',
    'a login token of before a lock',
    sessions.loginTokensEnd,
    new Story()
      .call('issueLoginToken', { params: { account: 'a1' } })
      .answer(201, { token: 'l1' })
      .event('two-factor', 'AccountLocked')
      .call('unlock')
      .event('two-factor', 'UserUnlocked')
      .answer()
      .call('loginWithToken', { body: { token: 'l1' } })
      .answer(),
    new Story()
      .event('two-factor', 'AccountLocked')
      .call('unlock')
      .event('two-factor', 'UserUnlocked')
      .answer()
      .call('issueLoginToken', { params: { account: 'a1' } })
      .answer(201, { token: 'l1' })
      .call('loginWithToken', { body: { token: 'l1' } })
      .answer(),
  ],
  [
    'R28',
    'an answer without its event',
    answers.answeredIsRecorded,
    new Story().call('unlock').answer(),
    new Story().call('unlock').event('two-factor', 'UserUnlocked').answer(),
  ],
  [
    'R29',
    'an answer that the log does not give',
    reads.answersAsTheLogSays,
    enabled().call('myTwoFactor', { by: alice }).answer(200, { status: 'none', backupCodesLeft: 0 }),
    enabled().call('myTwoFactor', { by: alice }).answer(200, { status: 'enabled', backupCodesLeft: 0 }),
  ],
  [
    'R31',
    'an error of the server',
    answers.neverBroken,
    new Story().call('me').answer(500),
    new Story().call('me').answer(503),
  ],
  [
    'R31',
    'a stream with a gap',
    streams.streamsTellTheLog,
    told(threeInALog(), streamed(['v1', 'v3'])),
    told(threeInALog(), streamed(['v1', 'v2', 'v3'])),
  ],
  [
    'R31',
    'a stream that goes on with a gap',
    streams.streamsTellTheLog,
    told(told(threeInALog(), streamed(['v1'])), streamed(['v3'], 'v1')),
    told(told(threeInALog(), streamed(['v1'])), streamed(['v2', 'v3'], 'v1')),
  ],
  [
    'R28',
    'a stream that goes on for whom it is to end',
    streams.streamsEnd,
    new Story()
      .call('streamEvents', { by: gateway, params: { portal: 'one' } })
      .overtaken((story) => story.call('revokeServiceToken', { params: { token: 'v1' } }).answer(204))
      .answer(200, { told: [{ at: 20_000, id: 'v1', cursor: 'v1' }] }),
    new Story()
      .call('streamEvents', { by: gateway, params: { portal: 'one' } })
      .overtaken((story) => story.call('revokeServiceToken', { params: { token: 'v1' } }).answer(204))
      .answer(200, { told: [{ at: 2_000, id: 'v1', cursor: 'v1' }] }),
  ],
  [
    'R33',
    'a command that is carried out twice',
    commands.commandsOnce,
    new Story().call('unlock', byCommand()).event('two-factor', 'UserUnlocked').event('two-factor', 'UserUnlocked'),
    new Story().call('unlock', byCommand()).event('two-factor', 'UserUnlocked').answer(),
  ],
  [
    'R33',
    'a command by an id that was used',
    commands.commandsAsTheyAre,
    new Story()
      .call('unlock', byCommand())
      .answer()
      .call('disableTwoFactor', byCommand({ jws: 'second' }))
      .answer(),
    new Story().call('unlock', byCommand()).answer().call('unlock', byCommand()).answer(),
  ],
  [
    'R33',
    'a command of the future',
    commands.commandsAsTheyAre,
    new Story().call('unlock', byCommand({ flaw: 'of the future' })).answer(),
    new Story().call('unlock', byCommand({ flaw: 'of the future' })).answer(401),
  ],
  [
    'R33',
    'a command with the key of another account',
    commands.commandsAsTheyAre,
    new Story().call('unlock', byCommand({ key: 'one/a2' })).answer(),
    new Story().call('unlock', byCommand({ key: 'one/a2' })).answer(400),
  ],
  [
    'R36',
    'an imported account that is in without its code',
    imports.importedWithItsFactor,
    new Story()
      .event('identity', 'AccountRegistered', { type: 'contributor', importId: 'i1' })
      .event('identity', 'LoginSucceeded'),
    new Story()
      .event('identity', 'AccountRegistered', { type: 'contributor', importId: 'i1' })
      .event('two-factor', 'SecondFactorImported', { importId: 'i1' })
      .event('identity', 'LoginSucceeded'),
  ],
  [
    'R37',
    'a time of grace that begins again',
    required.graceStandsStill,
    graced(graced(requiring())),
    graced(requiring()),
  ],
  [
    'R37',
    'a time of grace that is longer than was set',
    required.graceStandsStill,
    graced(requiring(), 1),
    graced(requiring(1), 1),
  ],
  [
    'R37',
    'a time of grace of who has 2FA',
    required.graceStandsStill,
    graced(requiring().event('two-factor', 'TwoFactorEnabled', { secretId: 'k1', timeStep: 1 })),
    graced(requiring()),
  ],
  [
    'R37',
    'more time before the end',
    required.graceStandsStill,
    moreTime(graced(requiring(1), 1)),
    moreTime(overdue()),
  ],
  [
    'R37',
    'a login that is complete after the end',
    required.nothingElseAfterTheEnd,
    loggedInTo('complete'),
    loggedInTo('enrolment-required'),
  ],
  [
    'R37',
    'a gateway that is told to let somebody in after the end',
    required.nothingElseAfterTheEnd,
    overdue().call('openChallenge', { by: gateway }).answer(200, { required: false }),
    overdue().call('openChallenge', { by: gateway }).answer(403, { code: 'enrolment-required' }),
  ],
  [
    'R37',
    'a login that is limited before the end',
    required.nothingElseAfterTheEnd,
    loggedInTo('enrolment-required', graced(requiring(1), 1)),
    loggedInTo('complete', graced(requiring(1), 1)),
  ],
  [
    'R37',
    'a session that does more than set up 2FA',
    required.nothingElseAfterTheEnd,
    loggedInTo('enrolment-required').call('mySessions', { token: 't1' }).answer(),
    loggedInTo('enrolment-required').call('setUp', { token: 't1' }).answer(201),
  ],
  [
    'R37',
    'a session that goes on as before after a disable of its own',
    required.nothingElseAfterTheEnd,
    disabledAfterTheEnd().call('mySessions', { token: 't1' }).answer(),
    disabledAfterTheEnd().call('mySessions', { token: 't1' }).answer(403),
  ],
  [
    'R38',
    'a further lock that is not twice as long',
    locks.locksLastAsLongAsTheyAreTo,
    lockedFor(1, lockEnded(lockedFor(1))),
    lockedFor(2, lockEnded(lockedFor(1))),
  ],
  [
    'R38',
    'a lock that ends by itself where an administrator ends it',
    locks.locksLastAsLongAsTheyAreTo,
    lockedFor(1, lockEndsAfter(0)),
    lockEndsAfter(0).event('two-factor', 'AccountLocked', { failedAttempts: 1, maxFailedAttempts: 1 }),
  ],
  [
    'R38',
    'an end that comes too soon',
    locks.locksEnd,
    lockEnded(lockedFor(1).later(30_000)),
    lockEnded(lockedFor(1).later(60_000)),
  ],
  [
    'R38',
    'a lock that goes on after its end',
    locks.locksEnd,
    lockedFor(1).later(64_000).call('openChallenge', { by: gateway }).answer(423, { code: 'account-locked' }),
    lockedFor(1).later(30_000).call('openChallenge', { by: gateway }).answer(423, { code: 'account-locked' }),
  ],
  [
    'R22',
    'a lock that comes too late after one that ended by itself',
    log.oneCountOfFailures,
    failed(failed(lockEnded(failed(new Story(), 1, 1).event('two-factor', 'AccountLocked')), 2, 1), 3, 1),
    failed(lockEnded(failed(new Story(), 1, 1).event('two-factor', 'AccountLocked')), 2, 1).event(
      'two-factor',
      'AccountLocked',
    ),
  ],
  [
    'R19',
    'an ID token that logs in again',
    sso.idTokensOnce,
    new Story()
      .call('loginWithSso', byProvider('t1'))
      .event('identity', 'LoginSucceeded')
      .call('loginWithSso', byProvider('t1'))
      .event('identity', 'LoginSucceeded'),
    new Story()
      .call('loginWithSso', byProvider('t1'))
      .event('identity', 'LoginSucceeded')
      .call('loginWithSso', byProvider('t2'))
      .event('identity', 'LoginSucceeded'),
  ],
  [
    'R19',
    'an ID token that is old',
    sso.idTokensOnce,
    new Story().call('loginWithSso', byProvider('t1', 'old')).event('identity', 'LoginSucceeded'),
    new Story().call('loginWithSso', byProvider('t1', 'old')).event('identity', 'LoginFailed'),
  ],
  [
    'R33',
    'a service beyond its scopes',
    services.servicesKeepToTheirScopes,
    new Story().call('suspendAccount', { by: gateway, params: { portal: 'one', account: 'a1' } }).answer(),
    new Story().call('openChallenge', { by: gateway, params: { portal: 'one' } }).answer(),
  ],
  [
    'R33',
    'a service in another portal',
    services.servicesKeepToTheirScopes,
    new Story().call('openChallenge', { by: gateway, params: { portal: 'two' } }).answer(),
    new Story().call('openChallenge', { by: gateway, params: { portal: 'two' } }).answer(403),
  ],
  [
    'R41',
    'a login after a suspension',
    answers.suspendedMeansOut,
    new Story()
      .call('suspendAccount')
      .event('identity', 'AccountSuspended')
      .answer()
      .call('login')
      .event('identity', 'LoginSucceeded'),
    new Story()
      .call('suspendAccount')
      .event('identity', 'AccountSuspended')
      .answer()
      .call('resumeAccount')
      .event('identity', 'AccountResumed')
      .call('login')
      .event('identity', 'LoginSucceeded'),
  ],
  [
    'R41',
    'a portal whose last administrator is suspended',
    services.oneAdministratorIsLeft,
    new Story()
      .event('identity', 'PortalCreated', { administrator: 'a1' }, { account: undefined })
      .event('identity', 'AdministratorSuspended', { accountId: 'a1' }, { account: undefined }),
    new Story().event('identity', 'PortalCreated', { administrator: 'a1' }, { account: undefined }),
  ],
  [
    'R42',
    'an account that is told of after its deletion',
    deletion.deletedForGood,
    new Story()
      .call('deleteAccount', { params: { account: 'a1' } })
      .answer(204)
      .call('getAccount', { params: { account: 'a1' } })
      .answer(),
    new Story()
      .call('deleteAccount', { params: { account: 'a1' } })
      .answer(204)
      .call('getAccount', { params: { account: 'a1' } })
      .answer(410),
  ],
  [
    'R44',
    'a session that was ended and goes on',
    sessions.endedSessionsStayEnded,
    loggedIn().event('identity', 'SessionEnded', { sessionId: 's1' }).call('me', { token: 't1' }).answer(),
    loggedIn().event('identity', 'SessionEnded', { sessionId: 's2' }).call('me', { token: 't1' }).answer(),
  ],
  [
    'R44',
    'one end that is recorded twice',
    sessions.endedOnce,
    new Story().event('identity', 'LoggedOut', { sessionId: 's1' }).event('identity', 'LoggedOut', { sessionId: 's1' }),
    new Story().event('identity', 'LoggedOut', { sessionId: 's1' }),
  ],
  [
    'R45',
    'an authenticator that another has added',
    log.oneselfAlone,
    enabled().event(
      'two-factor',
      'AuthenticatorAdded',
      { authenticatorId: 'k2' },
      { actor: { kind: 'administrator', id: 'a2' } },
    ),
    enabled().event('two-factor', 'AuthenticatorAdded', { authenticatorId: 'k2' }),
  ],
  [
    'R46',
    'an event by another than asked',
    log.whoIsActing,
    new Story().call('unlock', { by: gateway }).event('two-factor', 'UserUnlocked', {}, overHttp('r1')),
    new Story().call('unlock', { by: gateway }).event(
      'two-factor',
      'UserUnlocked',
      {},
      {
        actor: { kind: 'service', id: 'v1' },
        ...overHttp('r1'),
      },
    ),
  ],
  [
    'R46',
    'an event by another than whose session it was, who may have taken over the name',
    log.whoIsActing,
    loggedIn()
      .call('reAuthenticate', { by: alice, token: 't1' })
      .event('identity', 'ReAuthenticated', {}, { ...ofAnother, ...overHttp('r2') }),
    loggedIn(ofAnother)
      .call('reAuthenticate', { by: alice, token: 't1' })
      .event('identity', 'ReAuthenticated', {}, { ...ofAnother, ...overHttp('r2') }),
  ],
  [
    'R46',
    'a problem of another request',
    answers.problemsNameTheRequest,
    new Story().call('me').answer(401, { requestId: 'r9' }),
    new Story().call('me').answer(401, { requestId: 'r1' }),
  ],
];

it.each(cases)('%s complains of %s, and not of what is allowed', async (rule, _, predicate, wrong, right) => {
  expect(predicate.rule).toBe(rule);
  expect(await complaintsOf(predicate, wrong)).toHaveLength(1);
  expect(await complaintsOf(predicate, right)).toEqual([]);
});
