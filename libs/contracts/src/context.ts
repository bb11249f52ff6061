import { z } from 'zod';
import { type Actor, actor, type EventContext, eventContext } from './events/event.js';
import { MAX_USER_AGENT } from './limits.js';

/** Where an act came from, as far as it was told. Personal (R42): sealed wherever it is kept. */
export const client = z
  .strictObject({
    address: z.string().max(64).optional(),
    userAgent: z.string().max(MAX_USER_AGENT).optional(),
    toldBy: z
      .literal('gateway')
      .optional()
      .meta({ description: 'A gateway says so of its user; else the connection itself was seen.' }),
  })
  .meta({ id: 'Origin' });
export type Client = z.infer<typeof client>;

/** The context as it crosses the bus. Members that another release knows are passed over. */
export const carriedContext = z.object({ ...eventContext.shape, actor, client: client.optional() });

/**
 * Who acts, and what made them act: one value, made at the entrance, handed on whole to everything that follows from it, and
 * recorded with what is decided. `command` belongs to the app that received it and is not handed on to another.
 */
export interface Context extends Readonly<z.infer<typeof carriedContext>> {
  /** Of a command that may be delivered again: its answer is recorded with the commit. */
  readonly command?: {
    readonly id: string;
    readonly digest: string;
    /** True: it was not delivered before, so the log is not asked for it unless another process was first. */
    readonly first?: boolean;
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A caller's own id is taken if it is a UUID: it stands in logs, so it is no place for text. */
export const correlationIdFrom = (given: unknown): string =>
  typeof given === 'string' && uuid.test(given) ? given : crypto.randomUUID();

const traceparent = /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * The trace that a caller is in (W3C Trace Context §3.2); undefined: none, or not told as the standard says. A later version of
 * it is taken as the one that is known here, with the flag that both have.
 */
export function traceparentFrom(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const [, version, ids, flags, rest] = traceparent.exec(given) ?? [];
  if (version === undefined) return undefined;
  if (version === '00') return rest === undefined ? given : undefined;
  return `00-${ids}-0${Number.parseInt(flags!, 16) & 1}`;
}

/** What an app does by itself. */
export const systemContext = (): Context => ({
  actor: { kind: 'system' },
  correlationId: crypto.randomUUID(),
  entrance: 'system',
});

/** What an app does by itself because of an event: in the same request. */
export const becauseOf = ({ id, context }: { readonly id: string; readonly context: EventContext }): Context => ({
  actor: { kind: 'system' },
  correlationId: context.correlationId,
  entrance: 'system',
  causationId: id,
  ...(context.traceparent !== undefined && { traceparent: context.traceparent }),
});

/** The same request, by somebody who has been recognized since. */
export const actingAs = (context: Context, by: Actor): Context => ({ ...context, actor: by });
export const actingAsUser = (context: Context, id: string): Context => actingAs(context, { kind: 'user', id });

/** For what follows from a command in the same stream: its own commit would be taken for the command's. */
export const withoutCommand = ({ command: _, ...context }: Context): Context => context;
