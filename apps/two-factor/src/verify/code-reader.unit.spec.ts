import { codeAt, newSecret, timeStepAt } from '#libs/totp/src/totp.js';
import { hashBackupCode, serializeHashes } from '#libs/secrets/src/backup-codes.js';
import type { Vault } from '#libs/vault/src/port.js';
import { initial, type SecondFactor } from '../second-factor/state.js';
import { totp } from '../testing/evidence.js';
import { anAuthenticator, aSetup, enabledWith } from '../testing/states.js';
import { CodeReader } from './code-reader.js';

const NOW = Date.UTC(2026, 10, 24, 9, 30);
const account = { portal: 'demo', accountId: 'a1' };
const enabled = enabledWith(undefined, { setId: 'b1', count: 2, used: [] });
const backupCodes = ['ABCDEFGHIJKLMNOP', 'QRSTUVWXYZ234567'];

/** A reader of a vault with these entries, and what it was given of them. */
function reading(entries: Record<string, Buffer>) {
  const given: Buffer[] = [];
  const get: Vault['get'] = async ({ id }) => {
    const entry = entries[id];
    if (entry) given.push(entry);
    return entry;
  };
  return { reader: new CodeReader({ get } as Vault), given };
}

const secret = newSecret();
const hashes = () => serializeHashes(backupCodes.map((code) => hashBackupCode('b1', code)));
const zeroed = (entry: Buffer) => entry.every((byte) => byte === 0);

it('zeroes the secret that it has compared a code with', async () => {
  const { reader, given } = reading({ k1: Buffer.from(secret) });
  const code = codeAt(secret, timeStepAt(NOW));
  expect(await reader.read(account, enabled, { code }, NOW)).toEqual(totp(timeStepAt(NOW)));
  expect(given.map(zeroed)).toEqual([true]);
});

it.each([
  ['a backup code of the set', backupCodes[1], 1],
  ['another', 'AAAAAAAAAAAAAAAA', null],
])('zeroes the hashes that it has compared with %s', async (_, backupCode, index) => {
  const { reader, given } = reading({ b1: hashes() });
  expect(await reader.read(account, enabled, { backupCode }, NOW)).toEqual({ kind: 'backup-code', index });
  expect(given.map(zeroed)).toEqual([true]);
});

it('zeroes an entry that it cannot read', async () => {
  const { reader, given } = reading({ b1: Buffer.alloc(5, 1) });
  await expect(reader.read(account, enabled, { backupCode: backupCodes[0] }, NOW)).rejects.toThrow(RangeError);
  expect(given.map(zeroed)).toEqual([true]);
});

describe('what was typed', () => {
  const read = (typed: { code?: string; backupCode?: string }, state = enabled) => {
    const { reader, given } = reading({ k1: Buffer.from(secret), b1: hashes() });
    return reader.read(account, state, typed, NOW).then((evidence) => ({ evidence, looked: given.length }));
  };

  it.each([
    '',
    '12345',
    '1234567',
    '0123456 ',
    ' 123456',
    '123456\n',
    '\n123456',
    '12 456',
    '12345a',
    '+12345',
    '-12345',
  ])('R27 is malformed if it is not six digits: %j', async (code) => {
    expect(await read({ code })).toEqual({ evidence: { kind: 'malformed' }, looked: 0 });
  });

  it.each(['١٢٣٤٥٦', '１２３４５６', '12345६', '12345\u0000'])(
    'R27 is malformed if its digits are not ASCII: %j',
    async (code) => {
      expect(await read({ code })).toEqual({ evidence: { kind: 'malformed' }, looked: 0 });
    },
  );

  it.each(['', 'ABCDEFGHIJKLMNO', 'ABCDEFGHIJKLMNOPQ', 'ABCDEFGHIJKLMNO1', '123456'])(
    'R27 is malformed if it is not the text of a backup code: %j',
    async (backupCode) => {
      expect(await read({ backupCode })).toEqual({ evidence: { kind: 'malformed' }, looked: 0 });
    },
  );

  it('may be nothing', async () => {
    expect(await read({})).toEqual({ evidence: { kind: 'none' }, looked: 0 });
  });

  it('is wrong where there is nothing to compare it with', async () => {
    const pending: SecondFactor = { ...initial, enrolment: { status: 'pending', setup: aSetup() } };
    for (const state of [initial, pending]) {
      expect(await read({ backupCode: backupCodes[0]! }, state)).toEqual({
        evidence: { kind: 'backup-code', index: null },
        looked: 0,
      });
    }
  });
});

it('says that the vault lacks what the log names', async () => {
  const { reader } = reading({});
  await expect(reader.read(account, enabled, { code: '123456' }, NOW)).rejects.toThrow('the vault lacks an entry');
});

describe('a code of another time', () => {
  const codeAhead = (steps: number) => codeAt(secret, timeStepAt(NOW) + steps);
  const readSetup = (steps: number) =>
    reading({ k1: Buffer.from(secret) }).reader.readSetup(account, aSetup(), codeAhead(steps), NOW);

  it.each([-20, -2, 2, 20])('says while confirming how far the clock is off: %p steps', async (steps) => {
    expect(await readSetup(steps)).toEqual({ ...totp(null), clockOffSeconds: steps * 30 });
  });

  it.each([-21, 21, 200])('says nothing further off: %p steps', async (steps) => {
    expect(await readSetup(steps)).toEqual(totp(null));
  });

  it.each([-20, -2, 2, 20])('says nothing of an enabled secret: %p steps', async (steps) => {
    const { reader } = reading({ k1: Buffer.from(secret) });
    expect(await reader.read(account, enabled, { code: codeAhead(steps) }, NOW)).toEqual(totp(null));
  });
});

describe('with several authenticators (R45)', () => {
  const minute = { algorithm: 'SHA256', digits: 8, period: 60 } as const;
  const secrets = { k1: newSecret(), k2: newSecret(), k3: newSecret() };
  const three = enabledWith([
    anAuthenticator(),
    anAuthenticator({ id: 'k2' }),
    anAuthenticator({ id: 'k3', totp: minute }),
  ]);
  const read = async (code: string, entries: Record<string, Buffer> = secrets) => {
    const { reader, given } = reading(
      Object.fromEntries(Object.entries(entries).map(([id, entry]) => [id, Buffer.from(entry)])),
    );
    const evidence = await reader.read(account, three, { code }, NOW);
    expect(given.map(zeroed)).toEqual(given.map(() => true));
    return { evidence, looked: given.length };
  };

  it('each passes, in its own period, and only those whose codes have that length are looked at', async () => {
    const step = timeStepAt(NOW);
    expect(await read(codeAt(secrets.k1, step))).toEqual({ evidence: totp(step, 'k1'), looked: 2 });
    expect(await read(codeAt(secrets.k2, step + 1))).toEqual({ evidence: totp(step + 1, 'k2'), looked: 2 });
    const slow = timeStepAt(NOW, minute);
    expect(await read(codeAt(secrets.k3, slow - 1, minute))).toEqual({ evidence: totp(slow - 1, 'k3'), looked: 1 });
  });

  it('a code that two have is told of both', async () => {
    const code = codeAt(secrets.k1, timeStepAt(NOW));
    const matches = ['k1', 'k2'].map((authenticatorId) => ({ authenticatorId, timeStep: timeStepAt(NOW) }));
    expect(await read(code, { ...secrets, k2: secrets.k1 })).toEqual({
      evidence: { kind: 'totp', matches },
      looked: 2,
    });
  });

  it.each(['1234567', '123456789', '12345'])('R27 a length that none has is malformed: %s', async (code) => {
    expect(await read(code)).toEqual({ evidence: { kind: 'malformed' }, looked: 0 });
  });
});
