import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { BrokenChainError, type Coverage, type Head, headOf, isNext, readHead, streamOf, writeHead } from './chain.js';

/**
 * Where positions are kept: short texts by key. Whoever writes them in the transaction of what an event does, has each event done
 * exactly once; else it may be done again after a crash. Where two processes may have one stream at once, as while a group of
 * consumers shares out its partitions anew, the transaction must be serializable: it reads the position before it writes it.
 */
export interface Positions<Tx = void> {
  load(key: string): Promise<string | undefined> | string | undefined;
  /** All of them or none. `tx`: what the handler gave to `save`. */
  save(position: Readonly<Record<string, string>>, tx?: Tx): Promise<void> | void;
}

/** @param save keeps that the event was handled; done after the handler if it did not. */
export type Handle<Tx = void> = (event: ReadableEvent, save: (tx?: Tx) => Promise<void>) => Promise<void> | void;

/** An event on its way in. */
export interface Received {
  readonly event: ReadableEvent;
  /** For people: where it was read. */
  readonly place: string;
  /** Where to go on after it, if that is not kept by where it comes from. */
  readonly position?: Readonly<Record<string, string>>;
}

/** Where events come from: `overHttp`, `overKafka`. */
export interface EventSource {
  readonly coverage: Coverage;
  /** Ends with the signal. Events of one stream are taken one after the other. */
  read(context: {
    readonly load: (key: string) => Promise<string | undefined>;
    readonly take: (received: Received) => Promise<void>;
    readonly signal: AbortSignal;
  }): Promise<void>;
}

export interface FollowOptions<Tx = void> {
  readonly positions: Positions<Tx>;
  readonly handle: Handle<Tx>;
  /** Ends it between two events. */
  readonly signal?: AbortSignal;
}

/** Heads of so many streams are remembered; those of others are loaded. */
const REMEMBERED = 10_000;

/**
 * Hands each event to the handler, those of a stream in order, until the signal tells. Each has been checked to be what was recorded, after
 * the one before it; what was handled before is passed over.
 * @throws BrokenChainError @throws ProblemError the product refuses @throws whatever the handler throws: the event comes again at the next start
 */
export async function follow<Tx = void>(
  source: EventSource,
  { positions, handle, signal = new AbortController().signal }: FollowOptions<Tx>,
): Promise<void> {
  const heads = new Map<string, Head>();
  const load = async (key: string) => positions.load(key);
  const isNew = async ({ event, place }: Received): Promise<boolean> => {
    const stream = streamOf(event);
    const remembered = heads.get(stream);
    if (remembered) {
      try {
        return isNext(event, remembered, source.coverage, place);
      } catch (error) {
        if (!(error instanceof BrokenChainError)) throw error;
        // another consumer of the group may have gone on with the stream meanwhile
        heads.delete(stream);
      }
    }
    const saved = await load(stream);
    return isNext(event, saved === undefined ? undefined : readHead(saved), source.coverage, place);
  };

  async function take(received: Received): Promise<void> {
    const { event, position } = received;
    const stream = streamOf(event);
    if (!(await isNew(received))) return;
    const head = headOf(event);
    let saved = false;
    const save = async (tx?: Tx) => {
      await positions.save({ ...position, [stream]: writeHead(head) }, tx);
      saved = true;
    };
    heads.delete(stream);
    await handle(event, save);
    if (!saved) await save();
    heads.set(stream, head);
    if (heads.size > REMEMBERED) heads.delete(heads.keys().next().value!);
  }

  await source.read({ load, take, signal });
}
