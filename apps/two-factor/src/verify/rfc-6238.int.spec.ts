import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { initialTwoFactorSettings } from '#libs/contracts/src/events/admin-policy.js';
import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import type { TotpParameters } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { Aggregates } from '#libs/event-store/src/aggregates.js';
import { createApp } from '#libs/platform/src/app.js';
import { contextOf } from '#libs/platform/src/testing/stand-ins.js';
import { hashBackupCode, serializeHashes } from '#libs/secrets/src/backup-codes.js';
import { newToken } from '#libs/secrets/src/tokens.js';
import { seeds, type Vector, vectors } from '#libs/totp/src/testing/rfc6238.js';
import type { Vault } from '#libs/vault/src/port.js';
import { SECOND_FACTOR_STREAMS, VAULT } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import type { SecondFactor } from '../second-factor/state.js';
import { TwoFactorMessages } from '../two-factor.messages.js';
import { twoFactorApp } from '../two-factor.module.js';

const portal = 'demo';
const service = newToken('svc_');
const context = aContext({ actor: { kind: 'service', id: 'v1' } });

let path: string;
let engine: Engine;
let app: NestFastifyApplication;
let now = Date.UTC(2026, 10, 24, 9);
let made = 0;

beforeAll(async () => {
  path = mkdtempSync(join(tmpdir(), 'twinlock-two-factor-'));
  engine = await openEmbeddedEngine({ path, name: 'two-factor' });
  const gateway = { status: 'active', tokenId: 'v1', portal, scopes: ['challenges'] };
  const replies = { [adminPolicyRequests.introspectServiceToken.pattern]: () => gateway };
  app = await createApp(twoFactorApp, contextOf('two-factor', replies, { engine, clock: () => now }));
  const facts = app.get(PolicyFacts, { strict: false });
  await facts.adoptAddOn(portal, 1, true);
  await facts.adoptSettings(portal, 2, { ...initialTwoFactorSettings, enabled: true, maxFailedAttempts: 100 });
});

afterAll(async () => {
  await app.close();
  await engine.close();
  rmSync(path, { recursive: true, force: true });
});

interface App {
  readonly totp?: TotpParameters;
  readonly secret: Buffer;
}

/** An account whose authenticators have other parameters than those that are set up here. */
async function accountWith(...apps: App[]): Promise<string> {
  const accountId = `a${(made += 1)}`;
  const vault = app.get<Vault>(VAULT, { strict: false });
  const streams = app.get<Aggregates<SecondFactor, TwoFactorEvent>>(SECOND_FACTOR_STREAMS, { strict: false });
  const sessionId = 's1';
  const events = apps.flatMap(({ totp }, index): TwoFactorEvent[] => {
    const id = `k${index}`;
    const data = { secretId: id, reason: index === 0 ? 'setup' : 'add', sessionId, ...(totp && { totp }) } as const;
    const issued: TwoFactorEvent = { type: 'SecretIssued', data };
    if (index > 0)
      return [
        issued,
        { type: 'AuthenticatorAdded', data: { authenticatorId: id, kind: 'totp', timeStep: 0, sessionId } },
      ];
    const codes: TwoFactorEvent = { type: 'BackupCodesIssued', data: { setId: 'b1', count: 1 } };
    return [issued, { type: 'TwoFactorEnabled', data: { secretId: id, timeStep: 0, sessionId } }, codes];
  });
  for (const [index, { secret }] of apps.entries())
    await vault.put({ portal, account: accountId, id: `k${index}` }, secret);
  const hashes = serializeHashes([hashBackupCode('b1', 'ABCDEFGHIJKLMNOP')]);
  await vault.put({ portal, account: accountId, id: 'b1' }, hashes);
  await streams.execute(streamOfAccount({ portal, accountId }), context, () => ({ events, answer: null }));
  await app.get(PolicyFacts, { strict: false }).adoptType(portal, accountId, 1, 'contributor');
  return accountId;
}

/** `passed`, or the code of the refusal. */
type Enter = (accountId: string, code: string) => Promise<string>;
const outcome = (asked: Promise<unknown>) =>
  asked.then(
    () => 'passed',
    (error: unknown) => {
      if (error instanceof Problem) return error.code;
      throw error;
    },
  );
const messages = () => app.get(TwoFactorMessages, { strict: false });
const asGateway = async (url: string, payload: object) => {
  const { body } = await app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${service}` }, payload });
  return JSON.parse(body) as { challenge?: string; passed?: true; code?: string };
};

const entrances: Record<string, Enter> = {
  async 'a login'(accountId, code) {
    const purpose = { kind: 'login' } as const;
    const opened = await messages().open({ portal, accountId, purpose }, context);
    if (!opened.required) throw new Error('no code is asked for');
    return outcome(messages().verify({ challenge: opened.challenge, purpose, code }, context));
  },
  async 'a gateway'(accountId, code) {
    const { challenge } = await asGateway(`/v1/portals/${portal}/challenges`, { accountId });
    const { passed, code: refusal } = await asGateway('/v1/challenges/verify', { challenge, code });
    return passed ? 'passed' : String(refusal);
  },
  'a proof': (accountId, code) =>
    outcome(messages().verifyProof({ portal, accountId, sessionId: 's1', code }, context)),
};

/** What the code is answered with at each entrance, at a time in Unix seconds; each account new. */
async function at(seconds: number, code: string, ...apps: App[]): Promise<Record<string, string>> {
  now = seconds * 1000;
  const outcomes: Record<string, string> = {};
  for (const [name, enter] of Object.entries(entrances)) outcomes[name] = await enter(await accountWith(...apps), code);
  return outcomes;
}
const everywhere = (what: string) => Object.fromEntries(Object.keys(entrances).map((name) => [name, what]));

const named = ({ algorithm, seconds, code }: Vector): [string, Vector] => [
  `${code} of ${seconds} s by ${algorithm}`,
  { algorithm, seconds, code },
];
/** The codes of a step of 60 seconds are those of the same step of 30, twice as late. */
const within = ({ seconds }: Vector, period: 30 | 60) => Math.floor(seconds / 30) * period + (seconds % 30);

describe('RFC 6238 appendix B', () => {
  describe.each([30, 60] as const)('in steps of %d seconds', (period) => {
    it.each(vectors.map(named))('R17 %s passes at every entrance then and one window beside', async (_, vector) => {
      const { algorithm, code } = vector;
      const authenticator = { totp: { algorithm, digits: 8, period }, secret: seeds[algorithm] } as const;
      const seconds = within(vector, period);
      for (const away of [0, -1, 1]) {
        expect([away, await at(seconds + away * period, code, authenticator)]).toEqual([away, everywhere('passed')]);
      }
      for (const away of [-2, 2].filter((windows) => seconds + windows * period >= 0)) {
        expect([away, await at(seconds + away * period, code, authenticator)]).toEqual([
          away,
          everywhere('wrong-code'),
        ]);
      }
    });
  });

  it.each(vectors.map(named))('R17 the last six digits of %s pass where six are asked for', async (_, vector) => {
    const { algorithm, seconds, code } = vector;
    const authenticator = { totp: { algorithm, digits: 6, period: 30 }, secret: seeds[algorithm] } as const;
    expect(await at(seconds, code.slice(-6), authenticator)).toEqual(everywhere('passed'));
    expect(await at(seconds, code, authenticator)).toEqual(everywhere('malformed-code'));
  });
});

describe('what an account has', () => {
  const [, sha256, sha512] = vectors.filter(({ seconds }) => seconds === 1234567890) as [Vector, Vector, Vector];
  const six: App = { secret: Buffer.alloc(20, 7) };
  const eight: App = { totp: { algorithm: 'SHA256', digits: 8, period: 30 }, secret: seeds.SHA256 };
  const minute: App = { totp: { algorithm: 'SHA512', digits: 8, period: 60 }, secret: seeds.SHA512 };

  it('R27 six digits are malformed where all have eight, eight where all have six, any other length everywhere', async () => {
    const { seconds, code } = sha256;
    expect(await at(seconds, code.slice(-6), eight)).toEqual(everywhere('malformed-code'));
    expect(await at(seconds, code, six)).toEqual(everywhere('malformed-code'));
    for (const typed of ['', code.slice(1), `0${code}`, ` ${code.slice(1)}`, code.replace('9', '９')])
      expect([typed, await at(seconds, typed, six, eight)]).toEqual([typed, everywhere('malformed-code')]);
  });

  it('R45 each passes beside the others, in its own length and period', async () => {
    const all = [six, eight, minute];
    expect(await at(sha256.seconds, sha256.code, ...all)).toEqual(everywhere('passed'));
    expect(await at(within(sha512, 60), sha512.code, ...all)).toEqual(everywhere('passed'));
    expect(await at(within(sha512, 60) + 60, sha512.code, ...all)).toEqual(everywhere('passed'));
    expect(await at(within(sha512, 60) + 120, sha512.code, ...all)).toEqual(everywhere('wrong-code'));
    // a code of six is looked at, though it is nobody's
    expect(await at(sha256.seconds, sha256.code.slice(-6), ...all)).toEqual(everywhere('wrong-code'));
  });

  it('R18 each passes once in its own period, at every entrance', async () => {
    const seconds = within(sha512, 60);
    now = seconds * 1000;
    const accountId = await accountWith(six, eight, minute);
    expect(await entrances['a login']!(accountId, sha512.code)).toBe('passed');
    for (const later of [0, 59, 60, 89]) {
      now = (seconds - (seconds % 60) + later) * 1000;
      for (const enter of Object.values(entrances)) expect(await enter(accountId, sha512.code)).toBe('wrong-code');
    }
    // a step of 60 seconds is a smaller number than one of 30: what the one has passed is no bound for the other
    now = sha256.seconds * 1000;
    expect(await entrances['a proof']!(accountId, sha256.code)).toBe('passed');
    expect(await entrances['a gateway']!(accountId, sha256.code)).toBe('wrong-code');
  });
});
