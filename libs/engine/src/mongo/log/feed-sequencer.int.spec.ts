import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { type Commit, StoreDamaged } from '../../port.js';
import { commitOf, commitsOf } from '../../testing/commits.js';
import type { CommitDocument } from '../schemas.js';
import { type BareEngine, withMongo } from '../testing/with-mongo.js';
import { documentOf } from './commit-document.js';
import type { FeedEnd } from './feed-sequencer.js';

/** The documents of commits that follow each other in one stream. */
function chained(commits: readonly Commit[]): CommitDocument[] {
  const documents: CommitDocument[] = [];
  for (const commit of commits) documents.push(documentOf(commit, documents.at(-1)?._id ?? null));
  return documents;
}

const idOf = ({ _id }: CommitDocument): string => _id.toHexString();

await withMongo('places in the feed', ({ open, openBare }) => {
  let bare: BareEngine;
  beforeEach(async () => {
    bare = await openBare();
  });
  const insert = (documents: readonly CommitDocument[]) => bare.commits.insertMany([...documents]);
  const moveEnd = (end: FeedEnd) => bare.engine.records<FeedEnd>('end of the feed').put(['end'], end);
  const feed = async (after = 0): Promise<[number, Commit][]> =>
    (await bare.engine.log.feed.read(after, 100)).map(({ position, commit }) => [position, commit]);

  it('are those that were given, when the one who gave them died before it wrote them down', async () => {
    const commits = commitsOf('portal/a', [1, 2, 1]);
    const [one, two, three] = chained(commits) as [CommitDocument, CommitDocument, CommitDocument];
    const other = documentOf(commitOf({ stream: 'portal/b' }), null);
    await insert([other, one, two, three]);
    await moveEnd({ position: 2, ids: [idOf(one), idOf(other)] });
    const places = await feed();
    expect(places.map(([position, { stream, version }]) => [position, stream, version])).toEqual([
      [1, 'portal/a', 1],
      [2, 'portal/b', 1],
    ]);
    expect((await feed(2)).map(([position, commit]) => [position, commit])).toEqual([
      [3, commits[1]],
      [4, commits[2]],
    ]);
  });

  it('stay as they are when someone writes them down late', async () => {
    const ends = bare.engine.records<FeedEnd>('end of the feed');
    for (const commit of commitsOf('portal/a', [1, 1])) await bare.engine.log.append(commit);
    const places = await feed();
    const before = await ends.get(['end']);
    await bare.engine.log.append(commitOf({ stream: 'portal/a', version: 3 }));
    expect(await feed(2)).toHaveLength(1);
    const after = await ends.get(['end']);
    if (before === undefined || after === undefined) throw new Error('there is no end');

    // To one who knows nothing of it, as if it had been held up since.
    await moveEnd(before);
    expect(await (await open()).log.feed.read(0, 2)).toEqual(
      places.map(([position, commit]) => ({ position, commit })),
    );
    await moveEnd(after);
    expect((await feed()).slice(0, 2)).toEqual(places);
    expect((await feed()).map(([position]) => position)).toEqual([1, 2, 3]);
  });

  it('are read from the server only of what another process has written', async () => {
    const reads = () =>
      bare.sent.filter(({ command }) => Object.hasOwn((command as { filter?: object }).filter ?? {}, 'position'))
        .length;
    const commits = commitsOf('portal/a', [1, 2, 1]);
    for (const commit of commits) await bare.engine.log.append(commit);
    expect((await feed()).map(([, commit]) => commit)).toEqual(commits);
    expect((await feed(1)).map(([position, commit]) => [position, commit])).toEqual([
      [2, commits[1]],
      [3, commits[2]],
    ]);
    expect(reads()).toBe(0);
    const others = commitOf({ stream: 'portal/b' });
    await (await open()).log.append(others);
    expect(await feed(3)).toEqual([[4, others]]);
    expect(reads()).toBe(1);
  });

  it('may be left empty, and what is behind is found', async () => {
    const [one, two] = chained(commitsOf('portal/a', [1, 1])) as [CommitDocument, CommitDocument];
    await insert([one]);
    expect(await feed()).toHaveLength(1);
    await insert([two]);
    await moveEnd({ position: 3, ids: [idOf(one), idOf(two)] });
    expect((await feed()).map(([position]) => position)).toEqual([1, 3]);
    expect((await bare.engine.log.feed.read(1, 1)).map(({ position }) => position)).toEqual([3]);
  });

  it('are not given to a commit before the one that it follows', async () => {
    const commits = commitsOf('portal/a', [1, 1, 1]);
    const [one, two, three] = chained(commits) as [CommitDocument, CommitDocument, CommitDocument];
    const other = commitOf({ stream: 'portal/b' });
    await insert([three, documentOf(other, null)]);
    expect((await feed()).map(([, commit]) => commit)).toEqual([other]);
    await insert([two]);
    await expect(feed(1)).rejects.toThrow(StoreDamaged);
    await insert([one]);
    expect((await feed(1)).map(([, commit]) => commit)).toEqual(commits);
  });

  it('are found for what is followed, however many wait before it', async () => {
    // As two processes write, one of whose clocks is an hour ahead: what comes first looks younger.
    const young = Math.floor(Date.now() / 1_000) + 3_600;
    const streams = Array.from({ length: 300 }, (_, i) => commitsOf(`portal/${i}`, [1, 1]) as [Commit, Commit]);
    for (const [first, second] of streams) {
      const _id = new mongoose.mongo.ObjectId(young.toString(16) + randomBytes(8).toString('hex'));
      await insert([{ ...documentOf(first, null), _id, pending: _id }, documentOf(second, _id)]);
    }
    const seen: Commit[] = [];
    for (let after = 0; seen.length < 600;) {
      const items = await bare.engine.log.feed.read(after, 500);
      expect(items).not.toEqual([]);
      seen.push(...items.map(({ commit }) => commit));
      after = items.at(-1)?.position ?? after;
    }
    const ends = new Map<string, number>();
    for (const { stream, version } of seen) {
      expect(version).toBe((ends.get(stream) ?? 0) + 1);
      ends.set(stream, version);
    }
  });
});
