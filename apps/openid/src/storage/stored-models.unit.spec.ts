import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { SealedPayloads } from './sealed-payloads.js';
import { StoredModels } from './stored-models.js';

class Refused extends Error {}
const errors = { InvalidGrant: Refused, InvalidClientAuth: Refused } as never;
const ring = [newRingKey('k1')];

function stored() {
  const engine = new MemoryEngine();
  const time = { now: Date.UTC(2026, 10, 24, 9) };
  const payloads = new SealedPayloads(ring);
  const expiries = new Expiries(engine);
  const models = new StoredModels(engine, () => time.now, payloads, expiries);
  const of = (model: string, portal = 'demo') => models.adapterOf(portal, model, { errors });
  return { engine, time, payloads, expiries, models, of };
}
const everything = async (engine: MemoryEngine) =>
  JSON.stringify(
    await Promise.all(
      ['openid-models', 'openid-by-grant', 'openid-sessions-by-uid'].map((name) => engine.records(name).list({})),
    ),
  );

describe('what the provider stores', () => {
  it('is found by its id, in its portal, as what it is, until it expires', async () => {
    const { of, time } = stored();
    const payload = { accountId: 'a1', jti: 'token-1' };
    await of('AccessToken').upsert('token-1', payload, 900);
    expect(await of('AccessToken').find('token-1')).toEqual(payload);
    expect(await of('AccessToken', 'other').find('token-1')).toBeUndefined();
    expect(await of('RefreshToken').find('token-1')).toBeUndefined();
    time.now += 900_000;
    expect(await of('AccessToken').find('token-1')).toBeUndefined();
  });

  it('stands nowhere in plain text', async () => {
    const { engine, of } = stored();
    await of('Session').upsert('session-1', { accountId: 'a1', jti: 'session-1', uid: 'uid-1' }, 900);
    await of('AccessToken').upsert('token-1', { accountId: 'a1', jti: 'token-1', grantId: 'grant-1' }, 900);
    const text = await everything(engine);
    for (const secret of ['session-1', 'uid-1', 'token-1', 'grant-1', 'a1']) expect(text).not.toContain(`"${secret}"`);
  });

  it('does not open elsewhere, nor under another ring', async () => {
    const { engine, of, time, expiries } = stored();
    await of('AccessToken').upsert('token-1', { accountId: 'a1' }, 900);
    const records = engine.records<object>('openid-models');
    const [{ key, value } = {} as never] = await records.list({});
    await records.put(['other', ...key.slice(1)], value);
    expect(await of('AccessToken', 'other').find('token-1')).toBeUndefined();
    const another = new StoredModels(engine, () => time.now, new SealedPayloads([newRingKey('k1')]), expiries);
    expect(await another.adapterOf('demo', 'AccessToken', { errors }).find('token-1')).toBeUndefined();
  });

  it('is consumed once, by one of many', async () => {
    const { of } = stored();
    const codes = of('AuthorizationCode');
    await codes.upsert('code-1', { accountId: 'a1' }, 60);
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => codes.consume('code-1')));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await codes.find('code-1')).toMatchObject({ consumed: expect.any(Number) as number });
  });

  it('of a replay is stored once, by one of many', async () => {
    const { of } = stored();
    const replays = of('ReplayDetection');
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => replays.upsert('jti-1', {}, 60)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('of a grant ends with it, and nothing else does', async () => {
    const { of } = stored();
    await of('AccessToken').upsert('token-1', { grantId: 'grant-1' }, 900);
    await of('RefreshToken').upsert('token-2', { grantId: 'grant-1' }, 900);
    await of('AccessToken').upsert('token-3', { grantId: 'grant-2' }, 900);
    await of('AccessToken').revokeByGrantId('grant-1');
    const left = await Promise.all([
      of('AccessToken').find('token-1'),
      of('RefreshToken').find('token-2'),
      of('AccessToken').find('token-3'),
    ]);
    expect(left.map((each) => each !== undefined)).toEqual([false, false, true]);
  });

  it('of a session is found by its uid too', async () => {
    const { of } = stored();
    await of('Session').upsert('session-1', { uid: 'uid-1', accountId: 'a1' }, 900);
    expect(await of('Session').findByUid('uid-1')).toMatchObject({ accountId: 'a1' });
    expect(await of('Session', 'other').findByUid('uid-1')).toBeUndefined();
    await of('Session').destroy('session-1');
    expect(await of('Session').findByUid('uid-1')).toBeUndefined();
  });

  it('is swept away some time after it has expired', async () => {
    const { engine, of, time, expiries } = stored();
    await of('Session').upsert('session-1', { uid: 'uid-1' }, 900);
    await of('AccessToken').upsert('token-1', { grantId: 'grant-1' }, 900);
    await expiries.sweep(time.now + 901_000);
    expect(await everything(engine)).toBe('[[],[],[]]');
  });
});
