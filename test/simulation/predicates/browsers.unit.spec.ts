import * as browsers from './browsers.js';
import { byBrowser } from './browser-history.js';
import { active, alice, complaintsOf, Story } from './made-history.js';
import * as policy from './policy.js';
import type { Predicate } from './predicate.js';
import { onlyWithProof } from './proofs.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const rememberDays = (days: number, story = active(), token = '') =>
  story
    .call('changeSettings', { params: { portal: 'one' }, token })
    .event(
      'admin-policy',
      'SettingsChanged',
      { to: { enabled: true, maxFailedAttempts: 5, rememberDays: days } },
      { account: undefined },
    )
    .answer();
const codePassed = (story: Story, body: object = { remember: true }) =>
  story.call('loginWithCode', { body }).event('two-factor', 'AttemptSucceeded');
const thenRemembered = (story: Story, id: string) =>
  story
    .event('identity', 'LoginSucceeded', { method: 'password+totp', browserId: id, sessionId: id })
    .event('identity', 'BrowserRemembered', { browserId: id, sessionId: id })
    .answer(200, { status: 'complete', accessToken: `by ${id}`, browserToken: `${id}, first` });
const remembered = (story = rememberDays(30), id = 'b1') => thenRemembered(codePassed(story), id);
const firstOf = 'b1, first';
/** By a token of `b1` unless told; the next is of that name. */
const used = (story: Story, token: string, next = 'next', browserId = 'b1', account = 'a1') =>
  story
    .call('login', { body: { browserToken: token } })
    .event('identity', 'LoginSucceeded', { method: byBrowser, browserId, sessionId: next }, { account })
    .answer(200, { status: 'complete', accessToken: `by ${next}`, browserToken: next });
/** It was entered with the right password. */
const entered = (story: Story, token = firstOf) => story.call('login', { body: { browserToken: token } });
const askedForACode = (story: Story, token = firstOf) => entered(story, token).answer(200, { status: 'code-required' });
const forgotten = (story: Story, reason: string, browserId = 'b1') =>
  story.event('identity', 'BrowserForgotten', { browserId, reason });
/** The first token is replaced, and its successor used. */
const replaced = () => used(used(remembered(), firstOf, 'second'), 'second', 'third');
const ended = (name: string, data: object = {}, app: 'identity' | 'two-factor' = 'two-factor') =>
  remembered().event(app, name, data);
const tenRemembered = () =>
  Array.from({ length: 10 }, (_, at) => `b${at + 1}`).reduce((story, id) => remembered(story, id), rememberDays(30));
const inPortal = { by: alice, params: { portal: 'one', account: 'a1' } };
const listed = (story: Story, ...ids: string[]) =>
  story.call('listBrowsers', inPortal).answer(200, { browsers: ids.map((id) => ({ id })) });

const { onlyByItsToken, tokensAreReplaced, copiesForget, nothingElseEndsThem, forgottenForAReason } = browsers;
const { rememberedAsAsked, forgottenWhenAnswered } = browsers;

type Case = [what: string, predicate: Predicate, wrong: Story, right: Story];
const onceUsed = () => used(remembered(), firstOf);
const notAfter = ([name, data, app]: Parameters<typeof ended>): Case => [
  `a browser after ${name}`,
  onlyByItsToken,
  used(ended(name, data, app), firstOf),
  onceUsed().event(app ?? 'two-factor', name, data),
];
const reset = { secretId: 'k2', reason: 'reset' };

const cases: Case[] = [
  ['a token that nobody was given', onlyByItsToken, used(remembered(), 'made up'), onceUsed()],
  [
    'a token of another account',
    onlyByItsToken,
    used(remembered(), firstOf, 'next', 'b1', 'a2'),
    used(onceUsed(), 'next', 'third'),
  ],
  [
    'a token of another browser',
    onlyByItsToken,
    used(remembered(remembered(), 'b2'), 'b2, first'),
    used(remembered(remembered(), 'b2'), 'b2, first', 'next', 'b2'),
  ],
  notAfter(['AccountLocked']),
  notAfter(['TwoFactorDisabled']),
  notAfter(['SecretIssued', reset]),
  notAfter(['AuthenticatorAdded', { authenticatorId: 'k2' }]),
  notAfter(['AuthenticatorRemoved', { authenticatorId: 'k1' }]),
  notAfter(['PasswordChanged', {}, 'identity']),
  notAfter(['AccountSuspended', {}, 'identity']),
  notAfter(['AccountDeleted', {}, 'identity']),
  notAfter(['AccountChanged', { type: { from: 'contributor', to: 'power-reader' } }, 'identity']),
  notAfter(['BrowserForgotten', { browserId: 'b1', reason: 'ended' }, 'identity']),
  [
    'a browser whose code passed before an authenticator was added',
    onlyByItsToken,
    used(
      thenRemembered(
        codePassed(rememberDays(30)).event('two-factor', 'AuthenticatorAdded', { authenticatorId: 'k2' }),
        'b1',
      ),
      firstOf,
    ),
    used(remembered(rememberDays(30).event('two-factor', 'AuthenticatorAdded', { authenticatorId: 'k2' })), firstOf),
  ],
  [
    'a browser after its days',
    onlyByItsToken,
    used(remembered().later(31 * DAY_MS), firstOf),
    used(remembered().later(29 * DAY_MS), firstOf),
  ],
  [
    'a browser where there are none any more',
    onlyByItsToken,
    used(rememberDays(0, remembered().later(MINUTE_MS)), firstOf),
    used(rememberDays(1, remembered().later(MINUTE_MS)), firstOf),
  ],
  [
    'a browser that more days have brought back',
    onlyByItsToken,
    used(rememberDays(90, rememberDays(5, remembered().later(10 * DAY_MS))), firstOf),
    used(rememberDays(90, rememberDays(5, remembered().later(4 * DAY_MS))).later(80 * DAY_MS), firstOf),
  ],
  [
    'a token that was replaced more than a minute ago',
    tokensAreReplaced,
    used(replaced().later(65_000), firstOf),
    used(replaced().later(50_000), firstOf),
  ],
  [
    'one that was answered beside a token in use',
    tokensAreReplaced,
    used(used(used(used(remembered(), firstOf, 'one'), firstOf, 'other'), 'one').later(65_000), 'other', 'more'),
    used(used(used(remembered(), firstOf, 'one'), firstOf, 'other').later(65_000), 'other', 'more'),
  ],
  [
    'an old token that is passed over',
    copiesForget,
    askedForACode(replaced().later(65_000)),
    forgotten(entered(replaced().later(65_000)), 'token-reused').answer(200, { status: 'code-required' }),
  ],
  [
    'a code that is asked for where the browser is remembered',
    nothingElseEndsThem,
    askedForACode(replaced().later(65_000), 'third'),
    askedForACode(replaced().event('two-factor', 'AuthenticatorAdded', { authenticatorId: 'k2' }), 'third'),
  ],
  [
    'a code that is asked for within a minute',
    nothingElseEndsThem,
    askedForACode(replaced().later(30_000)),
    askedForACode(rememberDays(0, replaced())),
  ],
  [
    'a browser that is forgotten for a token that is good',
    forgottenForAReason,
    forgotten(entered(replaced().later(30_000)), 'token-reused'),
    forgotten(entered(replaced().later(65_000)), 'token-reused'),
  ],
  [
    'a browser that is forgotten for the newest token',
    forgottenForAReason,
    forgotten(entered(replaced().later(5 * MINUTE_MS), 'third'), 'token-reused'),
    forgotten(entered(replaced().later(5 * MINUTE_MS)), 'token-reused'),
  ],
  [
    'a browser that is forgotten twice',
    forgottenForAReason,
    forgotten(forgotten(remembered().call('forgetMyBrowsers'), 'ended'), 'ended'),
    forgotten(remembered().call('forgetMyBrowsers'), 'ended'),
  ],
  [
    'a browser that nobody has ended',
    forgottenForAReason,
    forgotten(remembered().call('myBrowsers'), 'ended'),
    forgotten(remembered().call('forgetBrowsers'), 'ended'),
  ],
  [
    'a second factor that is as it was',
    forgottenForAReason,
    forgotten(remembered(), 'second-factor-changed'),
    forgotten(ended('AccountLocked'), 'second-factor-changed'),
  ],
  [
    'a browser that gives way before there are ten',
    forgottenForAReason,
    forgotten(codePassed(remembered()), 'too-many'),
    forgotten(codePassed(tenRemembered()), 'too-many'),
  ],
  [
    'a newer browser that gives way',
    forgottenForAReason,
    forgotten(codePassed(tenRemembered()), 'too-many', 'b2'),
    forgotten(codePassed(tenRemembered()), 'too-many', 'b1'),
  ],
  [
    'eleven browsers',
    rememberedAsAsked,
    remembered(tenRemembered(), 'b11'),
    thenRemembered(forgotten(codePassed(tenRemembered()), 'too-many'), 'b11'),
  ],
  [
    'a browser that is remembered without a code',
    rememberedAsAsked,
    thenRemembered(rememberDays(30).call('loginWithCode', { body: { remember: true } }), 'b1'),
    remembered(),
  ],
  [
    'a browser that nobody wanted remembered',
    rememberedAsAsked,
    thenRemembered(codePassed(rememberDays(30), {}), 'b1'),
    codePassed(rememberDays(30), {}).answer(200, { status: 'complete' }),
  ],
  ['a browser where there are none', rememberedAsAsked, remembered(rememberDays(0)), remembered(rememberDays(1))],
  [
    'a browser that was to be remembered and is not',
    rememberedAsAsked,
    codePassed(rememberDays(30)).answer(200, { status: 'complete' }),
    codePassed(rememberDays(0)).answer(200, { status: 'complete' }),
  ],
  [
    'a browser that was ended and is remembered',
    forgottenWhenAnswered,
    remembered().call('forgetBrowsers', inPortal).answer(204),
    forgotten(remembered().call('forgetBrowsers', inPortal), 'ended').answer(204),
  ],
  [
    'a list with a browser that is gone',
    forgottenWhenAnswered,
    listed(ended('PasswordChanged', {}, 'identity'), 'b1'),
    listed(remembered(), 'b1'),
  ],
  ['a list without a browser', forgottenWhenAnswered, listed(remembered()), listed(rememberDays(0, remembered()))],
];

it.each(cases)('R39 complains of %s, and not of what is allowed', async (_, predicate, wrong, right) => {
  expect(predicate.rule).toBe('R39');
  expect(await complaintsOf(predicate, wrong)).toHaveLength(1);
  expect(await complaintsOf(predicate, right)).toEqual([]);
});

it('R39 complains of a browser that is remembered at rest, though the second factor has changed since', async () => {
  const locked = () => remembered().later(MINUTE_MS).event('two-factor', 'AccountLocked');
  expect(await complaintsOf(forgottenWhenAnswered, locked(), true)).toHaveLength(1);
  for (const allowed of [forgotten(locked(), 'second-factor-changed'), remembered(forgotten(locked(), 'ended'), 'b2')])
    expect(await complaintsOf(forgottenWhenAnswered, allowed, true)).toEqual([]);
});

const loggedInBy = (method: string, story = active()) =>
  story
    .call('login')
    .event('identity', 'LoginSucceeded', { method, sessionId: 's1' })
    .answer(200, { accessToken: 't1' });
const proved = (story: Story, secondFactor: boolean) => {
  const asked = story.call('reAuthenticate', { token: 't1' });
  return (secondFactor ? asked.event('two-factor', 'AttemptSucceeded', { sessionId: 's1' }) : asked)
    .event('identity', 'ReAuthenticated', { sessionId: 's1', secondFactor })
    .answer();
};
const disabled = (story: Story) =>
  story
    .call('disableMine', { token: 't1' })
    .event('two-factor', 'TwoFactorDisabled', { secretId: 'k1', sessionId: 's1' })
    .answer(204);

const others: [rule: string, ...Case][] = [
  [
    'R14',
    'a change by a session of a remembered browser',
    onlyWithProof,
    disabled(proved(loggedInBy(byBrowser), false)),
    disabled(proved(loggedInBy(byBrowser), true)),
  ],
  [
    'R14',
    'a change by a session that has passed no code',
    onlyWithProof,
    disabled(loggedInBy('password')),
    disabled(loggedInBy('password', new Story())),
  ],
  [
    'R14',
    'a change more than ten minutes after the password',
    onlyWithProof,
    disabled(loggedInBy('password+totp').later(11 * MINUTE_MS)),
    disabled(proved(loggedInBy('password+totp').later(11 * MINUTE_MS), false)),
  ],
  ['R14', 'a change after a login by SSO', onlyWithProof, disabled(loggedInBy('sso', new Story())), loggedInBy('sso')],
  [
    'R14',
    'a call that turns 2FA off for all',
    onlyWithProof,
    rememberDays(0, loggedInBy(byBrowser), 't1'),
    rememberDays(0, loggedInBy('password+totp'), 't1'),
  ],
  [
    'R16',
    'a login after no code, as if there had been one',
    policy.codeWhereActive,
    loggedInBy('password+totp'),
    loggedInBy(byBrowser),
  ],
  [
    'R20',
    'a browser where 2FA is off',
    policy.noCodeWhereOff,
    loggedInBy(byBrowser, new Story()),
    loggedInBy(byBrowser),
  ],
];

it.each(others)('%s complains of %s, and not of what is allowed', async (rule, _, predicate, wrong, right) => {
  expect(predicate.rule).toBe(rule);
  expect(await complaintsOf(predicate, wrong)).toHaveLength(1);
  expect(await complaintsOf(predicate, right)).toEqual([]);
});
