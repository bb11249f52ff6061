import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type AppDefinition, createApp } from '#libs/platform/src/app.js';
import { createLogger } from '#libs/platform/src/observing/logger.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { as, type Owner } from '../runtime/scheduler.js';
import type { World } from './world.js';

/** One instance of one app. It dies without a word: nothing of it goes on, and what it had not stored is gone. */
export class Process implements Owner {
  alive = true;
  /** Milliseconds by which its clock is off. */
  skew = 0;
  app: NestFastifyApplication | undefined;
  #die = (): void => {};
  /** Resolves when it dies. */
  readonly dead = new Promise<void>((resolve) => (this.#die = resolve));

  constructor(
    readonly name: string,
    readonly definition: AppDefinition,
    private readonly world: World,
  ) {}

  /** True: it serves. */
  async start(): Promise<void> {
    const { world, definition } = this;
    const { name: app } = definition;
    await as(this, async () => {
      const clock = () => Math.floor(world.scheduler.now + this.skew);
      const logger = createLogger('warn', { write: (line) => world.logged(this.name, line) });
      const metrics = new Metrics();
      const bus = world.network.busOf(this, logger, clock);
      const engine = world.database(app).for(this);
      this.app = await createApp(definition, { app, config: world.config, clock, logger, engine, bus, metrics });
    });
  }

  kill(): void {
    this.alive = false;
    this.app = undefined;
    this.world.network.died(this);
    this.#die();
  }
}
