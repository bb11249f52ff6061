import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineContract } from '../testing/engine-contract.js';
import { openEmbeddedEngine } from './open.js';

engineContract('embedded', async () => {
  const path = await mkdtemp(join(tmpdir(), 'engine-'));
  return {
    open: () => openEmbeddedEngine({ path: join(path, 'store'), name: 'contract' }),
    remove: () => rm(path, { recursive: true }),
  };
});
