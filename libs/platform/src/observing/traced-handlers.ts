import type { INestApplication } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { type Traced, tracing, within } from '#libs/tracing/src/tracing.js';

/** Makes every command and query a step of what it is part of. */
export function traceHandlers(app: INestApplication): void {
  if (!tracing.on) return;
  for (const token of [CommandBus, QueryBus]) {
    const bus = anyOf(app, token);
    if (!bus) continue;
    const execute = bus.execute.bind(bus) as (message: object, ...more: unknown[]) => Promise<unknown>;
    bus.execute = (message: { input?: { context?: Traced } }, ...more: unknown[]) =>
      within({ name: message.constructor.name }, message.input?.context ?? {}, () => execute(message, ...more));
  }
}

interface MessageBus {
  execute: (message: never, ...more: never[]) => Promise<unknown>;
}

/** Not every app has commands. */
function anyOf(app: INestApplication, token: typeof CommandBus | typeof QueryBus): MessageBus | undefined {
  try {
    return app.get<MessageBus>(token, { strict: false });
  } catch {
    return undefined;
  }
}
