import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { typeOf } from '#test/support/events.js';
import { aLine, hashes, movedIn, newBase32 } from '#test/support/people/imported.js';
import type { Person } from '#test/support/people/portal.js';
import {
  backupCodeForms,
  filesIn,
  found,
  foundInFiles,
  holdsCode,
  plainText,
  type Planted,
  secretForms,
  textAndHashes,
} from '#test/support/secrets.js';
import { chosenEngine } from '#test/support/servers/engines.js';
import { startStack } from '#test/support/process/stack.js';
import { useIdentityProvider, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack({ env: { LOG_LEVEL: 'trace' } });
const portal = usePortal(stack);
const provider = useIdentityProvider();
/** What must be nowhere at all, whatever was done with it. */
const nowhere: Planted[] = [];
/** Tokens: nowhere readable; their hashes stand in the credential stores alone. */
const tokens: { what: string; token: string }[] = [];
/** Codes that were typed, right and wrong. */
const codes = new Set<string>();

const typed = (what: string, text: string): string => {
  nowhere.push(...plainText(what, text));
  return text;
};
const password = (what: string, text: string): string => {
  nowhere.push(...textAndHashes(what, text));
  return text;
};
const token = (what: string, text: string): string => {
  tokens.push({ what, token: text });
  return text;
};
const code = (text: string): string => {
  codes.add(text);
  return text;
};

beforeAll(async () => {
  await everything();
  // a restart writes down what is written down at one, and reads all back
  await stack.restart();
  await stack.shutDown();
  await stack.start();
});

/** Every call that takes or gives a secret, going well and going wrong. */
async function everything() {
  const user = await enrolment();
  await logins(user);
  await passwords(user);
  await services(user);
  await badInput(user);
  await imports();
  await user.lock();
  token('a challenge', await (await portal.enrolled()).challenge());
}

async function enrolment(): Promise<Person> {
  const user = await portal.contributor();
  await user.beginSetUp();
  nowhere.push(...secretForms('the first secret', user.phone.base32));
  (await user.api.confirm(code(user.phone.wrongCode()))).refused('wrong-code');
  const confirmed = (await user.api.confirm(code(user.phone.freshCode()))).success();
  user.backupCodes = confirmed.backupCodes;
  const reset = (await user.api.reset()).success();
  user.scan(reset.otpauthUri);
  nowhere.push(...secretForms('the second secret', user.phone.base32), ...plainText('the key shown', reset.manualKey));
  const again = (await user.api.confirm(code(user.phone.freshCode()))).success().backupCodes;
  const anew = (await user.api.newBackupCodes()).success().backupCodes;
  for (const [i, shown] of [...user.backupCodes, ...again, ...anew].entries()) {
    nowhere.push(...backupCodeForms(`backup code ${i}`, shown));
  }
  user.backupCodes = anew;
  return user;
}

async function logins(user: Person) {
  await provider.serve(portal, user);
  token('the session of the password', user.token as string);
  const challenge = token('a challenge', await user.challenge());
  (await stack.api.sendCode(challenge, { code: code(user.phone.wrongCode()) })).refused('wrong-code');
  const right = code(user.phone.freshCode());
  token('the session of a code', (await stack.api.sendCode(challenge, { code: right })).success().accessToken);
  (await user.enterCode(right)).refused('wrong-code');
  (await user.enterBackupCode(user.backupCodes[0] as string)).success();
  (await user.enterBackupCode(user.backupCodes[0] as string)).refused('wrong-code');
  const loginToken = token('a login token', await portal.loginToken(user));
  token('its session', (await stack.api.loginWithToken(portal.id, loginToken)).success().accessToken);
  (await stack.api.loginWithToken(portal.id, loginToken)).refused('invalid-credentials');
  const idToken = token('an ID token', await provider.idToken(user));
  token('its session', (await stack.api.loginWithSso(portal.id, idToken)).success().accessToken);
  (await stack.api.loginWithSso(portal.id, typed('a bad ID token', 'planted.id.token'))).refused('invalid-credentials');
  const { issuer, audience } = provider;
  const clientSecret = token("the secret of the provider's client", 'planted-client-secret');
  const client = { issuer, audience, jwksUri: `${issuer}/jwks`, clientId: 'planted-client', clientSecret };
  (await portal.api.changeSso(portal.id, client)).success();
  const answer = { code: token('a code of the provider', 'planted-provider-code'), state: 'planted-state' };
  const ssoLogin = token('a login at the provider', 'planted-sso-login');
  (await stack.api.completeSsoLogin({ portal: portal.id, ssoLogin, ...answer })).refused('challenge-ended');
  (await stack.api.loginWithToken(portal.id, typed('a bad login token', 'planted-login-token'))).refused(
    'invalid-credentials',
  );
  (await stack.api.as(typed('a bad bearer', 'planted-bearer-token')).me()).refused('unauthenticated');
}

async function passwords(user: Person) {
  password('the password', user.credentials.password);
  password("the administrator's password", portal.admin.credentials.password);
  const login = { portal: portal.id, username: user.credentials.username };
  (await stack.api.login({ ...login, password: password('a wrong password', 'planted wrong password') })).refused(
    'invalid-credentials',
  );
  const unknown = typed('an unknown name', 'planted-nobody');
  (await stack.api.login({ portal: portal.id, username: unknown, password: 'whatever' })).refused(
    'invalid-credentials',
  );
  const reAuthentication = { password: password('another wrong one', 'planted other password') };
  (await user.api.reAuthenticate(reAuthentication)).refused('invalid-credentials');
  const proof = { password: user.credentials.password, code: code(user.phone.wrongCode()) };
  (await user.api.reAuthenticate(proof)).refused('wrong-code');
  (await user.api.reAuthenticate({ ...proof, code: code(user.phone.freshCode()) })).success();
  const next = password('the new password', 'planted new password');
  (await user.api.changePassword({ current: 'planted current', new: next })).refused('invalid-credentials');
  (await user.api.changePassword({ current: user.credentials.password, new: next })).success();
  user.credentials.password = next;
  typed('a current password', 'planted current');
}

async function services(user: Person) {
  const issued = await portal.serviceToken('challenges');
  const gateway = stack.api.as(token('a service token', issued.token));
  const challenge = token("a gateway's challenge", await user.challengeAt(gateway));
  (await gateway.verifyChallenge(challenge, { code: code(user.phone.wrongCode()) })).refused('wrong-code');
  (await gateway.verifyChallenge(challenge, { code: code(user.phone.freshCode()) })).success();
}

/** What moves in, what is tried first, and what is refused. */
async function imports() {
  const secret = (what: string) => {
    const base32 = newBase32();
    nowhere.push(...secretForms(what, base32));
    return [{ secret: base32 }];
  };
  const hashOf = (what: string, text: string) => {
    const hashed = hashes.pbkdf2(password(what, text));
    nowhere.push(...plainText(`the outcome of ${what}`, hashed.slice(-43)));
    return hashed;
  };
  const used = aLine({
    totp: secret('an imported secret'),
    passwordHash: hashOf('an imported password', 'planted before 1'),
  });
  const person = await movedIn(portal, used, 'planted before 1');
  const challenge = token('a challenge', await person.challenge());
  (await stack.api.sendCode(challenge, { code: code(person.phone.freshCode()) })).success();
  const lines = [
    aLine({ totp: secret('an unused secret'), passwordHash: hashOf('an unused password', 'planted before 2') }),
    { ...used, totp: secret('a secret of an account that exists') },
    aLine({ totp: [{ secret: typed('an odd secret', 'PLANTED-SECRET-8') }] }),
    aLine({ totp: secret('a secret in a bad line'), passwordHash: typed('a hash that is none', 'planted hash') }),
    `{"username": "x", "passwordHash": "${typed('a line cut off', 'planted cut off')}`,
    { ...aLine(), [typed('an odd member', 'planted member')]: 1 },
  ];
  for (const dryRun of ['true', 'false']) {
    const answers = (await stack.operator.importAccounts(portal.id, lines, { dryRun })).success();
    expect(answers).toHaveLength(lines.length);
    expect(found(nowhere, JSON.stringify(answers))).toEqual([]);
  }
  const { text } = await stack.operator.raw(
    'POST',
    `/v1/portals/${portal.id}/import`,
    `otpauth://totp/x?secret=${typed('a line of another format', 'PLANTEDOTPAUTH22')}`,
    { 'content-type': 'application/x-ndjson' },
  );
  expect(text).toContain('otpauth');
}

async function badInput(user: Person) {
  const challenge = await user.challenge();
  (await stack.api.sendCode(challenge, { code: typed('an odd code', 'planted-code') })).refused('malformed-code');
  (await stack.api.sendCode(challenge, { backupCode: typed('an odd backup code', 'planted-backup') })).refused(
    'malformed-code',
  );
  (await stack.api.sendCode(typed('an odd challenge', 'planted-challenge'), { code: '123456' })).refused(
    'challenge-ended',
  );
  (await user.api.confirm({ code: typed('a code in an object', 'planted-nested') })).refused('malformed-request');
  const shapes = [
    [
      'POST',
      '/v1/login',
      { portal: typed('an odd portal', 'Planted_Portal'), username: 'x', password: 'planted pw 1' },
    ],
    ['POST', '/v1/login', { portal: portal.id, username: 'x', password: ['planted pw 2'] }],
    ['POST', '/v1/login', { portal: portal.id, username: 'x', password: 'planted pw 3', note: 'planted-note' }],
    ['POST', '/v1/login', '{"portal": "x", "password": "planted pw 4'],
    ['POST', '/v1/login/code', { challenge: 7, code: 'planted pw 5' }],
    ['POST', `/v1/portals/${portal.id}/accounts`, { username: 'y', password: 'pw 6', type: 'planted-type' }],
    ['POST', '/v1/me/two-factor/confirm', { code: { planted: 'planted pw 7' } }],
    ['POST', '/v1/login?password=planted-in-query', { portal: portal.id, username: 'x', password: 'planted pw 8' }],
    ['GET', '/v1/portals/planted-in-path/events', undefined],
    ['GET', `/v1/portals/${portal.id}/accounts?query=planted-search`, undefined],
    ['GET', `/v1/portals/${portal.id}/events?after=planted-after`, undefined],
    ['GET', '/v1/planted-route', undefined],
  ] as const;
  for (const text of [
    'pw 1',
    'pw 2',
    'pw 3',
    'pw 4',
    'pw 5',
    'pw 7',
    'pw 8',
    'note',
    'type',
    'in-query',
    'in-path',
    'search',
    'after',
    'route',
  ]) {
    typed(`planted: ${text}`, text.startsWith('pw') ? `planted ${text}` : `planted-${text}`);
  }
  for (const [method, path, body] of shapes) await portal.api.raw(method, path, body);
}

/** Besides what must be nowhere: tokens as such, and their hashes, which belong in the credential stores only. */
const tokensAndHashes = () => tokens.flatMap(({ what, token: text }) => textAndHashes(what, text));
const codesIn = (text: string) => [...codes].filter((each) => holdsCode(text, each));

describe('no secret, code, password, hash, token or typed text', () => {
  it('R30 is in an event', async () => {
    for (const format of ['ndjson', 'csv'] as const) {
      const { status, text } = await portal.api.raw('GET', `/v1/portals/${portal.id}/events/export?format=${format}`);
      expect(status).toBe(200);
      expect(text).toContain(typeOf('AttemptFailed'));
      expect(found([...nowhere, ...tokensAndHashes()], text)).toEqual([]);
      expect(codesIn(text)).toEqual([]);
      expect(text).not.toMatch(/\$argon2/);
    }
  });

  it('R30 is in a log line', () => {
    const output = stack.output();
    expect(output.split('\n').length).toBeGreaterThan(10);
    expect(
      found([...nowhere, ...tokensAndHashes(), ...plainText('the operator token', stack.operatorToken)], output),
    ).toEqual([]);
    expect(codesIn(output)).toEqual([]);
    expect(output).not.toMatch(/\$argon2/);
  });

  it('R30 is in an error', () => {
    const errors = stack.errors().join('\n');
    expect(stack.errors().length).toBeGreaterThan(20);
    expect(found([...nowhere, ...tokensAndHashes()], errors)).toEqual([]);
    expect(codesIn(errors)).toEqual([]);
  });

  it('R30 is in a metric', async () => {
    const { status, text } = await stack.api.raw('GET', '/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(/^# TYPE \w+ counter$/m);
    expect(found([...nowhere, ...tokensAndHashes(), ...plainText('the account', portal.id)], text)).toEqual([]);
    expect(codesIn(text)).toEqual([]);
  });

  it('R30 is readable in a file: tokens and backup codes stand there at most as hashes', async () => {
    const stored = await stack.stored();
    expect(foundInFiles(plainText('the portal, so that the search sees into files', portal.id), stored)).not.toEqual(
      [],
    );
    const readable = tokens.flatMap(({ what, token: text }) => plainText(what, text));
    expect(foundInFiles([...nowhere, ...readable], stored)).toEqual([]);
    expect(foundInFiles(plainText('the operator token', stack.operatorToken), stored)).toEqual([]);
    const texts = filesIn(stored).map((file) => readFileSync(file).toString('latin1'));
    expect(texts.flatMap((text) => [...codes].filter((each) => text.includes(`"${each}"`)))).toEqual([]);
  });

  it('R30 are the keys and the operator token that a start makes: printed nowhere, in files of their owner alone', async () => {
    const made = await startStack({ env: { OPERATOR_TOKEN: '' } });
    try {
      const files = filesIn(made.dataDir).filter((file) => /keys|token/.test(basename(file)));
      expect(files.map((file) => basename(file)).sort()).toEqual([
        ...(chosenEngine() === 'embedded' ? [] : ['bus-keys']),
        'operator-token',
        'vault-keys',
      ]);
      for (const file of files) {
        expect(statSync(file).mode & 0o777).toBe(0o600);
        const content = readFileSync(file, 'utf8').trim();
        expect(content.length).toBeGreaterThanOrEqual(32);
        expect(made.output()).toContain(file);
        expect(found(plainText(file, content), made.output())).toEqual([]);
        const others = filesIn(made.dataDir).filter((other) => other !== file);
        expect(others.filter((other) => readFileSync(other).includes(content))).toEqual([]);
      }
    } finally {
      await made.stop();
    }
  });

  it('R30 is found where none was looked for: the search itself works', () => {
    const secret = secretForms('s', 'JBSWY3DPEHPK3PXP');
    expect(found(secret, 'x JBSWY3DPEHPK3PXP y')).toEqual(['s (Base32)']);
    expect(found(secret, Buffer.from('..48656c6c6f21deadbeef..'))).toEqual(['s (hex)']);
    expect(found(textAndHashes('t', 'abc'), createHash('sha256').update('abc').digest('hex'))).toEqual([
      't (SHA-256, hex)',
    ]);
    expect(holdsCode('{"code":"492039"}', '492039')).toBe(true);
    expect(holdsCode('1492039', '492039')).toBe(false);
  });
});
