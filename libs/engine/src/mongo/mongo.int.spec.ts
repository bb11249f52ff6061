import { startMongo } from '#test/support/mongo.js';
import { engineContract } from '../testing/engine-contract.js';
import { openMongoEngine } from './open.js';

const mongo = await startMongo();

if ('missing' in mongo) {
  describe.skip(mongo.missing, () => it('keeps the contract of an engine', () => undefined));
} else {
  let places = 0;
  engineContract('MongoDB', async () => {
    const app = `contract-${places++}`;
    return { open: () => openMongoEngine({ url: mongo.url, app }), remove: async () => undefined };
  });
  afterAll(() => mongo.stop());
}
