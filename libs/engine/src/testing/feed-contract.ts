import type { Commit, EventLog, FeedItem } from '../port.js';
import { commitOf, commitsOf, everything } from './commits.js';

/** Thousands of commits, on an engine that may be another process on a busy machine. */
const SLOW_MS = 120_000;

export function feedContract(log: () => EventLog): void {
  describe('the feed', () => {
    it('has every commit once, at rising positions from above 0', async () => {
      const commits = ['a', 'b', 'a', 'c', 'b', 'a'].map((name, i, names) => {
        const version = names.slice(0, i).filter((before) => before === name).length + 1;
        return commitOf({ stream: `portal/${name}`, version });
      });
      for (const commit of commits) await log().append(commit);
      const items = await everything(log());
      expect(items.map(({ commit }) => commit)).toEqual(commits);
      expectRising(items);
    });

    it('gives at most as many as asked for, after the position', async () => {
      for (const commit of commitsOf('portal', [1, 1, 1, 1, 1])) await log().append(commit);
      const all = await everything(log());
      expect(await log().feed.read(0, 2)).toEqual(all.slice(0, 2));
      expect(await log().feed.read(all[1]?.position ?? 0, 2)).toEqual(all.slice(2, 4));
      expect(await log().feed.read(all[3]?.position ?? 0, 100)).toEqual(all.slice(4));
      expect(await log().feed.read(all[4]?.position ?? 0, 100)).toEqual([]);
    });

    it(
      'gives the same whatever the size of the steps, over more than any cache holds',
      async () => {
        const streams = Array.from({ length: 25 }, (_, i) =>
          commitsOf(
            `portal/${i}`,
            Array.from({ length: 200 }, () => 1),
          ),
        );
        await Promise.all(streams.map((commits) => appendAll(log(), commits)));
        const large = await everything(log(), 10_000);
        expect(large).toHaveLength(5000);
        expect(await everything(log(), 333)).toEqual(large);
        expect(inOrderByStream(large)).toEqual(new Map(streams.map((commits) => [commits[0]?.stream, commits])));
      },
      SLOW_MS,
    );

    it(
      'shows a follower everything, once and in order, while many append',
      async () => {
        const streams = Array.from({ length: 64 }, (_, i) =>
          commitsOf(
            `portal/${i}`,
            Array.from({ length: 40 }, () => 1 + (i % 2)),
          ),
        );
        const total = 64 * 40;
        const seen: FeedItem[] = [];
        let wake: () => void = () => undefined;
        const stop = log().feed.onAppend(() => wake());
        const following = (async () => {
          while (seen.length < total) {
            const called = new Promise<void>((resolve) => (wake = resolve));
            const step = await log().feed.read(seen.at(-1)?.position ?? 0, 50);
            seen.push(...step);
            if (step.length === 0) await called;
          }
        })();
        await Promise.all(streams.map((commits) => appendAll(log(), commits, 1)));
        await following;
        stop();
        expectRising(seen);
        const inOrder = inOrderByStream(seen);
        for (const commits of streams) {
          expect(inOrder.get(commits[0]?.stream)?.map(({ version }) => version)).toEqual(
            commits.map(({ version }) => version),
          );
        }
        expect(seen).toEqual(await everything(log(), 10_000));
      },
      SLOW_MS,
    );

    it('calls back soon after an append until it is told to stop', async () => {
      let calls = 0;
      let called: () => void = () => undefined;
      const stop = log().feed.onAppend(() => {
        calls++;
        called();
      });
      const first = new Promise<void>((resolve) => (called = resolve));
      await log().append(commitOf());
      await first;
      stop();

      const before = calls;
      const other = new Promise<void>((resolve) => log().feed.onAppend(resolve));
      await log().append(commitOf({ version: 2 }));
      await other;
      expect(calls).toBe(before);
    });
  });
}

/** One after the other, as the commands of one stream come: each twice at once, with rivals that may win. */
async function appendAll(log: EventLog, commits: readonly Commit[], rivals = 0): Promise<void> {
  for (const commit of commits) {
    const { stream, version, events } = commit;
    const others = Array.from({ length: rivals }, () => commitOf({ stream, version, events: events.length }));
    const outcomes = await Promise.allSettled([...others, commit, commit].map((one) => log.append(one)));
    if (!outcomes.some(({ status }) => status === 'fulfilled')) throw new Error('none of the rivals won');
  }
}

function expectRising(items: readonly FeedItem[]): void {
  let last = 0;
  for (const { position } of items) {
    expect(position).toBeGreaterThan(last);
    last = position;
  }
}

function inOrderByStream(items: readonly FeedItem[]): Map<string | undefined, Commit[]> {
  const streams = new Map<string | undefined, Commit[]>();
  for (const { commit } of items) {
    const commits = streams.get(commit.stream) ?? [];
    commits.push(commit);
    streams.set(commit.stream, commits);
  }
  return streams;
}
