import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { refusedFor } from '#libs/contracts/src/messages/commands.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { scriptedBus } from '#libs/platform/src/testing/stand-ins.js';
import { SeenCommands } from './seen-commands.js';
import { Senders } from './senders.js';
import { KEPT_MS, prove, refusal, type Sender, verificationKey } from './signed-command.js';

const AT = 1_795_512_600_000;
const unlock = { jti: 'j1', iat: AT / 1_000, type: 'two-factor.user.unlock', portal: 'demo', accountId: 'a1' };
const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
const jwkOf = (x: string) => ({ kty: 'OKP' as const, crv: 'Ed25519' as const, x });
const jwk = jwkOf((await exportJWK(publicKey)).x ?? '');
const sender: Sender = { portal: 'demo', scopes: ['commands'], key: await verificationKey(jwk) };

const sign = (payload: object | string, kid = 't1', key = privateKey, header: object = {}): Promise<string> =>
  new CompactSign(new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', kid, ...header })
    .sign(key);
interface How {
  at?: number | null;
  now?: number;
  key?: string;
  as?: Sender;
}
const proved = (jws: string, { at = AT, now = AT, key = 'demo/a1', as = sender }: How = {}) =>
  prove({ jws, key, at }, now, async (tokenId) => (tokenId === 't1' ? as : undefined));
const refusedBy = (reason: string) => ({ problem: { code: 'forbidden', status: 403, extras: { reason } } });

describe('a signed command', () => {
  it.each(['EdDSA', 'Ed25519'])('is proved by the key of the service token that it names: alg %s', async (alg) => {
    const { tokenId, payload } = await proved(await sign(unlock, 't1', privateKey, { alg }));
    expect({ tokenId, payload }).toEqual({ tokenId: 't1', payload: unlock });
  });

  it('counts for 60 seconds by the clock of the broker, and not before it was made', async () => {
    const jws = await sign(unlock);
    await expect(proved(jws, { at: AT + 60_000 })).resolves.toMatchObject({ tokenId: 't1' });
    await expect(proved(jws, { at: AT + 60_001 })).rejects.toMatchObject(refusedBy('expired'));
    await expect(proved(jws, { at: AT - 5_000 })).resolves.toMatchObject({ tokenId: 't1' });
    await expect(proved(jws, { at: AT - 5_001 })).rejects.toMatchObject(refusedBy('from-the-future'));
  });

  it('is refused whatever time the broker tells, before it may be forgotten that it was carried out', async () => {
    const jws = await sign(unlock);
    const week = 7 * 86_400_000;
    expect(week).toBeLessThan(KEPT_MS);
    await expect(proved(jws, { now: AT + week })).resolves.toMatchObject({ tokenId: 't1' });
    await expect(proved(jws, { now: AT + week + 1 })).rejects.toMatchObject(refusedBy('expired'));
  });

  it('is not judged without a time of the broker', async () => {
    await expect(proved(await sign(unlock), { at: null })).rejects.toMatchObject({ problem: { code: 'unavailable' } });
  });

  it('tells an unproved sender nothing', async () => {
    const other = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const [head = '', , signature = ''] = (await sign(unlock)).split('.');
    const forged = Buffer.from(JSON.stringify({ ...unlock, accountId: 'a2' })).toString('base64url');
    for (const [jws, reason] of [
      ['no JWS', 'not signed'],
      [await sign(unlock, 'unknown'), 'no such sender'],
      [await sign(unlock, 't1', other.privateKey), 'wrong signature'],
      [`${head}.${forged}.${signature}`, 'wrong signature'],
    ] as const) {
      for (const at of [AT, AT + 100_000, null]) {
        await expect(proved(jws, { at, key: '' })).rejects.toMatchObject({ reason, problem: undefined });
      }
    }
  });

  it.each([
    ['portal', unlock, { as: { ...sender, portal: 'other' } }],
    ['key', unlock, { key: 'demo/a2' }],
    ['key', unlock, { key: '' }],
    ['scope', unlock, { as: { ...sender, scopes: ['challenges' as const] } }],
  ])('is refused, and its sender told why: %s', async (reason, payload, how) => {
    await expect(proved(await sign(payload), how)).rejects.toMatchObject({ reason, ...refusedBy(reason) });
  });

  it.each<[string, object | string, string]>([
    ['a member that it does not have', { ...unlock, secret: 'x' }, 'secret'],
    ['a member that is missing', { ...unlock, iat: undefined }, 'iat'],
    ['a type that does not exist', { ...unlock, type: 'two-factor.user.enable' }, 'type'],
    ['no JSON', '{"type":', ''],
    ['no object', '7', ''],
  ])('that is malformed is told so, by the field: %s', async (_, payload, field) => {
    await expect(proved(await sign(payload))).rejects.toMatchObject({
      reason: 'malformed',
      problem: { code: 'malformed-request', extras: { errors: [{ field, message: expect.any(String) }] } },
    });
  });

  it('has a detail for each reason, and the reason in its problem', () => {
    for (const reason of refusedFor.options) {
      const { detail, ...rest } = refusal(reason).problem!.toDocument();
      expect(rest).toMatchObject({ status: 403, code: 'forbidden', reason });
      expect(detail).not.toBe('');
    }
  });
});

describe('the key of a sender', () => {
  const senders = (reply: object) => {
    const answers = { [adminPolicyRequests.describeServiceToken.pattern]: () => reply };
    return new Senders(new Requests(scriptedBus(answers).join('two-factor', undefined as never).ask));
  };
  const active = { status: 'active', portal: 'demo', scopes: ['commands'] };
  const take = (jws: string, reply: object) =>
    prove({ jws, key: 'demo/a1', at: AT }, AT, (tokenId) => senders(reply).of(tokenId, aContext()));

  it('is the one that was registered', async () => {
    const jws = await sign(unlock);
    await expect(take(jws, { ...active, publicKey: jwk })).resolves.toMatchObject({ tokenId: 't1' });
    await expect(take(jws, { ...active, publicKey: null })).rejects.toMatchObject({ problem: undefined });
    await expect(take(jws, { status: 'unknown' })).rejects.toMatchObject({ reason: 'no such sender' });
  });

  it('of small order, from a time when it could be registered, verifies nothing', async () => {
    const point = (hex: string) => Buffer.from(hex, 'hex');
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const neutral = `01${'00'.repeat(31)}`;
    // R = A = the neutral point, S = 0: a signature of everything
    const forged = `${encode({ alg: 'EdDSA', kid: 't1' })}.${encode(unlock)}`;
    const signature = point(neutral + '00'.repeat(32)).toString('base64url');
    for (const hex of [neutral, `ec${'ff'.repeat(30)}7f`, '00'.repeat(32), 'ff'.repeat(32)]) {
      const weak = { ...active, publicKey: jwkOf(point(hex).toString('base64url')) };
      await expect(take(`${forged}.${signature}`, weak)).rejects.toMatchObject({ problem: undefined });
    }
    const mixed = ed25519.Point.BASE.add(
      ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
    );
    expect(await verificationKey(jwkOf(point(mixed.toHex()).toString('base64url')))).toBeNull();
  });
});

describe('a command that comes again', () => {
  let now = AT;
  const seen = () => new SeenCommands(new MemoryEngine(), () => now);
  beforeEach(() => (now = AT));

  it('has no second effect and gets the same answer, also when it appended nothing', async () => {
    const commands = seen();
    const command = await proved(await sign(unlock));
    let effects = 0;
    const refuse = () => {
      effects += 1;
      return Promise.reject(new Problem('not-locked'));
    };
    await expect(commands.once(command, refuse)).rejects.toMatchObject({ code: 'not-locked' });
    await expect(commands.once(command, refuse)).rejects.toMatchObject({ code: 'not-locked' });
    expect(effects).toBe(1);
  });

  it('with other content, for another account too, is refused', async () => {
    const commands = seen();
    await commands.once(await proved(await sign(unlock)), async () => ({ status: 'active' }));
    const other = await proved(await sign({ ...unlock, accountId: 'a2' }), { key: 'demo/a2' });
    await expect(commands.once(other, async () => ({}))).rejects.toMatchObject({
      reason: 'its id has been used with different content',
    });
  });

  it('is the same however its signature is written, and another in every other part', async () => {
    const jws = await sign(unlock);
    const respelled = jws.slice(0, -1) + String.fromCharCode(jws.charCodeAt(jws.length - 1) + 1);
    expect(respelled).not.toBe(jws);
    const { digest } = await proved(jws);
    expect((await proved(respelled)).digest).toBe(digest);
    const others = [await sign({ ...unlock, iat: unlock.iat - 1 }), await sign(unlock, 't1', privateKey, { typ: 'x' })];
    for (const other of others) expect((await proved(other)).digest).not.toBe(digest);
  });

  it('after an outage is carried out', async () => {
    const commands = seen();
    const command = await proved(await sign(unlock));
    const away = () => Promise.reject(new Problem('unavailable'));
    await expect(commands.once(command, away)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(commands.once(command, async () => 'done')).resolves.toBe('done');
    await expect(commands.once(command, away)).resolves.toBe('done');
  });

  it('is known for as long as it may be delivered again, and forgotten after', async () => {
    const commands = seen();
    const [first, second] = await Promise.all(
      [sign(unlock), sign({ ...unlock, jti: 'j2' })].map(async (jws) => proved(await jws)),
    );
    let effects = 0;
    const carryOut = async () => (effects += 1);
    await commands.once(first!, carryOut);
    now += KEPT_MS - 3_600_000;
    await commands.once(second!, carryOut);
    expect(await commands.purge()).toBe(0);
    await commands.once(first!, carryOut);
    expect(effects).toBe(2);

    now += 3 * 3_600_000;
    expect(await commands.purge()).toBeGreaterThan(0);
    expect(await commands.purge()).toBe(0);
    await commands.once(second!, carryOut);
    expect(effects).toBe(2);
    await commands.once(first!, carryOut);
    expect(effects).toBe(3);
  });
});
