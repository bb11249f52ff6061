import { commitOf } from '../../testing/commits.js';
import type { CommitDocument } from '../schemas.js';
import { type BareEngine, withMongo } from '../testing/with-mongo.js';
import { documentOf } from './commit-document.js';
import { GroupCommit } from './group-commit.js';

const first = (stream: string): CommitDocument => documentOf(commitOf({ stream }), null);

await withMongo('group commit', ({ openBare }) => {
  let bare: BareEngine;
  let group: GroupCommit;
  beforeEach(async () => {
    bare = await openBare();
    group = new GroupCommit(bare.connection, bare.commits);
  });

  const insertAll = async (documents: readonly CommitDocument[]): Promise<boolean[]> => {
    const fates = await Promise.all(documents.map((document) => group.insert(document)));
    return fates.map(({ written }) => written);
  };
  /** Documents in each of the bulks that were sent. */
  const bulks = (): number[] =>
    bare.sent
      .filter(({ commandName }) => commandName === 'insert')
      .map(({ command }) => (command as { documents: unknown[] }).documents.length);

  it('writes what comes at once in one bulk, and what comes meanwhile in few', async () => {
    const written = await Promise.all(
      Array.from({ length: 64 }, async (_, i) => [
        ...(await insertAll([first(`a/${i}`)])),
        ...(await insertAll([first(`b/${i}`)])),
        ...(await insertAll([first(`c/${i}`)])),
      ]),
    );
    expect(written.flat()).toEqual(Array.from({ length: 192 }, () => true));
    expect(bulks()[0]).toBe(64);
    expect(bulks().length).toBeLessThan(12);
    expect(await bare.commits.countDocuments()).toBe(192);
  });

  it('tells each caller of a bulk its own fate', async () => {
    const taken = [first('portal/1'), first('portal/3'), first('portal/5')];
    expect(await insertAll(taken)).toEqual([true, true, true]);
    const mixed = Array.from({ length: 7 }, (_, i) => first(`portal/${i}`));
    const written = await insertAll([...mixed, first('portal/6')]);
    expect(bulks()).toEqual([3, 8]);
    expect(written).toEqual([true, false, true, false, true, false, true, false]);
    const stored = await bare.commits.find().toArray();
    expect(new Set(stored.map(({ commitId }) => commitId))).toEqual(
      new Set([...taken, ...mixed.filter((_, i) => written[i])].map(({ commitId }) => commitId)),
    );
  });

  it('takes nothing for written that no answer has told of', async () => {
    await bare.connection.close();
    expect(await insertAll([first('portal/a'), first('portal/b')])).toEqual([false, false]);
  });
});
