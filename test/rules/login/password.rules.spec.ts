import { times } from '#test/support/calls/entrances.js';
import { newAddress } from '#test/support/calls/http.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);

const elsewhere = () => stack.api.from(newAddress());
const guess = (username: string, api = elsewhere(), there = portal.id) =>
  api.login({ portal: there, username, password: 'not the password' });

/** What a client can tell two refusals apart by, but for the moment and the request's own id. */
async function looks(call: ReturnType<typeof guess>) {
  const answer = await call;
  const { date: _, 'x-request-id': __, ...headers } = answer.headers;
  const { requestId: ___, ...body } = answer.refused('invalid-credentials');
  return { headers, body };
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] as number;

describe('username and password', () => {
  it('R15 say only when both are right whether a code is needed', async () => {
    const user = await portal.enrolled();
    const plain = await portal.contributor();
    expect(Object.keys((await user.enterPassword()).success()).sort()).toEqual(['challenge', 'expiresAt', 'status']);
    expect((await plain.enterPassword()).success().status).toBe('complete');
    expect(await looks(guess(user.credentials.username))).toEqual(await looks(guess(plain.credentials.username)));
  });

  it('R15 wrong ones look the same: username, password, portal, locked, Power Reader, 2FA or none', async () => {
    const locked = await (await portal.enrolled()).lock();
    const names = [
      (await portal.enrolled()).credentials.username,
      (await portal.register()).credentials.username,
      (await portal.register({ type: 'power-reader' })).credentials.username,
      locked.credentials.username,
      'nobody-of-this-name',
      'a name\nwith a line',
      '',
    ];
    const seen = await Promise.all([
      ...names.map((name) => looks(guess(name))),
      looks(guess('admin', elsewhere(), 'p-nowhere')),
    ]);
    for (const look of seen) expect(look).toEqual(seen[0]);
    (await locked.enterPassword(elsewhere())).refused('account-locked');
  });

  it('R15 of another portal are wrong', async () => {
    const other = await Portal.make(stack);
    const { username, password } = (await portal.register()).credentials;
    (await elsewhere().login({ portal: other.id, username, password })).refused('invalid-credentials');
    (await elsewhere().login({ portal: portal.id, username, password })).success();
  });

  it('R15 wrong ones take the same time, whether or not there is such an account', async () => {
    const known = await Promise.all(
      Array.from({ length: 12 }, async () => (await portal.register()).credentials.username),
    );
    const unknown = known.map((name) => `${name}x`);
    await guess('warm');
    const took = { known: [] as number[], unknown: [] as number[] };
    for (let round = 0; round < 3; round += 1) {
      for (const i of known.keys()) {
        // one after the other, so that a moment's load falls on both alike
        took.known.push((await guess(known[i] as string)).elapsedMs);
        took.unknown.push((await guess(unknown[i] as string)).elapsedMs);
      }
    }
    const ratio = median(took.unknown) / median(took.known);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.67);
  });

  it('R15 wrong ones lock nobody: the right one is never refused for what other addresses did', async () => {
    const user = await portal.register();
    await Promise.all(
      Array.from({ length: 12 }, async () =>
        (await user.enterWrongPassword(elsewhere())).refused('invalid-credentials'),
      ),
    );
    expect((await portal.api.account(portal.id, user.id)).success().status).toBe('active');
    expect((await user.enterPassword(elsewhere())).success().status).toBe('complete');
  });
});

describe('addresses that try wrong passwords', () => {
  const fiveWrong = async (user: Person, api: ReturnType<typeof elsewhere>) => {
    for (let i = 0; i < 5; i += 1) (await user.enterWrongPassword(api)).refused('invalid-credentials');
  };

  it('R15 wait after 5 for one account in 15 minutes; nobody else does', async () => {
    const [user, other] = [await portal.register(), await portal.register()];
    const address = elsewhere();
    await fiveWrong(user, address);
    for (const answer of [await user.enterWrongPassword(address), await user.enterPassword(address)]) {
      answer.refused('too-many-attempts');
      const wait = Number(answer.headers['retry-after']);
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(900);
    }
    (await other.enterPassword(address)).success();
    (await user.enterPassword(elsewhere())).success();
    stack.clock.minutes(15.1);
    (await user.enterPassword(address)).success();
  });

  it('R15 wait for a name that no account has, just the same', async () => {
    const address = elsewhere();
    for (let i = 0; i < 5; i += 1) (await guess('nobody-at-all', address)).refused('invalid-credentials');
    (await guess('nobody-at-all', address)).refused('too-many-attempts');
    (await guess('Nobody-At-All', address)).refused('too-many-attempts');
    (await guess('somebody-else', address)).refused('invalid-credentials');
  });

  it('R15 get 5 looked at, however many they send at once', async () => {
    const user = await portal.register();
    const address = elsewhere();
    const answers = await Promise.all(Array.from({ length: 30 }, () => user.enterWrongPassword(address)));
    expect(answers.filter(({ code }) => code === 'invalid-credentials')).toHaveLength(5);
    expect(answers.filter(({ code }) => code === 'too-many-attempts')).toHaveLength(25);
  });

  it('R15 wait after 100 for whatever accounts', async () => {
    const user = await portal.register();
    const address = elsewhere();
    const names = Array.from({ length: 100 }, (_, i) => `sprayed-${i}`);
    const answers = await Promise.all(names.map((name) => guess(name, address)));
    for (const answer of answers) answer.refused('invalid-credentials');
    (await user.enterPassword(address)).refused('too-many-attempts');
    (await user.enterPassword(elsewhere())).success();
    stack.clock.minutes(15.1);
    (await user.enterPassword(address)).success();
  });

  it('R15 are not held against the right password: it never counts', async () => {
    const user = await portal.register();
    const address = elsewhere();
    for (let i = 0; i < 7; i += 1) (await user.enterPassword(address)).success();
    await fiveWrong(user, address);
    (await user.enterPassword(address)).refused('too-many-attempts');
  });

  it('R15 send as many right passwords as they like at once', async () => {
    const user = await portal.register();
    const address = elsewhere();
    const answers = await Promise.all(Array.from({ length: 20 }, () => user.enterPassword(address)));
    for (const answer of answers) answer.success();
  });

  it('R15 wait for passwords alone: a code is checked from anywhere', async () => {
    const user = await portal.enrolled();
    const address = elsewhere();
    await fiveWrong(user, address);
    (await user.enterPassword(address)).refused('too-many-attempts');
    const challenge = await user.challenge(elsewhere());
    (await address.sendCode(challenge, { code: user.phone.wrongCode() })).refused('wrong-code');
    (await address.sendCode(challenge, { code: user.phone.freshCode() })).success();
  });

  it('R15 wait at re-authentication and at changing the password as well, however many they send at once', async () => {
    const user = await portal.enrolled();
    const api = user.api.from(newAddress());
    const wrong = { password: 'not the password', code: user.phone.wrongCode() };
    const answers = await times(20, (i) =>
      i % 2 === 0
        ? api.reAuthenticate(wrong).then(({ code }) => code)
        : api.changePassword({ current: wrong.password, new: 'another password' }).then(({ code }) => code),
    );
    expect(answers.filter((code) => code === 'invalid-credentials')).toHaveLength(5);
    expect(answers.filter((code) => code === 'too-many-attempts')).toHaveLength(15);
    (await api.reAuthenticate({ password: user.credentials.password })).refused('too-many-attempts');
    const change = { current: user.credentials.password, new: 'another password' };
    (await api.changePassword(change)).refused('too-many-attempts');
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
  });
});

describe('checks of an account that many addresses try', () => {
  it.each([
    ['that exists', async () => (await portal.register()).credentials],
    ['that does not', async () => ({ username: `none-${newAddress()}`, password: 'whatever' })],
  ])('R15 are delayed, never refused, for an account %s', async (_, make) => {
    const { username, password } = await make();
    const unhurried = median(await Promise.all([0, 1, 2].map(async () => (await guess(username)).elapsedMs)));
    await Promise.all(Array.from({ length: 6 }, () => guess(username)));
    const answer = await elsewhere().login({ portal: portal.id, username, password });
    expect(answer.code ?? 'complete').toBe(_ === 'that exists' ? 'complete' : 'invalid-credentials');
    expect(answer.elapsedMs).toBeGreaterThan(unhurried + 50);
    expect(answer.elapsedMs).toBeLessThan(5_000);
  });
});
