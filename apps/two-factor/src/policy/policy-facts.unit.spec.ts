import { initialProfile, wholeProfile, wholeSettings } from '#libs/contracts/src/events/admin-policy.js';
import { aPolicy } from '../testing/policies.js';
import type { Records } from '#libs/engine/src/port.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { PolicyFacts } from './policy-facts.js';

const account = { portal: 'demo', accountId: 'a1' };

/** An engine; `before` runs once, between the next look at a record and what is done by it. */
function start() {
  const engine = new MemoryEngine();
  let before: (() => Promise<void>) | undefined;
  const records = <Value>(name: string): Records<Value> => {
    const plain = engine.records<Value>(name);
    return new Proxy(plain, {
      get: (target, property) =>
        property !== 'get'
          ? Reflect.get(target, property).bind(target)
          : async (key: string[]) => {
              const value = await target.get(key);
              const interloper = before;
              before = undefined;
              await interloper?.();
              return value;
            },
    });
  };
  const slow = new PolicyFacts(Object.assign(Object.create(engine), { records }));
  return { slow, quick: new PolicyFacts(engine), interrupt: (by: () => Promise<void>) => void (before = by) };
}

describe('PolicyFacts', () => {
  it('keeps what another instance adopted from a later event meanwhile', async () => {
    const { slow, quick, interrupt } = start();
    await quick.adoptType('demo', 'a1', 1, 'contributor');
    await quick.adoptAddOn('demo', 1, true);

    interrupt(() => quick.adoptSettings('demo', 3, wholeSettings({ enabled: true, maxFailedAttempts: 3 })));
    await slow.adoptSettings('demo', 2, wholeSettings({ enabled: false, maxFailedAttempts: 5 }));
    interrupt(() => quick.adoptType('demo', 'a1', 3, 'power-reader'));
    await slow.adoptType('demo', 'a1', 2, 'contributor');
    interrupt(() => quick.adoptAdministrator('demo', 'a1', 5, false));
    await slow.adoptAdministrator('demo', 'a1', 4, true);

    expect(await quick.of(account)).toEqual(aPolicy({ maxFailedAttempts: 3, contributor: false }));
    await expect(quick.refuseForeignOperator(account, { kind: 'operator' })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  it('takes up a late event of one fact although another fact has a later one', async () => {
    const { quick } = start();
    await quick.adoptType('demo', 'a1', 1, 'contributor');
    await quick.adoptAddOn('demo', 1, true);
    await quick.adoptAddOn('demo', 3, false);
    // version 2 was a dead letter and is replayed
    await quick.adoptSettings('demo', 2, wholeSettings({ enabled: true, maxFailedAttempts: 3 }));
    await quick.adoptAddOn('demo', 1, true);
    expect(await quick.of(account)).toMatchObject({ enabled: true, maxFailedAttempts: 3, addOn: false });
    await quick.adoptSettings('demo', 2, wholeSettings({ enabled: false, maxFailedAttempts: 9 }));
    expect(await quick.of(account)).toMatchObject({ enabled: true, maxFailedAttempts: 3, addOn: false });
  });

  it('knows the face of a portal by its latest event, and of an unknown portal none', async () => {
    const { slow, quick, interrupt } = start();
    expect(await quick.profileOf('demo')).toEqual(initialProfile);
    await quick.adoptSettings('demo', 5, wholeSettings({ enabled: true }));
    interrupt(() => quick.adoptProfile('demo', 4, wholeProfile({ displayName: 'Acme' })));
    await slow.adoptProfile('demo', 3, wholeProfile({ displayName: 'Acne' }));
    expect(await slow.profileOf('demo')).toEqual(wholeProfile({ displayName: 'Acme' }));
    await quick.adoptProfile('demo', 6, initialProfile);
    expect(await slow.profileOf('demo')).toEqual(initialProfile);
    expect(await quick.profileOf('demo2')).toEqual(initialProfile);
  });

  it('R41 knows whether an account is suspended, and tells the challenges of before the last suspension apart', async () => {
    const { quick } = start();
    await quick.adoptType('demo', 'a1', 1, 'contributor');
    const suspension = async () => (await quick.of(account)).suspension;
    expect(await suspension()).toEqual({ active: false, version: 0 });
    await quick.adoptSuspended('demo', 'a1', 4, true);
    expect(await suspension()).toEqual({ active: true, version: 4 });
    await quick.adoptSuspended('demo', 'a1', 7, false);
    expect(await suspension()).toEqual({ active: false, version: 7 });
    // delivered again, or a dead letter that is replayed
    await quick.adoptSuspended('demo', 'a1', 6, true);
    expect(await suspension()).toEqual({ active: false, version: 7 });
    await expect(quick.of({ ...account, accountId: 'a2' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('remembers nothing that was read before an adoption', async () => {
    const { slow, interrupt } = start();
    await slow.adoptType('demo', 'a1', 1, 'contributor');
    interrupt(() => slow.adoptType('demo', 'a1', 2, 'power-reader'));
    await slow.of(account);
    expect(await slow.of(account)).toMatchObject({ contributor: false });
    await slow.adoptAddOn('demo', 1, true);
    expect(await slow.of(account)).toMatchObject({ addOn: true });
  });
});
