import { Outbox } from '../outbox.js';
import type { Commit, Engine, FeedItem } from '../port.js';
import { commitOf, commitsOf } from './commits.js';
import type { EngineUnderTest } from './place.js';

const MS = 3_000;

export function outboxContract(underTest: EngineUnderTest): void {
  describe('the outbox', () => {
    let now: number;
    /** As another process has it. */
    const outbox = (engine: Engine = underTest.engine): Outbox => new Outbox(engine, () => now);
    const append = async (...commits: readonly Commit[]): Promise<void> => {
      for (const commit of commits) await underTest.engine.log.append(commit);
    };
    const last = (items: readonly FeedItem[]): number => items.at(-1)?.position ?? 0;

    beforeEach(() => {
      now = 1_000;
    });

    it('gives the lease to one of many who ask at the same moment', async () => {
      const told = await Promise.all(Array.from({ length: 8 }, (_, i) => outbox().lease(`process ${i}`, MS)));
      expect(told.filter(Boolean)).toHaveLength(1);
    });

    it('leaves the lease with a holder who confirms it, however long', async () => {
      const [holder, other] = [outbox(), outbox()];
      expect(await holder.lease('holder', MS)).toBe(true);
      for (let beats = 0; beats < 5; beats++) {
        expect(await other.lease('other', MS)).toBe(false);
        now += MS - 1;
        expect(await holder.lease('holder', MS)).toBe(true);
      }
      expect([holder.otherPublishes, other.otherPublishes]).toEqual([false, true]);
    });

    it('gives the lease of a dead holder to one who has seen it unconfirmed for its time', async () => {
      const [dead, first, second] = [outbox(), outbox(), outbox()];
      await dead.lease('dead', MS);
      expect(await first.lease('first', MS)).toBe(false);
      now += MS - 1;
      expect(await first.lease('first', MS)).toBe(false);
      expect(first.otherPublishes).toBe(false);
      // It has only just begun to watch.
      expect(await second.lease('second', MS)).toBe(false);
      now += 1;
      expect(await second.lease('second', MS)).toBe(false);
      expect(await first.lease('first', MS)).toBe(true);
      expect(await dead.lease('dead', MS)).toBe(false);
    });

    it('gives a lease that was released to the next who asks', async () => {
      const [before, after] = [outbox(), outbox()];
      await before.lease('before', MS);
      await after.release('after');
      expect(await after.lease('after', MS)).toBe(false);
      await before.release('before');
      expect(await after.lease('after', MS)).toBe(true);
    });

    it('has everything that is not marked, each stream in version order, also for the next holder', async () => {
      const [a, b] = [commitsOf('portal/a', [1, 2, 1]), commitsOf('portal/b', [1, 1])];
      await append(...a, ...b);
      const first = outbox();
      await first.lease('first', MS);
      const some = await first.unpublished(2);
      expect(some).toHaveLength(2);
      expect(await first.unpublished(2)).toEqual(some);
      expect(await first.markPublished(last(some))).toBe(true);
      await first.release('first');

      await underTest.reopen();
      const next = outbox();
      await next.lease('next', MS);
      const rest = await next.unpublished(100);
      expect(rest).toHaveLength(3);
      const all = [...some, ...rest].map(({ commit }) => commit);
      for (const commits of [a, b]) {
        expect(all.filter(({ stream }) => stream === commits[0]?.stream)).toEqual(commits);
      }
      expect(await next.markPublished(last(rest))).toBe(true);
      expect(await next.unpublished(100)).toEqual([]);
      const late = commitOf({ stream: 'portal/b', version: 3 });
      await append(late);
      expect((await next.unpublished(100)).map(({ commit }) => commit)).toEqual([late]);
    });

    it('lets a holder who wakes up too late repeat, and skip nothing', async () => {
      await append(...commitsOf('portal/a', [1, 1, 1]));
      const [asleep, awake] = [outbox(), outbox()];
      await asleep.lease('asleep', MS);
      const [one] = await asleep.unpublished(1);
      await awake.lease('awake', MS);
      now += MS;
      expect(await awake.lease('awake', MS)).toBe(true);
      const two = await awake.unpublished(2);
      expect(await awake.markPublished(last(two))).toBe(true);

      expect(await asleep.markPublished(one?.position ?? 0)).toBe(false);
      expect(await asleep.lease('asleep', MS)).toBe(false);
      expect((await awake.unpublished(100)).map(({ commit }) => commit.version)).toEqual([3]);
      expect((await outbox().unpublished(100)).map(({ commit }) => commit.version)).toEqual([3]);
    });

    it('marks nothing before something was read under the lease', async () => {
      await append(commitOf());
      const mine = outbox();
      await mine.lease('mine', MS);
      expect(await mine.markPublished(7)).toBe(false);
      expect(await mine.unpublished(10)).toHaveLength(1);
    });
  });
}
