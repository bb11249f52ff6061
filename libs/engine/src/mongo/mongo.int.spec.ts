import { engineContract } from '../testing/engine-contract.js';
import { withMongo } from './testing/with-mongo.js';

await withMongo('an engine in MongoDB', ({ open }) => {
  engineContract('MongoDB', async () => ({ open, remove: async () => undefined }));
});
