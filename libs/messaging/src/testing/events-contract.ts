import type { Context } from '#libs/contracts/src/context.js';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { verifyEvent } from '#libs/event-store/src/commit.js';
import { controllers, record, Script } from './bus-apps.js';
import type { BusBench } from './bus-contract.js';
import { eventually } from './eventually.js';

/** Of each stream the versions in the order of their first deliveries. */
export function firstDeliveries(events: readonly RecordedEvent[]): Record<string, number[]> {
  const seen = new Set<string>();
  const versions: Record<string, number[]> = {};
  for (const { id, account = '', streamVersion } of events) {
    if (seen.has(id)) continue;
    seen.add(id);
    (versions[account] ??= []).push(streamVersion);
  }
  return versions;
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

export function eventsContract(bench: BusBench): void {
  describe('events', () => {
    it('come to the handler of their type as they were recorded; other types are passed over', async () => {
      const got: RecordedEvent[] = [];
      const script = new Script();
      script.event = (event) => got.push(event);
      bench.join('two-factor');
      const { health } = await joined('identity', controllers.events, script);

      await record(bench.engine('two-factor'), 'a1', ['SecretIssued', 'AttemptFailed', 'UserUnlocked']);
      await record(bench.engine('two-factor'), 'a1', ['AccountLocked', 'UserUnlocked']);

      await eventually(() => expect(health()).toMatchObject([{ source: 'two-factor', position: 5, lag: 0 }]));
      expect(got.map(({ type }) => type)).toEqual(['two-factor.attempt-failed.v1', 'two-factor.account-locked.v1']);
      expect(got[0]).toMatchObject({ portal: 'demo', account: 'a1', streamVersion: 2, data: { failedAttempts: 2 } });
      expect(got.every(verifyEvent)).toBe(true);
    });

    it('come with the request that they were recorded for, and are the cause of what the handler does', async () => {
      const got: [RecordedEvent, Context][] = [];
      const script = new Script();
      script.event = (event, context) => got.push([event, context]);
      bench.join('two-factor');
      await joined('identity', controllers.events, script);
      await record(bench.engine('two-factor'), 'a1', ['AttemptFailed']);

      await eventually(() => expect(got).toHaveLength(1));
      const [event, context] = got[0]!;
      const { correlationId } = aContext();
      expect(context).toEqual({ actor: { kind: 'system' }, correlationId, causationId: event.id, entrance: 'system' });
    });

    it('that a handler names are noted once it has handled them; the app acts by no others', async () => {
      let release!: () => void;
      const held = new Promise<void>((resolve) => (release = resolve));
      const script = new Script();
      script.event = () => held;
      bench.join('two-factor');
      const { adoptions } = await joined('identity', controllers.events, script);
      await record(bench.engine('two-factor'), 'a1', ['AccountLocked', 'UserUnlocked']);
      const recorded = { source: 'two-factor', stream: 'demo/a1' } as const;

      expect(await adoptions.reached({ ...recorded, versions: { UserUnlocked: 2 } }, 0)).toBe(true);
      expect(await adoptions.reached({ ...recorded, versions: { AccountLocked: 1, UserUnlocked: 2 } }, 0)).toBe(false);
      release();
      expect(await adoptions.reached({ ...recorded, versions: { AccountLocked: 1, UserUnlocked: 2 } })).toBe(true);
    });

    it('that were recorded before anybody listened come too, also when the source joins last', async () => {
      const got: RecordedEvent[] = [];
      const script = new Script();
      script.event = (event) => got.push(event);
      await record(bench.engine('two-factor'), 'a1', ['AttemptFailed', 'AccountLocked']);

      const { health } = await joined('identity', controllers.events, script);
      expect(health()).toMatchObject([{ source: 'two-factor', stalled: true }]);
      bench.join('two-factor');

      await eventually(() => expect(firstDeliveries(got)).toEqual({ a1: [1, 2] }));
      await eventually(() => expect(health()).toMatchObject([{ stalled: false }]));
    });

    it('of one stream come in order, one at a time; other streams do not wait for them', async () => {
      const got: RecordedEvent[] = [];
      let release!: () => void;
      const held = new Promise<void>((resolve) => (release = resolve));
      const script = new Script();
      script.event = async (event) => {
        if (event.account === 'slow' && event.streamVersion === 1) await held;
        got.push(event);
      };
      bench.join('two-factor');
      await bench.run('identity', controllers.wildcard, script);

      await record(bench.engine('two-factor'), 'slow', ['AttemptFailed', 'AttemptFailed', 'AccountLocked']);
      await record(bench.engine('two-factor'), 'quick', ['AttemptFailed', 'AttemptFailed', 'AccountLocked']);

      await eventually(() => expect(firstDeliveries(got)).toEqual({ quick: [1, 2, 3] }));
      release();
      await eventually(() => expect(firstDeliveries(got)).toEqual({ quick: [1, 2, 3], slow: [1, 2, 3] }));
    });

    it('come to each app that names them', async () => {
      const got: Record<string, RecordedEvent[]> = { identity: [], audit: [] };
      bench.join('two-factor');
      for (const app of ['identity', 'audit'] as const) {
        const script = new Script();
        script.event = (event) => got[app]?.push(event);
        await bench.run(app, controllers.wildcard, script);
      }

      await record(bench.engine('two-factor'), 'a1', ['SecretIssued', 'TwoFactorEnabled']);

      await eventually(() => expect(got).toMatchObject({ identity: [{}, {}], audit: [{}, {}] }));
    });

    it('come by the batch, those of a stream in order', async () => {
      const batches: RecordedEvent[][] = [];
      const script = new Script();
      script.batch = (events) => batches.push(events);
      for (const account of ['a1', 'a2', 'a1']) {
        await record(bench.engine('two-factor'), account, ['SecretIssued', 'TwoFactorEnabled']);
      }
      bench.join('two-factor');
      await bench.run('audit', controllers.batch, script);

      await eventually(() => expect(batches.flat()).toHaveLength(6));
      expect(batches[0]?.length).toBeGreaterThan(1);
      expect(firstDeliveries(batches.flat())).toEqual({ a1: [1, 2, 3, 4], a2: [1, 2] });
    });

    it.each([
      ['singly', controllers.wildcard],
      ['by the batch', controllers.batch],
    ])('handled when the process was killed may come again %s, and none is left out', async (_, controller) => {
      const got: RecordedEvent[] = [];
      const count = 400;
      const script = (dieAfter: number) => {
        const one = new Script();
        let alive = true;
        one.batch = async (events) => {
          if (!alive) return;
          got.push(...events);
          if (got.length >= dieAfter) {
            alive = false;
            // nothing of what it does from here on reaches the engine or the broker
            await bench.kill();
          }
        };
        one.event = (event) => one.batch([event]);
        return one;
      };
      for (let index = 0; index < count; index += 1) {
        await record(bench.engine('two-factor'), `a${index % 7}`, ['AttemptFailed']);
      }

      for (const dieAfter of [1, 90, 250]) {
        const before = got.length;
        bench.join('two-factor');
        await bench.run('audit', controller, script(before + dieAfter));
        await eventually(() => expect(got.length).toBeGreaterThanOrEqual(before + dieAfter));
        await bench.start();
      }
      bench.join('two-factor');
      await bench.run('audit', controller, script(Infinity));

      const everything = Object.fromEntries(
        [...Array(7).keys()].map((index) => [`a${index}`, upTo(Math.ceil((count - index) / 7))]),
      );
      await eventually(() => expect(firstDeliveries(got)).toEqual(everything));
    });

    it('that were handled do not come again after an orderly end', async () => {
      const got: RecordedEvent[] = [];
      const script = new Script();
      script.event = (event) => got.push(event);
      await record(bench.engine('two-factor'), 'a1', ['AttemptFailed', 'AttemptFailed', 'UserUnlocked']);
      bench.join('two-factor');
      const { health } = await joined('identity', controllers.events, script);
      await eventually(() => expect(health()).toMatchObject([{ position: 3 }]));

      await bench.stop();
      await bench.start();
      await record(bench.engine('two-factor'), 'a1', ['AccountLocked']);
      bench.join('two-factor');
      const again = await joined('identity', controllers.events, script);

      await eventually(() => expect(again.health()).toMatchObject([{ position: 4 }]));
      expect(got.map(({ streamVersion }) => streamVersion)).toEqual([1, 2, 4]);
    });

    async function joined(...of: Parameters<BusBench['run']>) {
      const bus = await bench.run(...of);
      return { health: () => bus.health(), adoptions: bus.adoptions };
    }
  });
}
