import type { ClientProxy } from '@nestjs/microservices';
import { firstValueFrom, timeout, TimeoutError } from 'rxjs';
import type { z } from 'zod';
import type { RequestContract } from '#libs/contracts/src/messages/request.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Origin } from '#libs/event-store/src/decision.js';

/** What a handler of requests gets as `@Ctx()` on a bus that may deliver a request again after a crash. */
export interface RequestDelivery {
  /** The same at each delivery. */
  readonly id: string;
  /** False: it may have been delivered before. */
  readonly first: boolean;
}

/** For the origin of what the handler records: delivered again, the request gets the answer that is recorded. */
export const commandOf = (delivery: RequestDelivery | undefined): Pick<Origin, 'command'> =>
  delivery ? { command: { id: `request/${delivery.id}`, digest: '', first: delivery.first } } : {};

/** Request and reply between apps. A refusal arrives as the `Problem` that the other app threw. */
export class Requests {
  constructor(private readonly client: ClientProxy) {}

  /** @throws Problem the handler's own, or `unavailable` when no reply came in time */
  async send<Schema extends z.ZodType, Reply extends z.ZodType>(
    contract: RequestContract<Schema, Reply>,
    payload: z.input<Schema>,
    { timeoutMs = 6_000 }: { timeoutMs?: number } = {},
  ): Promise<z.output<Reply>> {
    try {
      return await firstValueFrom(
        this.client.send<z.output<Reply>>(contract.pattern, payload).pipe(timeout(timeoutMs)),
      );
    } catch (error) {
      if (error instanceof TimeoutError) {
        throw new Problem('unavailable', `${contract.app} did not answer in time.`, { retryAfter: 1 });
      }
      throw error;
    }
  }
}
