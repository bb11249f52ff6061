import { setTimeout as sleep } from 'node:timers/promises';
import { auditApp } from '#apps/audit/src/audit.module.js';
import type { Engine } from '#libs/engine/src/port.js';
import { createInProcessBus } from '#libs/messaging/src/in-process/bus.js';
import type { AppBus } from '#libs/messaging/src/port.js';
import { createApp } from '#libs/platform/src/app.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { createLogger } from '#libs/platform/src/observing/logger.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { APP_BUS } from '#libs/platform/src/tokens.js';

/** What it costs audit to take in one event of a log, in microseconds: by the bus, until it can be read. */
export async function ingestCost(source: Engine, audit: Engine, config: Config): Promise<number> {
  const events = await countOf(source);
  const logger = createLogger('silent');
  const bus = createInProcessBus({ logger });
  const metrics = new Metrics();
  const context = { app: 'audit', config, clock: Date.now, logger, engine: audit, bus, metrics } as const;
  const app = await createApp(auditApp, context);
  const before = process.cpuUsage();
  // only now is there something to take in
  bus.join('two-factor', source);
  while (!(await isThrough(app.get<AppBus>(APP_BUS), source))) await sleep(20);
  const { user, system } = process.cpuUsage(before);
  await app.close();
  await bus.close();
  return (user + system) / events;
}

async function isThrough(bus: AppBus, { log }: Engine): Promise<boolean> {
  const position = bus.health().find(({ source }) => source === 'two-factor')?.position ?? 0;
  return (await log.feed.read(position, 1)).length === 0;
}

async function countOf({ log }: Engine): Promise<number> {
  let events = 0;
  for (let after = 0; ;) {
    const items = await log.feed.read(after, 500);
    const last = items.at(-1);
    if (last === undefined) return events;
    after = last.position;
    for (const { commit } of items) events += commit.events.length;
  }
}
