import type { z } from 'zod';
import { type carriedContext, type Context, withoutCommand } from '#libs/contracts/src/context.js';
import type { RequestContract } from '#libs/contracts/src/messages/request.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { tracing, within } from '#libs/tracing/src/tracing.js';
import type { Reply as Replied } from './answering.js';

/** What crosses the bus beside the payload. */
export type CarriedContext = z.infer<typeof carriedContext>;

/** A request on its way to the app that answers it. */
export interface Asked {
  readonly pattern: string;
  /** JSON, so that nothing is shared between the apps of one process. */
  readonly payload: string;
  readonly context: CarriedContext;
  /** For the bus to set: called when nobody waits any more. */
  onGivenUp?: () => void;
}

/** Resolves to a `Reply`, as JSON. */
export type Ask = (asked: Asked) => Promise<string>;

/** Nobody waits longer for a reply. */
export const LONGEST_WAIT_MS = 10_000;
/** One timer looks over all who wait. */
const LOOK_EVERY_MS = 25;

/** Request and reply between apps. A refusal arrives as the `Problem` that the other app threw. */
export class Requests {
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly ask: Ask) {}

  /** @throws Problem the handler's own, or `unavailable` when no reply came in time */
  send<Schema extends z.ZodType, Reply extends z.ZodType>(
    contract: RequestContract<Schema, Reply>,
    payload: z.input<Schema>,
    context: Context,
    options: SendOptions = {},
  ): Promise<z.output<Reply>> {
    if (!tracing.on) return this.#send(contract, payload, context, options);
    const step = { name: `ask ${contract.pattern}`, kind: 'CLIENT' } as const;
    return within(step, context, (traced) => this.#send(contract, payload, traced, options));
  }

  async #send<Schema extends z.ZodType, Reply extends z.ZodType>(
    contract: RequestContract<Schema, Reply>,
    payload: z.input<Schema>,
    context: Context,
    { timeoutMs = 6_000 }: SendOptions,
  ): Promise<z.output<Reply>> {
    const waiting = new Waiting(
      contract,
      JSON.stringify(payload),
      context.command === undefined ? context : withoutCommand(context),
      performance.now() + Math.min(timeoutMs, LONGEST_WAIT_MS),
    );
    this.#waiting.add(waiting);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    try {
      const reply = JSON.parse(await Promise.race([this.ask(waiting), waiting.refused])) as Replied;
      if ('problem' in reply) throw Problem.fromDocument(reply.problem);
      return reply.reply as z.output<Reply>;
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  #look(): void {
    const now = performance.now();
    for (const waiting of this.#waiting) if (now >= waiting.until) waiting.giveUp();
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

interface SendOptions {
  readonly timeoutMs?: number;
}

class Waiting implements Asked {
  onGivenUp?: () => void;
  readonly refused: Promise<never>;
  #refuse!: (problem: Problem) => void;

  constructor(
    private readonly contract: RequestContract,
    readonly payload: string,
    readonly context: CarriedContext,
    readonly until: number,
  ) {
    this.refused = new Promise((_, reject) => (this.#refuse = reject));
  }

  get pattern(): string {
    return this.contract.pattern;
  }

  giveUp(): void {
    this.onGivenUp?.();
    this.#refuse(new Problem('unavailable', `${this.contract.app} did not answer in time.`, { retryAfter: 1 }));
  }
}
