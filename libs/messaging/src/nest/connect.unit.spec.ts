import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { type CanActivate, Controller, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { pino } from 'pino';
import { adoptedRequests, twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { adoptedController } from '../adopting/adopted.controller.js';
import { Adoptions } from '../adopting/adoptions.js';
import { connectBus } from './connect.js';
import { createInProcessBus } from '../in-process/bus.js';
import type { AppBus } from '../port.js';
import { Requests } from '../requests.js';

@Injectable()
class Starts implements OnApplicationBootstrap {
  count = 0;
  onApplicationBootstrap(): void {
    this.count += 1;
  }
}

@Controller()
class RefusingController {
  @MessagePattern(twoFactorRequests.describeAccounts.pattern)
  describe(): never {
    throw new Problem('not-found', 'Nobody here.');
  }
}

class NobodyPasses implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

async function hybrid(bus: AppBus): Promise<NestFastifyApplication> {
  const module = await Test.createTestingModule({
    controllers: [RefusingController, adoptedController('two-factor')],
    providers: [Starts, { provide: Adoptions, useValue: bus.adoptions }],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  app.useGlobalGuards(new NobodyPasses());
  connectBus(app, bus);
  await app.init();
  await app.startAllMicroservices();
  return app;
}

describe('an app with HTTP, connected to the bus', () => {
  const engine = new MemoryEngine();
  const bus = createInProcessBus({ logger: pino({ level: 'silent' }) });
  let app: NestFastifyApplication;
  let requests: Requests;

  beforeAll(async () => {
    app = await hybrid(bus.join('two-factor', engine));
    requests = new Requests(bus.join('identity', new MemoryEngine()).ask);
  });
  afterAll(() => bus.close());

  it('starts once', () => {
    expect(app.get(Starts).count).toBe(1);
  });

  it('answers with its own problems, past the guards of its HTTP side', async () => {
    const refused = requests.send(twoFactorRequests.describeAccounts, { portal: 'demo', accountIds: [] }, aContext());
    await expect(refused).rejects.toMatchObject({ code: 'not-found', detail: 'Nobody here.' });
  });

  it('tells when it has adopted a change', async () => {
    const recorded = { source: 'admin-policy' as const, stream: 'demo', versions: { SettingsChanged: 3 } };
    const adopted = requests.send(adoptedRequests['two-factor'], recorded, aContext());
    await engine.records<number>('adoptions').put(['admin-policy', 'demo'], 3);
    await expect(adopted).resolves.toEqual({});
  });

  it('is gone from the bus once it is closed', async () => {
    await app.close();
    const refused = requests.send(twoFactorRequests.describeAccounts, { portal: 'demo', accountIds: [] }, aContext());
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
    const again = await hybrid(bus.join('two-factor', engine));
    await again.close();
  });
});
