import type { Typed } from '#test/support/calls/entrances.js';
import { shortType } from '#test/support/events.js';
import type { Answer } from '#test/support/calls/http.js';
import type { Person } from '#test/support/people/portal.js';
import { useGateway, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const gateway = useGateway(portal);

/** Every place where a code is typed while 2FA is active. */
const entrances: { at: string; enter: (user: Person, typed: Typed) => Promise<Answer<unknown>> }[] = [
  { at: 'login', enter: async (user, typed) => stack.api.sendCode(await user.challenge(), typed) },
  {
    at: 'a gateway',
    enter: async (user, typed) => gateway.verifyChallenge(await user.challengeAt(gateway), typed),
  },
  {
    at: 're-authentication',
    enter: async (user, typed) => user.api.reAuthenticate({ password: user.credentials.password, ...typed }),
  },
];

const oddCodes = [
  '',
  '12345',
  '1234567',
  '123 456',
  ' 123456',
  '123456 ',
  '123456\n',
  '123456\0',
  '12345a',
  'abcdef',
  '+12345',
  '-12345',
  '12345.',
  '1e0005',
  '0x1234',
  '１２３４５６', // full width
  '١٢٣٤٥٦', // Arabic-Indic
  '१२३४५६', // Devanagari
  '𝟏𝟐𝟑𝟒𝟓𝟔', // mathematical bold
  '①②③④⑤⑥',
  '123\u200b456',
  '1'.repeat(60_000),
];

describe.each(entrances)('answers at $at', ({ enter }) => {
  it('R26 say how many attempts are left, and when locked, that an administrator can unlock', async () => {
    const user = await portal.enrolled();
    for (const attemptsLeft of [4, 3, 2, 1]) {
      const refusal = (await enter(user, { code: user.phone.wrongCode() })).refused('wrong-code');
      expect(refusal).toMatchObject({ attemptsLeft });
    }
    const refusal = (await enter(user, { code: user.phone.wrongCode() })).refused('account-locked');
    expect(refusal.detail).toMatch(/administrator/i);
    expect(refusal.detail).toMatch(/unlock|enable user/i);
    expect((await user.enterPassword()).refused('account-locked').detail).toMatch(/administrator/i);
  });

  it('R27 to a code that is not six ASCII digits are a clear error, and it is no attempt', async () => {
    const user = await portal.enrolled();
    const asked = await user.challenge();
    for (const code of oddCodes)
      expect((await enter(user, { code })).refused('malformed-code').detail).toMatch(/six|6/i);
    (await stack.api.sendCode(asked, { code: '12345' })).refused('malformed-code');
    expect((await enter(user, { code: user.phone.wrongCode() })).refused('wrong-code')).toMatchObject({
      attemptsLeft: 4,
    });
    const events = await portal.eventsOf(user, 'AttemptFailed');
    const attempts = events.filter((event) => shortType(event).startsWith('Attempt'));
    expect(attempts.map(({ data }) => data.failedAttempts)).toEqual([1]);
    (await stack.api.sendCode(asked, { code: user.phone.freshCode() })).success();
  });

  it('R27 to the right code in other digits, or with blanks, are the same', async () => {
    const user = await portal.enrolled();
    const code = user.phone.freshCode();
    const fullWidth = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('');
    for (const odd of [fullWidth, `${code} `, `${code.slice(0, 3)} ${code.slice(3)}`, `${code}\n`, `0${code}`]) {
      (await enter(user, { code: odd })).refused('malformed-code');
    }
    (await enter(user, { code })).success();
  });

  it('R27 to a backup code that is none are the same', async () => {
    const user = await portal.enrolled();
    for (const backupCode of [
      '',
      'ABCD',
      'ABCD-EFGH-IJKL-MNO',
      'ABCD-EFGH-IJKL-MNOPQ',
      'ABCD-EFGH-IJKL-MN01',
      '123456',
      'ÀBCD-EFGH-IJKL-MNOP',
      'ａａａａ-BBBB-CCCC-DDDD',
    ]) {
      (await enter(user, { backupCode })).refused('malformed-code');
    }
    expect((await enter(user, { code: user.phone.wrongCode() })).refused('wrong-code')).toMatchObject({
      attemptsLeft: 4,
    });
  });
});

describe('answers to bad input', () => {
  it('R27 at confirming are a clear error, and it is none of the ten', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    for (const code of oddCodes) (await user.api.confirm(code)).refused('malformed-code');
    for (const code of [123456, null, ['123456'], { code: '123456' }, true]) {
      (await user.api.confirm(code)).refused('malformed-request');
    }
    for (let i = 0; i < 9; i += 1) (await user.api.confirm(user.phone.wrongCode())).refused('wrong-code');
    (await user.api.confirm(user.phone.freshCode())).success();
  });

  it('R27 at login name the field: no text, both, neither, unknown ones, no JSON', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const code = user.phone.freshCode();
    const backupCode = user.backupCodes[0];
    const bodies = [
      { challenge, code: Number(code) },
      { challenge, code: null },
      { challenge, code: [code] },
      { challenge, backupCode: { $ne: '' } },
      { challenge, code, backupCode },
      { challenge },
      { code },
      { challenge, code, portal: portal.id },
      { challenge: { $gt: '' }, code },
      [],
      'text',
      null,
      '{"challenge":',
    ];
    for (const body of bodies) {
      const { status, text } = await stack.api.raw(
        'POST',
        '/v1/login/code',
        typeof body === 'string' ? body : JSON.stringify(body),
      );
      const problem = JSON.parse(text) as { code: string; errors: { field: string }[] };
      expect({ body, status, code: problem.code }).toEqual({ body, status: 400, code: 'malformed-request' });
      expect(problem.errors.length).toBeGreaterThan(0);
    }
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
    (await stack.api.sendCode(challenge, { code })).success();
  });

  it('R27 that is over 64 KiB are 413, and no attempt', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    (await stack.api.sendCode(challenge, { code: '1'.repeat(70_000) })).refused('body-too-large');
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
  });
});
