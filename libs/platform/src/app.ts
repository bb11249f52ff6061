import 'reflect-metadata';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { connectBus } from '#libs/messaging/src/nest/connect.js';
import { EndpointGuard } from './auth/guard.js';
import { createAdapter } from './http/fastify.js';
import { HttpProblems } from './http/problem-filter.js';
import { traceHandlers } from './observing/traced-handlers.js';
import { NestLogger } from './observing/logger.js';
import { PlatformModule } from './platform.module.js';
import type { AppContext } from './tokens.js';

export interface AppDefinition {
  readonly name: AppName;
  readonly module: Type;
}

/**
 * The app, initialised and on the bus, without a port of its own: `serve` gives it one, tests `inject`.
 * `close()` ends its work and leaves the bus; the bus and the engine belong to who made them.
 */
export async function createApp(definition: AppDefinition, context: AppContext): Promise<NestFastifyApplication> {
  const { bus, engine, config, logger, metrics } = context;
  const appBus = bus.join(definition.name, engine);

  @Module({ imports: [PlatformModule.of(context, appBus), definition.module] })
  class Root {}

  const app = await NestFactory.create<NestFastifyApplication>(Root, createAdapter(config, logger, metrics), {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalGuards(app.get(EndpointGuard));
  app.useGlobalFilters(new HttpProblems(logger));

  connectBus(app, appBus);
  try {
    await app.init();
    traceHandlers(app);
    await app.getHttpAdapter().getInstance().ready();
    await app.startAllMicroservices();
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}
