import type { MessageHandler } from '@nestjs/microservices';
import { subscriptionsOf } from './subscriptions.js';

const handler = (extras: Record<string, unknown> = {}): MessageHandler =>
  Object.assign(async () => undefined, { isEventHandler: true, extras });

describe('subscriptions', () => {
  it('are one for each source, with the handlers of each type', () => {
    const [locked, all, settings] = [handler(), handler(), handler()];
    const subscriptions = subscriptionsOf(
      new Map([
        ['two-factor.account-locked.v1', locked],
        ['admin-policy.settings-changed.v1', settings],
        ['two-factor.*', all],
      ]),
    );

    expect(subscriptions.map(({ source }) => source)).toEqual(['two-factor', 'admin-policy']);
    const [twoFactor, adminPolicy] = subscriptions;
    expect(twoFactor?.handlersOf('two-factor.account-locked.v1')).toEqual({ named: locked, all });
    expect(twoFactor?.handlersOf('two-factor.user-unlocked.v1')).toEqual({ all });
    expect(adminPolicy?.handlersOf('admin-policy.settings-changed.v1')).toEqual({ named: settings });
    expect(adminPolicy?.handlersOf('admin-policy.add-on-granted.v1')).toEqual({});
    expect(adminPolicy?.batch).toBeUndefined();
  });

  it('say by which events the app acts', () => {
    const [subscription] = subscriptionsOf(new Map([['two-factor.account-locked.v1', handler()]]));
    expect([...(subscription?.named ?? [])]).toEqual(['AccountLocked']);
  });

  it('have a batch handler where a pattern of all events asks for it', () => {
    const batch = handler({ batch: true });
    expect(subscriptionsOf(new Map([['identity.*', batch]]))[0]?.batch).toBe(batch);
  });

  it.each([
    ['a version that nobody records now', 'two-factor.account-locked.v9', {}],
    ['no such app', 'billing.account-locked.v1', {}],
    ['no such event', 'two-factor.account-locket.v1', {}],
    ['an event of another app', 'identity.account-locked.v1', {}],
    ['a batch of one type', 'two-factor.account-locked.v1', { batch: true }],
  ])('refuse a pattern that can never work: %s', (_, pattern, extras) => {
    expect(() => subscriptionsOf(new Map([[pattern, handler(extras)]]))).toThrow(TypeError);
  });

  it('refuse a batch handler beside others of the source', () => {
    const handlers = new Map([
      ['two-factor.*', handler({ batch: true })],
      ['two-factor.account-locked.v1', handler()],
    ]);
    expect(() => subscriptionsOf(handlers)).toThrow(TypeError);
  });
});
