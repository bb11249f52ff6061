import type { MessageHandler } from '@nestjs/microservices';
import { type EventContract, type SourceApp, sourceOf } from '#libs/contracts/src/events/event.js';
import { eventContracts, sourceApps } from '#libs/contracts/src/events/events.js';

/** What one app wants of the events of one other. */
export interface Subscription {
  readonly source: SourceApp;
  /** The handler that takes them by the batch; then it is the only one. */
  readonly batch: MessageHandler | undefined;
  /** Handlers of events of that type; none: the event is passed over. */
  readonly handlersOf: (type: string) => readonly MessageHandler[];
}

/**
 * Which patterns event controllers may name, and what their handlers get, `Bus` says.
 *
 * @throws TypeError a pattern that no event can match, or a batch handler beside others
 */
export function subscriptionsOf(handlers: ReadonlyMap<string, MessageHandler>): Subscription[] {
  for (const [pattern, handler] of handlers) checkPattern(pattern, handler);
  return sourceApps
    .filter((source) => [...handlers.keys()].some((pattern) => sourceOf(pattern) === source))
    .map((source) => subscription(source, handlers));
}

function subscription(source: SourceApp, handlers: ReadonlyMap<string, MessageHandler>): Subscription {
  const all = handlers.get(`${source}.*`);
  const batch = all?.extras?.batch === true ? all : undefined;
  if (batch && (batch.next || [...handlers.keys()].filter((pattern) => sourceOf(pattern) === source).length > 1)) {
    throw new TypeError(`an app that takes ${source}.* by the batch has no other handler of ${source}'s events`);
  }
  const byType = new Map<string, readonly MessageHandler[]>();
  const handlersOf = (type: string) => {
    const known = byType.get(type);
    if (known) return known;
    const found = [handlers.get(type), all].filter((handler) => handler !== undefined);
    byType.set(type, found);
    return found;
  };
  return { source, batch, handlersOf };
}

function checkPattern(pattern: string, handler: MessageHandler): void {
  const known: readonly EventContract[] | undefined = eventContracts[sourceOf(pattern)];
  if (!known) throw new TypeError(`no app has the events of the pattern ${pattern}`);
  if (pattern === `${sourceOf(pattern)}.*`) return;
  if (handler.extras?.batch === true) throw new TypeError(`${pattern} cannot be taken by the batch, only .* can`);
  const unversioned = (type: string) => type.slice(0, type.lastIndexOf('.v'));
  if (!known.some(({ type }) => unversioned(type) === unversioned(pattern))) {
    throw new TypeError(`there is no event of the type ${pattern}`);
  }
}
