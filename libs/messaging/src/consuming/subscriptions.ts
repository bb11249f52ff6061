import type { MessageHandler } from '@nestjs/microservices';
import { appOf, type SourceApp, typesOf } from '#libs/contracts/src/events/event.js';
import { contractOf, eventContracts, sourceApps } from '#libs/contracts/src/events/events.js';

/** What one app wants of the events of one other. */
export interface Subscription {
  readonly source: SourceApp;
  /** The handler that takes them by the batch; then it is the only one. */
  readonly batch: MessageHandler | undefined;
  /** Names of the events that handlers name. By these the app acts. */
  readonly named: ReadonlySet<string>;
  /** Handlers of events of that type; none: the event is passed over. */
  readonly handlersOf: (type: string) => Handlers;
}

export interface Handlers {
  /** Names the event, in its present version: gets all versions in the present shape. */
  readonly named?: MessageHandler | undefined;
  /** Takes all events of the source, as they were recorded. */
  readonly all?: MessageHandler | undefined;
}

export const isHandled = ({ named, all }: Handlers): boolean => named !== undefined || all !== undefined;

/**
 * Which patterns event controllers may name, and what their handlers get, `Bus` says.
 *
 * @throws TypeError a pattern that no event can match, or a batch handler beside others
 */
export function subscriptionsOf(handlers: ReadonlyMap<string, MessageHandler>): Subscription[] {
  for (const [pattern, handler] of handlers) checkPattern(pattern, handler);
  return sourceApps
    .filter((source) => [...handlers.keys()].some((pattern) => appOf(pattern) === source))
    .map((source) => subscription(source, handlers));
}

function subscription(source: SourceApp, handlers: ReadonlyMap<string, MessageHandler>): Subscription {
  const all = handlers.get(`${source}.*`);
  const batch = all?.extras?.batch === true ? all : undefined;
  if (batch && (batch.next || [...handlers.keys()].filter((pattern) => appOf(pattern) === source).length > 1)) {
    throw new TypeError(`an app that takes ${source}.* by the batch has no other handler of ${source}'s events`);
  }
  const contracts = eventContracts[source].filter(({ type }) => handlers.has(type));
  const byType = new Map(
    contracts.flatMap((contract) => typesOf(contract).map((type) => [type, handlers.get(contract.type)])),
  );
  const named = new Set(contracts.map(({ name }) => name));
  return { source, batch, named, handlersOf: (type) => ({ named: byType.get(type), all }) };
}

function checkPattern(pattern: string, handler: MessageHandler): void {
  if (!sourceApps.includes(appOf(pattern))) throw new TypeError(`no app has the events of the pattern ${pattern}`);
  if (pattern === `${appOf(pattern)}.*`) return;
  if (handler.extras?.batch === true) throw new TypeError(`${pattern} cannot be taken by the batch, only .* can`);
  if (contractOf(pattern)?.type !== pattern) throw new TypeError(`no event is recorded as ${pattern} now`);
}
