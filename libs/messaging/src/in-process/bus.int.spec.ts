import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { type AppName, appNames } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import { busContract } from '../testing/bus-contract.js';
import { inProcessGround } from '../testing/in-process-ground.js';

busContract('in process, embedded engines', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'twinlock-bus-'));
  const engines = new Map<AppName, Engine>();
  for (const app of appNames) engines.set(app, await openEmbeddedEngine({ path: join(directory, app), name: app }));
  const ground = inProcessGround(engines);
  return {
    ...ground,
    close: async () => {
      await ground.close();
      await rm(directory, { recursive: true });
    },
  };
});
