import { randomBytes, randomUUID } from 'node:crypto';
import { ofType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack, { rememberDays: 30 });

const loginWith = async (person: Person, token: string) => (await person.enterPasswordWith(token)).success();
const isAsked = async (person: Person, token: string) => (await loginWith(person, token)).status === 'code-required';
async function use(person: Person, token: string): Promise<string> {
  const answer = await loginWith(person, token);
  if (answer.status !== 'complete') throw new Error('a code was asked for');
  return answer.browserToken!;
}
async function remembered(): Promise<{ person: Person; token: string }> {
  const person = await portal.enrolled();
  return { person, token: await person.remember() };
}
/** Why browsers of the account were forgotten, by all events that there are. */
const forgotten = async ({ id }: Person) =>
  ofType(await portal.allEvents(), 'BrowserForgotten')
    .filter(({ account }) => account === id)
    .map(({ data }) => data.reason);

describe('the token of a remembered browser', () => {
  it('lets nobody in without the password, and is not looked at before it', async () => {
    const { person, token } = await remembered();
    const stale = await use(person, token);
    await use(person, stale);
    stack.clock.advance(61);
    const { username } = person.credentials;
    const guess = { portal: portal.id, username, password: 'a guess that is wrong', browserToken: token };
    (await stack.api.login(guess)).refused('invalid-credentials');
    expect(await forgotten(person)).toEqual([]);
    expect((await person.api.myBrowsers()).success().browsers).toHaveLength(1);
  });

  it('of another account is none, and stays good there', async () => {
    const [{ person: alice, token }, { person: bob }] = [await remembered(), await remembered()];
    expect(await isAsked(bob, token)).toBe(true);
    await use(alice, token);
    expect([await forgotten(alice), await forgotten(bob)]).toEqual([[], []]);
  });

  it('of another portal is none, also for an account of the same name and password', async () => {
    const other = await Portal.make(stack, { rememberDays: 30 });
    const { person, token } = await remembered();
    const { username, password } = person.credentials;
    const namesake = await other.register({ username });
    namesake.credentials.password = password;
    (await other.api.deleteAccount(other.id, namesake.id)).success();
    const body = { username, password, type: 'contributor' as const };
    namesake.id = (await other.api.register(other.id, body)).success().id;
    await (await namesake.signIn()).enrol();
    expect(await isAsked(namesake, token)).toBe(true);
    await use(person, token);
  });

  it('stays good for two uses at once, which are answered with two tokens', async () => {
    const { person, token } = await remembered();
    const answers = await Promise.all(Array.from({ length: 8 }, () => loginWith(person, token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill('complete'));
    const tokens = answers.map((answer) => (answer as { browserToken: string }).browserToken);
    expect(new Set([token, ...tokens]).size).toBe(9);
    await use(person, tokens[7]!);
    await use(person, tokens[0]!);
    expect((await person.api.myBrowsers()).success().browsers).toHaveLength(1);
    expect(await forgotten(person)).toEqual([]);
  });

  it('that was copied ends the browser for both as soon as the one who is behind uses theirs', async () => {
    const { person, token: copied } = await remembered();
    const owner = await use(person, copied);
    stack.clock.advance(3_600);
    const thief = await use(person, copied);
    stack.clock.advance(3_600);
    const next = await use(person, thief);
    stack.clock.advance(61);
    expect(await isAsked(person, owner)).toBe(true);
    expect(await isAsked(person, next)).toBe(true);
    expect(await forgotten(person)).toEqual(['token-reused']);
  });

  it('that was replaced is good no more after a restart, nor with the clock set back', async () => {
    const { person, token: first } = await remembered();
    const { person: other, token: stale } = await remembered();
    for (const [who, old] of [
      [person, first],
      [other, stale],
    ] as const) {
      await use(who, await use(who, old));
    }
    stack.clock.advance(61);
    await stack.restart();
    expect(await isAsked(person, first)).toBe(true);
    stack.clock.advance(-3_600);
    expect(await isAsked(person, first)).toBe(true);
    expect(await isAsked(other, stale)).toBe(true);
    expect([await forgotten(person), await forgotten(other)]).toEqual([['token-reused'], ['token-reused']]);
    stack.clock.advance(3_600);
  });

  it.each([
    ['empty', ''],
    ['no token', 'remember me'],
    ['a session', 'ses_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['of a browser that there is not', `brw_${randomUUID()}_${randomBytes(32).toString('base64url')}`],
    ['with a path in it', `brw_../../${randomUUID()}_${randomBytes(32).toString('base64url')}`],
  ])('that is %s is passed over', async (_, token) => {
    const { person } = await remembered();
    expect(await isAsked(person, token)).toBe(true);
    expect(await forgotten(person)).toEqual([]);
  });

  it('is text of a bounded length', async () => {
    const { person } = await remembered();
    for (const browserToken of ['x'.repeat(1025), 7, null, ['x'], { x: 1 }]) {
      const body = { portal: portal.id, ...person.credentials, browserToken: browserToken as string };
      const { errors } = (await stack.api.login(body)).refused('malformed-request');
      expect(errors).toMatchObject([{ field: 'browserToken' }]);
    }
  });

  it('is nobody’s who has not passed the code', async () => {
    const person = await portal.enrolled();
    const code = { code: person.phone.wrongCode(), remember: true };
    (await stack.api.sendCode(await person.challenge(), code)).refused('wrong-code');
    expect((await person.api.myBrowsers()).success()).toEqual({ browsers: [] });
  });

  it('that is asked for many times is made once: a challenge passes once', async () => {
    const person = await portal.enrolled();
    const challenge = await person.challenge();
    const code = { code: person.phone.freshCode(), remember: true };
    await Promise.all(Array.from({ length: 8 }, () => stack.api.sendCode(challenge, code)));
    expect((await person.api.myBrowsers()).success().browsers).toHaveLength(1);
  });

  it('ends nothing of a lock: guesses after it are counted as ever (R24)', async () => {
    const { person, token } = await remembered();
    await person.fail(4);
    const next = await use(person, token);
    const challenges = await Promise.all(Array.from({ length: 6 }, () => person.challenge()));
    const guesses = challenges.map((each) => stack.api.sendCode(each, { code: person.phone.wrongCode() }));
    const answers = await Promise.all(guesses);
    expect(answers.every(({ code }) => code === 'account-locked')).toBe(true);
    (await person.enterPasswordWith(next)).refused('account-locked');
  });

  it('is in no event, no list and no file of the product', async () => {
    const { person, token } = await remembered();
    const next = await use(person, token);
    const secrets = [token, next].map((each) => each.split('_').at(-1)!);
    const lists = [
      (await person.api.myBrowsers()).success(),
      (await portal.api.browsersOf(portal.id, person.id)).success(),
    ];
    const seen = JSON.stringify([lists, await portal.allEvents()]);
    for (const secret of secrets) expect(seen).not.toContain(secret);
  });
});
