import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { Controller, type INestMicroservice, type Type } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import type { Context } from '#libs/contracts/src/context.js';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import type { Engine } from '#libs/engine/src/port.js';
import { encodeCommit } from '#libs/event-store/src/commit.js';
import { KeepErrors } from '../nest/connect.js';
import type { AppBus } from '../port.js';

/** What the handlers of an app under test do; a test replaces the ones that it is about. */
export class Script {
  answer: (payload: { portal: string; accountIds: string[] }, context: Context) => unknown = () => ({ accounts: [] });
  event: (event: RecordedEvent, context: Context) => unknown = () => undefined;
  batch: (events: RecordedEvent[]) => unknown = () => undefined;
}

@Controller()
class AnsweringController {
  constructor(private readonly script: Script) {}

  @MessagePattern(twoFactorRequests.describeAccounts.pattern)
  describe(@Payload() payload: { portal: string; accountIds: string[] }, @Ctx() context: Context): unknown {
    return this.script.answer(payload, context);
  }
}

@Controller()
class EventController {
  constructor(private readonly script: Script) {}

  @EventPattern([twoFactorEvents.AttemptFailed.type, twoFactorEvents.AccountLocked.type])
  async event(@Payload() event: RecordedEvent, @Ctx() context: Context): Promise<void> {
    await this.script.event(event, context);
  }
}

@Controller()
class WildcardController {
  constructor(private readonly script: Script) {}

  @EventPattern<string>('two-factor.*')
  async event(@Payload() event: RecordedEvent, @Ctx() context: Context): Promise<void> {
    await this.script.event(event, context);
  }
}

@Controller()
class BatchController {
  constructor(private readonly script: Script) {}

  @EventPattern('two-factor.*', { batch: true })
  async batch(events: RecordedEvent[]): Promise<void> {
    await this.script.batch(events);
  }
}

export const controllers = {
  /** Answers `two-factor.accounts.describe`. */
  answering: AnsweringController,
  /** Handles attempts that failed and locks. */
  events: EventController,
  /** Handles each event of two-factor. */
  wildcard: WildcardController,
  /** Handles all events of two-factor by the batch. */
  batch: BatchController,
} as const;

/** A Nest application with that controller, listening. */
export async function startApp(bus: AppBus, controller: Type, script = new Script()): Promise<INestMicroservice> {
  const module = await Test.createTestingModule({
    controllers: [controller],
    providers: [{ provide: Script, useValue: script }],
  }).compile();
  const app = module.createNestMicroservice({ strategy: bus.strategy, logger: false });
  app.useGlobalFilters(new KeepErrors());
  await app.listen();
  return app;
}

/** Appends one commit for each of the names to the stream of that account. */
export async function record(engine: Engine, account: string, names: readonly TwoFactorEventName[]): Promise<void> {
  for (const name of names) {
    const stream = `demo/${account}`;
    const head = await engine.log.head(stream);
    const version = (head?.version ?? 0) + 1;
    const commit = encodeCommit(head, {
      fold: { contracts: twoFactorEvents },
      stream,
      commitId: `${account}-${version}`,
      at: 1_795_512_600_000 + version,
      context: aContext(),
      events: [{ type: name, data: twoFactorEvents[name].example }],
    });
    await engine.log.append(commit);
  }
}
export type TwoFactorEventName = keyof typeof twoFactorEvents;
