import fc from 'fast-check';
import { type Commit, type EventLog, VersionConflict } from '../port.js';
import { commitOf, commitsOf, everything } from './commits.js';
import { feedContract } from './feed-contract.js';
import type { EngineUnderTest } from './place.js';

export function logContract(underTest: EngineUnderTest): void {
  const log = (): EventLog => underTest.engine.log;

  describe('append', () => {
    it('keeps a commit as it was given, byte for byte', async () => {
      const commit = commitOf({
        events: ['{"text":"ä € 😀 \u2028 \\n \\u0000"}', '{}'],
        metadata: {
          command: { id: 'x"\n', digest: 'd', answer: { a: [1, null] } },
        },
      });
      await log().append(commit);
      expect(await log().read(commit.stream)).toEqual([commit]);
    });

    it('takes the same commit again without effect', async () => {
      const [first, second] = commitsOf('portal/account', [2, 1]) as [Commit, Commit];
      await log().append(first);
      await log().append(first);
      await log().append(second);
      await log().append(first);
      expect(await log().read(first.stream)).toEqual([first, second]);
      expect(await everything(log())).toHaveLength(2);
    });

    it('takes the same commit many times at once as one', async () => {
      const commit = commitOf();
      await Promise.all(Array.from({ length: 16 }, () => log().append(commit)));
      expect(await log().read(commit.stream)).toEqual([commit]);
      expect(await everything(log())).toHaveLength(1);
    });

    it('refuses another commit at a version that is taken, and names the stream and the version', async () => {
      await log().append(commitOf({ stream: 'portal/a' }));
      const refused = log().append(commitOf({ stream: 'portal/a' }));
      await expect(refused).rejects.toThrow(VersionConflict);
      await expect(refused).rejects.toMatchObject({ stream: 'portal/a', version: 1 });
    });

    it.each([
      ['a stream that does not begin at 1', [], 2],
      ['a gap', [1], 3],
      ['a version within the events of a commit', [3], 2],
      ['the last event of a commit', [3], 3],
      ['a gap after several events', [1, 3], 6],
    ])('refuses %s, and leaves no trace', async (_, events, version) => {
      const before = commitsOf('portal/account', events);
      for (const commit of before) await log().append(commit);
      await expect(log().append(commitOf({ version }))).rejects.toThrow(VersionConflict);
      expect(await log().read('portal/account')).toEqual(before);
      expect(await everything(log())).toHaveLength(before.length);
    });

    it('lets one of 64 have a version that all want at the same moment', async () => {
      const rivals = Array.from({ length: 64 }, (_, i) => commitOf({ events: 1 + (i % 3) }));
      const outcomes = await Promise.allSettled(rivals.map((commit) => log().append(commit)));
      const winners = rivals.filter((_, i) => outcomes[i]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(VersionConflict);
      }
      expect(await log().read('portal/account')).toEqual(winners);
    });

    it('ends where a simple model ends, whatever is appended', async () => {
      let run = 0;
      const wish = fc.record({
        stream: fc.nat(2),
        version: fc.integer({ min: 1, max: 6 }),
        events: fc.integer({ min: 1, max: 3 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(wish, { maxLength: 20 }), async (wishes) => {
          run++;
          const model = new Map<string, Commit[]>();
          for (const { stream, version, events } of wishes) {
            const commit = commitOf({ stream: `p${run}/${stream}`, version, events });
            const there = model.get(commit.stream) ?? [];
            const free = endOf(there) === version - 1;
            if (free) {
              await log().append(commit);
              model.set(commit.stream, [...there, commit]);
            } else {
              await expect(log().append(commit)).rejects.toThrow(VersionConflict);
            }
          }
          for (const [stream, commits] of model) {
            expect(await log().read(stream)).toEqual(commits);
            const last = commits.at(-1);
            expect(await log().head(stream)).toEqual({ version: endOf(commits), hash: last?.events.at(-1)?.hash });
          }
        }),
        { numRuns: 20 },
      );
    });
  });

  describe('read', () => {
    it('gives the commits whose first event is after a version', async () => {
      const [first, second, third] = commitsOf('portal/account', [2, 3, 1]) as [Commit, Commit, Commit];
      for (const commit of [first, second, third]) await log().append(commit);
      const after = (version: number): Promise<Commit[]> => log().read('portal/account', version);
      expect(await after(0)).toEqual([first, second, third]);
      expect(await after(1)).toEqual([second, third]);
      expect(await after(2)).toEqual([second, third]);
      expect(await after(3)).toEqual([third]);
      expect(await after(5)).toEqual([third]);
      expect(await after(6)).toEqual([]);
    });

    it('gives nothing of a stream that is not there', async () => {
      expect(await log().read('nobody')).toEqual([]);
      expect(await log().head('nobody')).toBeNull();
    });

    it('keeps streams apart whose names begin alike', async () => {
      const streams = ['p', 'p/', 'p/a', 'p/a/b', 'p/aa', 'p\u0000', 'p\u0000a', 'P'];
      const commits = streams.map((stream) => commitOf({ stream }));
      for (const commit of commits) await log().append(commit);
      for (const commit of commits) {
        expect(await log().read(commit.stream)).toEqual([commit]);
        expect(await log().head(commit.stream)).toEqual({ version: 1, hash: commit.events[0]?.hash });
      }
    });

    it('gives a long stream whole', async () => {
      const commits = commitsOf(
        'portal/long',
        Array.from({ length: 1300 }, () => 1),
      );
      for (const commit of commits) await log().append(commit);
      expect(await log().read('portal/long')).toEqual(commits);
      expect(await log().read('portal/long', 1290)).toEqual(commits.slice(1290));
    });
  });

  describe('findCommand', () => {
    const answering = (id: string, parts: { stream?: string; version?: number } = {}): Commit =>
      commitOf({ ...parts, metadata: { command: { id, digest: 'digest', answer: { passed: true } } } });

    it('finds the commit of the stream that answered a command', async () => {
      const id = 'x'.repeat(3000);
      const commit = answering(id);
      await log().append(commit);
      await log().append(commitOf({ version: 2 }));
      expect(await log().findCommand('portal/account', id)).toEqual(commit);
      expect(await log().findCommand('portal/account', 'another')).toBeNull();
      expect(await log().findCommand('portal/other', id)).toBeNull();
    });

    it('finds the first one when two commits name the same command', async () => {
      const first = answering('command');
      await log().append(first);
      await log().append(answering('command', { version: 2 }));
      expect(await log().findCommand('portal/account', 'command')).toEqual(first);
    });

    it('does not find a commit that was refused', async () => {
      await log().append(commitOf());
      await expect(log().append(answering('command'))).rejects.toThrow(VersionConflict);
      expect(await log().findCommand('portal/account', 'command')).toBeNull();
    });
  });

  it('has everything again when it is opened anew, and goes on from there', async () => {
    const commits = commitsOf('portal/account', [1, 2, 1]);
    const asked = commitOf({ stream: 'portal', metadata: { command: { id: 'asked', digest: 'd', answer: null } } });
    for (const commit of [...commits, asked]) await log().append(commit);
    const before = await everything(log());

    await underTest.reopen();
    expect(await log().read('portal/account')).toEqual(commits);
    expect(await log().findCommand('portal', 'asked')).toEqual(asked);
    expect(await everything(log())).toEqual(before);
    await expect(log().append(commitOf({ version: 4 }))).rejects.toThrow(VersionConflict);

    const next = commitOf({ version: 5 });
    await log().append(next);
    const after = await everything(log());
    expect(after.slice(0, -1)).toEqual(before);
    expect(after.at(-1)?.commit).toEqual(next);
    expect(after.at(-1)?.position).toBeGreaterThan(before.at(-1)?.position ?? Infinity);
  });

  feedContract(log);
}

function endOf(commits: readonly Commit[]): number {
  return commits.reduce((end, { events }) => end + events.length, 0);
}
