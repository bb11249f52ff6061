import { aContext } from '#libs/contracts/src/testing/contexts.js';
import fc from 'fast-check';
import { type Commit, type EventLog, StoreDamaged, type StoredEvent } from '#libs/engine/src/port.js';
import { sha256 } from '../canonical.js';
import { encodeCommit, recordedEvents } from '../commit.js';
import { firstBreak } from '../testing/first-break.js';
import { altered } from '../testing/altered-log.js';
import { MemoryLog } from '../testing/memory-log.js';
import { count, tally } from '../testing/tally.js';
import { type SeenHead, verifyHeads, verifyLog } from './verify.js';

type Step = { account: number; by: number; later: number };
const steps = fc.array(fc.record({ account: fc.nat(2), by: fc.integer({ min: 1, max: 9 }), later: fc.nat(500) }), {
  minLength: 1,
  maxLength: 20,
});
const fewSteps: Step[] = [0, 1, 0, 2, 0, 1].map((account, i) => ({ account, by: i === 4 ? 9 : 1, later: i }));

/** A log as honest writers leave it: every count of 5 or more is a commit of two events. */
function honestCommits(written: readonly Step[]): Commit[] {
  const heads = new Map<string, { version: number; hash: string }>();
  let at = Date.parse('2026-11-24T09:30:00.000Z');
  return written.map(({ account, by, later }, i) => {
    const stream = account === 0 ? 'demo' : `demo/a${account}`;
    at += later;
    const { events } = count(by, `n${i}`, 5)(tally.initial);
    const context = aContext({ actor: { kind: 'user', id: 'a1' } });
    const commit = encodeCommit(heads.get(stream) ?? null, {
      fold: tally,
      stream,
      commitId: `c${i}`,
      at,
      context,
      events,
    });
    heads.set(stream, endOf(commit));
    return commit;
  });
}
const endOf = ({ version, events }: Commit) => ({
  version: version + events.length - 1,
  hash: events.at(-1)?.hash ?? '',
});

/** A log that holds these commits, whatever they are. */
const logOf = (commits: readonly Commit[]): EventLog =>
  altered(new MemoryLog(), {
    read: async (stream, after = 0) => commits.filter((c) => c.stream === stream && c.version > after),
    head: async (stream) => {
      const last = commits.filter((c) => c.stream === stream).at(-1);
      return last === undefined ? null : endOf(last);
    },
    feed: {
      read: async (after, limit) =>
        commits.slice(after, after + limit).map((commit, i) => ({ position: after + i + 1, commit })),
      onAppend: () => () => {},
    },
  });

async function* asSeen(commits: readonly Commit[]): AsyncGenerator<SeenHead> {
  for (const commit of commits) {
    for (const { streamVersion: version, hash } of recordedEvents(commit))
      yield { stream: commit.stream, version, hash };
  }
}
const kindsOf = (problems: readonly { kind: string }[]) => [...new Set(problems.map(({ kind }) => kind))];
const withByte = (text: string, place: number, by: number) => {
  const bytes = Buffer.from(text);
  const at = place % bytes.length;
  bytes[at] = (bytes[at] as number) ^ (1 + (by % 127));
  return bytes.toString('latin1');
};
const changed = <Item>(items: readonly Item[], at: number, change: (item: Item) => Item) =>
  items.map((item, i) => (i === at ? change(item) : item));

describe('verifyLog', () => {
  it('finds nothing in an honest log, nor do its heads or its consumers', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (written) => {
        const commits = honestCommits(written);
        const streams = [...new Set(commits.map(({ stream }) => stream))];
        const events = commits.flatMap((commit) => commit.events).length;
        expect(await verifyLog(logOf(commits))).toEqual({ events, streams: streams.length, problems: [] });
        expect(await verifyHeads(logOf(commits), asSeen(commits))).toEqual([]);
        for (const stream of streams) {
          expect(firstBreak(commits.filter((c) => c.stream === stream).flatMap(recordedEvents))).toBe(-1);
        }
      }),
    );
  });

  it.each(['counted', 'COunted', 'Count'])('finds a name in the log that was changed to %s', async (name) => {
    const [commit] = honestCommits([{ account: 0, by: 1, later: 0 }]) as [Commit];
    const events = commit.events.map((stored) => ({ ...stored, name }));
    expect((await verifyLog(logOf([{ ...commit, events }]))).problems).not.toEqual([]);
  });

  it('finds any single byte that was changed', async () => {
    const place = fc.record({ commit: fc.nat(), event: fc.nat(), byte: fc.nat(), by: fc.nat() });
    const where = fc.constantFrom('body', 'hash', 'name', 'stream', 'commitId', 'version', 'at');
    await fc.assert(
      fc.asyncProperty(steps, place, where, async (written, { commit, event, byte, by }, field) => {
        const commits = honestCommits(written);
        const alter = (one: Commit): Commit => {
          switch (field) {
            case 'body':
            case 'hash':
            case 'name':
              return {
                ...one,
                events: changed(one.events, event % one.events.length, (stored: StoredEvent) => ({
                  ...stored,
                  [field]: withByte(stored[field], byte, by),
                })),
              };
            case 'stream':
            case 'commitId':
              return { ...one, [field]: withByte(one[field], byte, by) };
            case 'version':
            case 'at':
              return { ...one, [field]: one[field] ^ (1 << (byte % 8)) };
          }
        };
        const report = await verifyLog(logOf(changed(commits, commit % commits.length, alter)));
        expect(report.problems).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('finds a commit that is missing, repeated, forged or in another place', async () => {
    const how = fc.constantFrom('removed', 'repeated', 'forged', 'swapped');
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), how, async (written, place, change) => {
        const commits = honestCommits(written);
        const at = place % commits.length;
        const one = commits[at] as Commit;
        const next = commits.findIndex(({ stream }, i) => i > at && stream === one.stream);
        fc.pre(next > 0 || change === 'repeated');
        const forged = {
          ...one,
          commitId: 'forged',
          events: one.events.map((e) => rehashed(e, one.commitId, 'forged')),
        };
        const altering = {
          removed: () => commits.toSpliced(at, 1),
          repeated: () => commits.toSpliced(at, 0, one),
          forged: () => commits.toSpliced(at, 1, forged),
          swapped: () => commits.with(at, commits[next] as Commit).with(next, one),
        };
        expect(kindsOf((await verifyLog(logOf(altering[change]()))).problems)).toContain('chain-broken');
      }),
    );
  });

  it('tells one damage once, and where', async () => {
    const commits = honestCommits(fewSteps);
    const damaged = changed(commits, 2, (commit) => ({
      ...commit,
      events: changed(commit.events, 0, (stored) => ({ ...stored, body: stored.body.replace('"by":1', '"by":2') })),
    }));
    expect((await verifyLog(logOf(damaged))).problems).toEqual([
      { kind: 'altered', stream: 'demo', version: 2, detail: 'its bytes do not have its hash' },
    ]);
    expect((await verifyLog(logOf(commits.toSpliced(2, 1)))).problems).toEqual([
      { kind: 'chain-broken', stream: 'demo', version: 3, detail: 'stands after event 1' },
    ]);
  });

  it('finds bytes that are not canonical, though they have their hash', async () => {
    const commits = honestCommits(fewSteps.slice(0, 1)).map((commit) => ({
      ...commit,
      events: commit.events.map((stored) => {
        const body = stored.body.replace(':', ': ');
        return { ...stored, body, hash: sha256(body) };
      }),
    }));
    expect(kindsOf((await verifyLog(logOf(commits))).problems)).toEqual(['altered']);
  });

  it('finds a time that goes back and an id that comes twice, though chain and hashes are right', async () => {
    const { fold, context } = { fold: tally, context: aContext() } as const;
    const { events } = count(1, 'n1')(tally.initial);
    const first = encodeCommit(null, { fold, context, stream: 'demo', commitId: 'c1', at: 2_000, events });
    const second = encodeCommit(endOf(first), { fold, context, stream: 'demo', commitId: 'c1', at: 1_000, events });
    expect(kindsOf((await verifyLog(logOf([first, second]))).problems)).toEqual(['time-reversed', 'id-repeated']);
  });

  it('finds a kept head and a stream that say otherwise than the whole log', async () => {
    const commits = honestCommits(fewSteps);
    const log = logOf(commits);
    const oldHead = altered(log, { head: async () => ({ version: 1, hash: 'f'.repeat(64) }) });
    expect(kindsOf((await verifyLog(oldHead)).problems)).toEqual(['chain-broken']);
    const shortStream = altered(log, { read: async (stream) => (await log.read(stream)).slice(0, -1) });
    expect(kindsOf((await verifyLog(shortStream)).problems)).toEqual(['chain-broken']);
  });

  it('reports what the engine refuses to read', async () => {
    const log = logOf(honestCommits(fewSteps));
    const refusing = altered(log, { read: () => Promise.reject(new StoreDamaged('bad page')) });
    expect((await verifyLog(refusing)).problems).toContainEqual({
      kind: 'unreadable',
      stream: 'demo',
      version: 0,
      detail: 'bad page',
    });
    const feed = { ...log.feed, read: () => Promise.reject(new StoreDamaged('bad page')) };
    expect(await verifyLog(altered(log, { feed }))).toMatchObject({ events: 0, problems: [{ kind: 'unreadable' }] });
  });
});

describe('verifyHeads', () => {
  it('finds a tail that was cut, which the log itself cannot tell', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (written, left) => {
        const commits = honestCommits(written);
        const cut = commits.slice(0, left % commits.length);
        expect((await verifyLog(logOf(cut))).problems).toEqual([]);
        const problems = await verifyHeads(logOf(cut), asSeen(commits));
        expect(kindsOf(problems)).toEqual(['cut']);
        expect(problems).toHaveLength(commits.slice(cut.length).flatMap(({ events }) => events).length);
      }),
    );
  });

  it('finds a chain that was computed anew, which the log itself cannot tell', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (written, place) => {
        const commits = honestCommits(written);
        const at = place % written.length;
        const anew = honestCommits(changed(written, at, (step) => ({ ...step, by: step.by === 1 ? 2 : step.by - 1 })));
        expect((await verifyLog(logOf(anew))).problems).toEqual([]);
        const rewritten = await verifyHeads(logOf(anew), asSeen(commits));
        expect(kindsOf(rewritten)).toContain('rewritten');
        expect(rewritten[0]).toMatchObject({ stream: commits[at]?.stream, version: commits[at]?.version });
      }),
    );
  });
});

/** As a forger would: every hash is right for its bytes. */
function rehashed(stored: StoredEvent, id: string, forgedId: string): StoredEvent {
  const body = stored.body.replace(`"id":"${id}.`, `"id":"${forgedId}.`);
  return { ...stored, body, hash: sha256(body) };
}
