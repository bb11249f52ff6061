import { appNames } from '#libs/contracts/src/http/endpoint.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { busContract } from '../testing/bus-contract.js';
import { inProcessGround } from '../testing/in-process-ground.js';

busContract('in process, engines in memory', async () =>
  inProcessGround(new Map(appNames.map((app) => [app, new MemoryEngine()]))),
);
