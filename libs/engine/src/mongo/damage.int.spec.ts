import { StoreDamaged, StoreUnavailable } from '../port.js';
import { commitOf, commitsOf } from '../testing/commits.js';
import type { RecordDocument } from './schemas.js';
import { openMongoEngine } from './open.js';
import { type BareEngine, withMongo } from './testing/with-mongo.js';

await withMongo('what is stored in MongoDB and was not written', ({ open, openBare }) => {
  let bare: BareEngine;
  beforeEach(async () => {
    bare = await openBare();
  });
  const alter = async (version: number, change: object): Promise<void> => {
    const { modifiedCount } = await bare.commits.updateOne({ stream: 'portal/account', version }, { $set: change });
    expect(modifiedCount).toBe(1);
  };

  it.each([
    ['another body', { 'events.0.body': '{}' }],
    ['another hash', { 'events.0.hash': 'f'.repeat(64) }],
    ['no events', { events: [] }],
    ['a body that is no text', { 'events.0.body': 7 }],
    ['a time that is none', { at: 'now' }],
  ])('is refused: %s', async (_, change) => {
    const command = { id: 'x', digest: 'd', answer: 1 };
    await bare.engine.log.append(commitOf({ metadata: { command } }));
    await alter(1, change);
    const engine = await open();
    const { log } = engine;
    await engine.check();
    await expect(log.read('portal/account')).rejects.toThrow(StoreDamaged);
    await expect(engine.check()).rejects.toThrow(StoreDamaged);
    await expect(log.head('portal/account')).rejects.toThrow(StoreDamaged);
    await expect(log.findCommand('portal/account', 'x')).rejects.toThrow(StoreDamaged);
    await expect(log.feed.read(0, 10)).rejects.toThrow(StoreDamaged);
  });

  it('is refused: a stream that lacks a commit', async () => {
    for (const commit of commitsOf('portal/account', [1, 2, 1, 1])) await bare.engine.log.append(commit);
    await bare.commits.deleteOne({ stream: 'portal/account', version: 2 });
    const { log } = await open();
    await expect(log.read('portal/account')).rejects.toThrow(StoreDamaged);
    await expect(log.read('portal/account', 1)).rejects.toThrow(StoreDamaged);
    await expect(log.read('portal/account', 2)).rejects.toThrow(StoreDamaged);
    expect(await log.read('portal/account', 3)).toHaveLength(2);
    await bare.commits.deleteOne({ stream: 'portal/account', version: 1 });
    await expect(log.read('portal/account')).rejects.toThrow(StoreDamaged);
  });

  it('is no present: a stream that ends before what was seen of it', async () => {
    for (const commit of commitsOf('portal/account', [1, 1])) await bare.engine.log.append(commit);
    await bare.commits.deleteOne({ stream: 'portal/account', version: 2 });
    const { log } = bare.engine;
    await expect(log.head('portal/account')).rejects.toThrow(StoreUnavailable);
    await expect(log.read('portal/account')).rejects.toThrow(StoreUnavailable);
    await expect(log.read('portal/account', 1)).rejects.toThrow(StoreUnavailable);
  });

  it('is refused: a record that is not JSON', async () => {
    const things = bare.engine.records('things');
    await things.put(['a'], 1);
    const documents = bare.connection.collection<RecordDocument>(
      bare.commits.collectionName.replace('commits', 'records'),
    );
    await documents.updateOne({ collection: 'things' }, { $set: { value: '{' } });
    await expect(things.get(['a'])).rejects.toThrow(StoreDamaged);
    await expect(things.list({})).rejects.toThrow(StoreDamaged);
  });
});

describe('the URL of a server that is away', () => {
  it('is told without being quoted', async () => {
    const opened = openMongoEngine({ url: 'mongodb://user:secret@127.0.0.1:1/', app: 'app' });
    await expect(opened).rejects.toThrow(StoreUnavailable);
    await expect(opened).rejects.not.toThrow(/secret/);
  });
});
