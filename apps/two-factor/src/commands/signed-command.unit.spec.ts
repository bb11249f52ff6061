import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { SeenCommands } from './seen-commands.js';
import { KEPT_MS, prove, type Sender } from './signed-command.js';

const AT = 1_795_512_600_000;
const unlock = { jti: 'j1', iat: AT / 1_000, type: 'two-factor.user.unlock', portal: 'demo', accountId: 'a1' };
const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
const { x = '' } = await exportJWK(publicKey);
const sender: Sender = { portal: 'demo', scopes: ['commands'], publicKey: { kty: 'OKP', crv: 'Ed25519', x } };

const sign = (payload: object, kid = 't1', key = privateKey): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', kid })
    .sign(key);
const proved = (jws: string, { at = AT, now = AT, key = 'demo/a1', as = sender } = {}) =>
  prove({ jws, key, at }, now, async (tokenId) => (tokenId === 't1' ? as : undefined));

describe('a signed command', () => {
  it('is proved by the key of the service token that it names', async () => {
    const { tokenId, payload } = await proved(await sign(unlock));
    expect({ tokenId, payload }).toEqual({ tokenId: 't1', payload: unlock });
  });

  it('counts for 60 seconds by the clock of the broker, and not before it was made', async () => {
    const jws = await sign(unlock);
    await expect(proved(jws, { at: AT + 60_000 })).resolves.toMatchObject({ tokenId: 't1' });
    await expect(proved(jws, { at: AT + 60_001 })).rejects.toMatchObject({ problem: { code: 'forbidden' } });
    await expect(proved(jws, { at: AT - 5_001 })).rejects.toMatchObject({ problem: { code: 'forbidden' } });
  });

  it('is refused whatever time the broker tells, before it may be forgotten that it was carried out', async () => {
    const jws = await sign(unlock);
    const week = 7 * 86_400_000;
    expect(week).toBeLessThan(KEPT_MS);
    await expect(proved(jws, { now: AT + week })).resolves.toMatchObject({ tokenId: 't1' });
    await expect(proved(jws, { now: AT + week + 1 })).rejects.toMatchObject({ problem: { code: 'forbidden' } });
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
      await expect(proved(jws)).rejects.toMatchObject({ reason, problem: undefined });
    }
  });

  it.each([
    ['another portal', unlock, { key: 'demo/a1', as: { ...sender, portal: 'other' } }],
    ['its key is of another account', unlock, { key: 'demo/a2' }],
    ['the sender lacks the scope', unlock, { as: { ...sender, scopes: ['challenges' as const] } }],
    ['malformed', { ...unlock, secret: 'x' }, {}],
    ['malformed', { ...unlock, type: 'two-factor.user.enable' }, {}],
  ])('is refused: %s', async (reason, payload, how) => {
    await expect(proved(await sign(payload), how)).rejects.toMatchObject({ reason, problem: expect.any(Problem) });
  });

  it('without a key of its token is no command', async () => {
    await expect(proved(await sign(unlock), { as: { ...sender, publicKey: null } })).rejects.toMatchObject({
      reason: 'no such sender',
    });
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
      reason: 'its id was used with other content',
    });
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
