import { z } from 'zod';
import { type Actor, actor } from './events/event.js';
import { opaqueId } from './primitives.js';

/** The context as it crosses the bus. Members that another release knows are passed over. */
export const carriedContext = z.object({
  actor,
  correlationId: opaqueId.meta({ description: 'Of the request that began it all.' }),
  causationId: z.string().max(256).optional().meta({ description: 'Of the event or the command that caused it.' }),
});

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

/** What an app does by itself. */
export const systemContext = ({
  correlationId = crypto.randomUUID(),
  causationId,
}: { correlationId?: string | undefined; causationId?: string } = {}): Context => ({
  actor: { kind: 'system' },
  correlationId,
  ...(causationId !== undefined && { causationId }),
});

/** The same request, by somebody who has been recognized since. */
export const actingAs = (context: Context, by: Actor): Context => ({ ...context, actor: by });
export const actingAsUser = (context: Context, id: string): Context => actingAs(context, { kind: 'user', id });

/** For what follows from a command in the same stream: its own commit would be taken for the command's. */
export const withoutCommand = ({ command: _, ...context }: Context): Context => context;
