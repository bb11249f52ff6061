import { randomUUID } from 'node:crypto';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import { requestContracts } from '../../answering.js';
import { documentOf, outline } from '../../failures.js';
import type { Sending } from '../cluster/sending.js';
import type { Topics } from '../cluster/topics.js';
import type { Route } from '../../nest/client.js';
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

/** Requests of one app to the others, and the replies to them. What nobody waits for any more is not sent. */
export class Asking {
  /** By correlation id: takes the reply. */
  readonly #pending = new Map<string, (reply: string) => void>();
  /** By correlation id: sends what was asked before a reply could be read. */
  readonly #held = new Map<string, () => void>();
  #canRead = false;
  #last = 0;

  constructor(private readonly options: AskingOptions) {
    options.replies.onReply = (correlationId, reply) => this.#pending.get(correlationId)?.(reply);
    void options.replies.ready.then(() => {
      this.#canRead = true;
      for (const send of this.#held.values()) send();
      this.#held.clear();
    });
  }

  /** Resolves to a `Reply`, as JSON, within bounded time. Never rejects. */
  readonly ask: Route = async (pattern, payload, asker) => {
    const { topics, app, instance, sending } = this.options;
    const contract = requestContracts.get(pattern);
    if (!contract) return unavailable(`${pattern} is not a known request.`);
    const correlationId = (this.#last += 1).toString(36);
    const reply = this.#reply(correlationId, contract.app);
    const message = {
      key: keyOf(payload),
      value: payload,
      headers: { pattern, 'reply-to': app, instance, 'correlation-id': correlationId },
    };
    const wanted = () => asker.waits && this.#pending.has(correlationId);
    const send = () => {
      sending.soon(topics.requests(contract.app), message, wanted).catch((error: unknown) => {
        this.#pending.get(correlationId)?.(
          unavailable(`${contract.app} cannot be reached: ${outline(error).split(' ')[0]}.`),
        );
      });
    };
    if (this.#canRead) send();
    else this.#held.set(correlationId, send);
    return reply;
  };

  #reply(correlationId: string, asked: AppName): Promise<string> {
    return new Promise((resolve) => {
      const answer = (reply: string) => {
        clearTimeout(timer);
        this.#pending.delete(correlationId);
        this.#held.delete(correlationId);
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
  if (typeof portal === 'string' && typeof accountId === 'string') return streamOfAccount({ portal, accountId });
  if (typeof challenge === 'string') return challenge;
  return typeof stream === 'string' ? stream : randomUUID();
}
