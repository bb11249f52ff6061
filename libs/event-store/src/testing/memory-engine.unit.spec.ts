import { engineContract } from '#libs/engine/src/testing/engine-contract.js';
import { emptyMemory, MemoryEngine } from './memory-engine.js';

engineContract('memory', async () => {
  const memory = emptyMemory();
  return { open: async () => new MemoryEngine({ memory }), remove: async () => undefined };
});
