import { randomUUID } from 'node:crypto';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { requestContracts } from '../../answering.js';
import { documentOf, outline } from '../../failures.js';
import type { Sending } from '../cluster/sending.js';
import type { Topics } from '../cluster/topics.js';
import type { RepliesReader } from './replies-reader.js';

/** `Requests` waits less: this is for whoever waits without end. */
export const LONGEST_WAIT_MS = 10_000;

interface AskingOptions {
  readonly app: AppName;
  readonly instance: string;
  readonly topics: Topics;
  readonly sending: Sending;
  readonly replies: RepliesReader;
}

/** Requests of one app to the others, and the replies to them. */
export class Asking {
  readonly #pending = new Map<string, (reply: string) => void>();
  #last = 0;

  constructor(private readonly options: AskingOptions) {
    options.replies.onReply = (correlationId, reply) => this.#pending.get(correlationId)?.(reply);
  }

  /** Resolves to a `Reply`, as JSON, within bounded time. Never rejects. */
  readonly ask = async (pattern: string, payload: string): Promise<string> => {
    const { topics, app, instance, sending, replies } = this.options;
    const contract = requestContracts.get(pattern);
    if (!contract) return unavailable(`${pattern} is no request of this system.`);
    const correlationId = (this.#last += 1).toString(36);
    const reply = this.#reply(correlationId, contract.app);
    replies.ready
      .then(() =>
        sending.soon(topics.requests(contract.app), {
          key: keyOf(payload),
          value: payload,
          headers: { pattern, 'reply-to': app, instance, 'correlation-id': correlationId },
        }),
      )
      .catch((error: unknown) => {
        this.#pending.get(correlationId)?.(
          unavailable(`${contract.app} cannot be reached: ${outline(error).split(' ')[0]}.`),
        );
      });
    return reply;
  };

  #reply(correlationId: string, asked: AppName): Promise<string> {
    return new Promise((resolve) => {
      const answer = (reply: string) => {
        clearTimeout(timer);
        this.#pending.delete(correlationId);
        resolve(reply);
      };
      const timer = setTimeout(() => answer(unavailable(`${asked} did not answer in time.`)), LONGEST_WAIT_MS);
      this.#pending.set(correlationId, answer);
    });
  }

  /** What still waits will not be answered. */
  close(): void {
    for (const answer of this.#pending.values()) answer(unavailable('The bus is closed.'));
  }
}

const unavailable = (detail: string): string =>
  JSON.stringify({ problem: documentOf(new Problem('unavailable', detail, { retryAfter: 1 })) });

/** One account's requests go to one instance, whose memory of it is fresh, as do those of one challenge; others to any. */
function keyOf(payload: string): string {
  const { portal, accountId, stream, challenge } = JSON.parse(payload) as Record<string, unknown>;
  if (typeof portal === 'string' && typeof accountId === 'string') return `${portal}/${accountId}`;
  if (typeof challenge === 'string') return challenge;
  return typeof stream === 'string' ? stream : randomUUID();
}
