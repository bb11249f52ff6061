import type { MessageHandler } from '@nestjs/microservices';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { requestContracts } from '../answering.js';
import { commandsPattern } from '../commands.js';
import { type Subscription, subscriptionsOf } from '../consuming/subscriptions.js';
import type { Handlers } from './server.js';

export interface SortedHandlers {
  readonly requests: ReadonlyMap<string, MessageHandler>;
  readonly subscriptions: readonly Subscription[];
  /** Of signed commands from outside, where the app takes any. */
  readonly commands: MessageHandler | undefined;
}

/** @throws TypeError a pattern that nothing on the bus can match */
export function sortHandlers(app: AppName, handlers: Handlers): SortedHandlers {
  const events = new Map<string, MessageHandler>();
  const requests = new Map<string, MessageHandler>();
  for (const [pattern, handler] of handlers) (handler.isEventHandler ? events : requests).set(pattern, handler);
  const commands = requests.get(commandsPattern(app));
  requests.delete(commandsPattern(app));
  for (const pattern of requests.keys()) {
    if (requestContracts.get(pattern)?.app !== app) throw new TypeError(`${pattern} is no request that ${app} answers`);
  }
  return { requests, subscriptions: subscriptionsOf(events), commands };
}
