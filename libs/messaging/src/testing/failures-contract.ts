import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import { controllers, record, Script } from './bus-apps.js';
import type { BusBench } from './bus-contract.js';
import { firstDeliveries } from './events-contract.js';
import { eventually } from './eventually.js';

export function failuresContract(bench: BusBench): void {
  describe('event handlers that fail', () => {
    it('are tried again; what succeeds then has lost nothing', async () => {
      const got: RecordedEvent[] = [];
      let failures = 2;
      const script = new Script();
      script.event = (event) => {
        if (event.streamVersion === 2 && failures-- > 0) throw new TypeError('not yet');
        got.push(event);
      };
      bench.join('two-factor');
      const bus = await bench.run('identity', controllers.events, script);

      await record(bench.engine('two-factor'), 'a1', ['AttemptFailed', 'AttemptFailed', 'AccountLocked']);

      await eventually(() => expect(firstDeliveries(got)).toEqual({ a1: [1, 2, 3] }));
      expect(await bus.deadLetters.list()).toEqual([]);
      await eventually(() =>
        expect(bus.health()).toMatchObject([
          { stalled: false, lastError: { error: expect.stringContaining('TypeError') } },
        ]),
      );
    });

    it('leave a dead letter without payload after five tries, and the rest of the stream goes on', async () => {
      const got: RecordedEvent[] = [];
      let tries = 0;
      let broken = true;
      const script = new Script();
      script.event = (event) => {
        if (broken && event.account === 'bad' && event.streamVersion === 2) {
          tries += 1;
          throw new TypeError('cannot handle hunter2');
        }
        got.push(event);
      };
      bench.join('two-factor');
      const bus = await bench.run('identity', controllers.events, script);

      await record(bench.engine('two-factor'), 'bad', ['AttemptFailed', 'AttemptFailed', 'AccountLocked']);
      await record(bench.engine('two-factor'), 'good', ['AttemptFailed', 'AccountLocked']);

      await eventually(() => expect(firstDeliveries(got)).toEqual({ bad: [1, 3], good: [1, 2] }));
      expect(tries).toBe(5);
      const letters = await bus.deadLetters.list();
      expect(letters).toMatchObject([
        { source: 'two-factor', stream: 'demo/bad', eventId: 'bad-2.1', type: 'two-factor.attempt-failed.v1' },
      ]);
      expect(letters[0]?.reason).toContain('TypeError');
      expect(JSON.stringify(letters) + bench.logged).not.toMatch(/hunter2|failedAttempts/);

      // replayed too early it stays
      const [letter] = letters;
      if (!letter) throw new Error('no letter');
      await expect(bus.deadLetters.replay(letter)).rejects.toThrow();
      expect(await bus.deadLetters.list()).toHaveLength(1);

      broken = false;
      await bus.deadLetters.replay(letter);
      expect(firstDeliveries(got)).toMatchObject({ bad: [1, 3, 2] });
      expect(await bus.deadLetters.list()).toEqual([]);
      await bus.deadLetters.replay(letter);
      expect(firstDeliveries(got)).toMatchObject({ bad: [1, 3, 2] });
      expect(await bus.deadLetters.get(letter)).toMatchObject({ replayedAt: expect.any(String) });
      await expect(bus.deadLetters.replay({ ...letter, position: 99 })).rejects.toMatchObject({ code: 'not-found' });
    });

    it.each([
      ['a store that is away', () => new StoreUnavailable('disk full')],
      ['an app that is away', () => new Problem('unavailable')],
    ])('because of %s are tried until that has passed, and health says so', async (_, outage) => {
      const got: RecordedEvent[] = [];
      let away = true;
      const script = new Script();
      script.event = (event) => {
        if (away && event.streamVersion === 1) throw outage();
        got.push(event);
      };
      bench.join('two-factor');
      const bus = await bench.run('identity', controllers.events, script);

      await record(bench.engine('two-factor'), 'a1', ['AttemptFailed', 'AccountLocked']);

      await eventually(() => expect(bus.health()).toMatchObject([{ stalled: true }]));
      expect(got).toEqual([]);
      away = false;
      await eventually(() => expect(firstDeliveries(got)).toEqual({ a1: [1, 2] }));
      await eventually(() => expect(bus.health()).toMatchObject([{ stalled: false, lag: 0 }]));
      expect(await bus.deadLetters.list()).toEqual([]);
    });

    it('of a batch make a dead letter of the bad event alone', async () => {
      const got: RecordedEvent[] = [];
      const script = new Script();
      script.batch = (events) => {
        if (events.some(({ streamVersion }) => streamVersion === 3)) throw new TypeError('bad one');
        got.push(...events);
      };
      await record(bench.engine('two-factor'), 'a1', Array(6).fill('AttemptFailed') as 'AttemptFailed'[]);
      bench.join('two-factor');
      const bus = await bench.run('audit', controllers.batch, script);

      await eventually(() => expect(firstDeliveries(got)).toEqual({ a1: [1, 2, 4, 5, 6] }));
      expect(await bus.deadLetters.list()).toMatchObject([{ eventId: 'a1-3.1' }]);
    });

    it('are waited for in an orderly end, and what they did not finish comes again', async () => {
      const got: RecordedEvent[] = [];
      const script = new Script();
      let entered = 0;
      let release!: () => void;
      const held = new Promise<void>((resolve) => (release = resolve));
      script.event = async (event) => {
        entered += 1;
        if (event.streamVersion === 1) await held;
        else throw new TypeError('never in this life');
        got.push(event);
      };
      await record(bench.engine('two-factor'), 'a1', ['AttemptFailed', 'AttemptFailed', 'AttemptFailed']);
      bench.join('two-factor');
      await bench.run('identity', controllers.events, script);
      await eventually(() => expect(entered).toBe(1));

      const stopped = bench.stop();
      release();
      await stopped;
      expect(firstDeliveries(got)).toEqual({ a1: [1] });

      script.event = (event) => got.push(event);
      await bench.start();
      bench.join('two-factor');
      await bench.run('identity', controllers.events, script);
      await eventually(() => expect(got.map(({ streamVersion }) => streamVersion)).toEqual([1, 2, 3]));
    });
  });
}
