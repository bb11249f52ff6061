import type { MessageHandler } from '@nestjs/microservices';
import type { Logger } from 'pino';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Context } from '#libs/contracts/src/context.js';
import type { RequestContract } from '#libs/contracts/src/messages/request.js';
import {
  adminPolicyRequests,
  adoptedRequests,
  identityRequests,
  notifyRequests,
  openidRequests,
  personalRequests,
  statusRequests,
  twoFactorRequests,
} from '#libs/contracts/src/messages/requests.js';
import { Problem, type ProblemDocument } from '#libs/contracts/src/problems.js';
import { continued, noteRefusal, tracing } from '#libs/tracing/src/tracing.js';
import { documentOf, outline, problemOf } from './failures.js';

/** What goes back over the bus, as JSON. */
export type Reply = { readonly reply: unknown } | { readonly problem: ProblemDocument };

/** Every request between apps, by pattern. */
export const requestContracts: ReadonlyMap<string, RequestContract> = new Map(
  [
    twoFactorRequests,
    identityRequests,
    adminPolicyRequests,
    notifyRequests,
    openidRequests,
    adoptedRequests,
    personalRequests,
    statusRequests,
  ]
    .flatMap((table) => Object.values<RequestContract>(table))
    .map((contract) => [contract.pattern, contract]),
);

/** Lets a handler of Nest run, whatever it returns: a value, a promise or an observable. */
export async function call(handler: MessageHandler, data: unknown, context?: unknown): Promise<unknown> {
  const result: unknown = await handler(data, context);
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}

/** Answers the requests to one app, whichever transport brings them. Never rejects. */
export class Answering {
  #inHand = 0;
  #idle: (() => void) | undefined;

  constructor(
    private readonly handlers: ReadonlyMap<string, MessageHandler>,
    private readonly logger: Logger,
  ) {}

  /** `payload` as it came, parsed from JSON. */
  answer(pattern: string, payload: unknown, context: Context): Promise<Reply> {
    if (!tracing.on) return this.#answer(pattern, payload, context);
    return continued({ name: `answer ${pattern}`, kind: 'SERVER' }, context, async (traced) => {
      const reply = await this.#answer(pattern, payload, traced);
      if ('problem' in reply) noteRefusal(reply.problem);
      return reply;
    });
  }

  async #answer(pattern: string, payload: unknown, context: Context): Promise<Reply> {
    this.#inHand += 1;
    try {
      return { reply: (await call(this.#handlerOf(pattern), valid(pattern, payload), context)) ?? null };
    } catch (error) {
      const problem = problemOf(error);
      if (problem !== error && problem.status >= 500) {
        this.logger.error({ pattern, error: outline(error) }, 'a request could not be answered');
      }
      return { problem: documentOf(problem) };
    } finally {
      this.#inHand -= 1;
      if (this.#inHand === 0) this.#idle?.();
    }
  }

  /** Resolves when no request is in hand. */
  async idle(): Promise<void> {
    if (this.#inHand > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  #handlerOf(pattern: string): MessageHandler {
    const handler = this.handlers.get(pattern);
    // An app of another release may ask for what this one does not know: that passes by itself.
    if (!handler) throw new Problem('unavailable', `Nothing answers ${pattern} here.`, { retryAfter: 1 });
    return handler;
  }
}

function valid(pattern: string, payload: unknown): unknown {
  const contract = requestContracts.get(pattern);
  if (!contract) throw new Problem('unavailable', `${pattern} is not a known request.`, { retryAfter: 1 });
  const result = contract.schema.safeParse(payload);
  if (result.success) return result.data;
  throw new Problem('malformed-request', `The payload of ${pattern} is malformed.`, {
    errors: result.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
  });
}
