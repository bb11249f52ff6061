import { randomUUID } from 'node:crypto';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import { requestContracts } from '../../answering.js';
import { documentOf, outline } from '../../failures.js';
import type { Ask } from '../../requests.js';
import type { Sending } from '../cluster/sending.js';
import type { Topics } from '../cluster/topics.js';
import type { RepliesReader } from './replies-reader.js';

interface AskingOptions {
  readonly app: AppName;
  readonly instance: string;
  readonly topics: Topics;
  readonly sending: Sending;
  readonly replies: RepliesReader;
}

/** Requests of one app to the others, and the replies to them. What nobody waits for any more is not sent. */
export class Asking {
  /** By the id of the request: takes the reply. */
  readonly #pending = new Map<string, (reply: string) => void>();
  /** By the id of the request: sends what was asked before a reply could be read. */
  readonly #held = new Map<string, () => void>();
  #canRead = false;
  #last = 0;

  constructor(private readonly options: AskingOptions) {
    options.replies.onReply = (requestId, reply) => this.#settle(requestId, reply);
    void options.replies.ready.then(() => {
      this.#canRead = true;
      for (const send of this.#held.values()) send();
      this.#held.clear();
    });
  }

  /** Resolves to a `Reply`, as JSON, if one comes while somebody waits. Never rejects. */
  readonly ask: Ask = (asked) => {
    const { topics, app, instance, sending } = this.options;
    const contract = requestContracts.get(asked.pattern);
    if (!contract) return Promise.resolve(unavailable(`${asked.pattern} is not a known request.`));
    const requestId = (this.#last += 1).toString(36);
    const headers = {
      pattern: asked.pattern,
      'reply-to': app,
      instance,
      'correlation-id': requestId,
      context: JSON.stringify(asked.context),
    };
    const message = { key: keyOf(asked.payload), value: asked.payload, headers };
    const send = () => {
      sending
        .soon(topics.requests(contract.app), message, () => this.#pending.has(requestId))
        .catch((error: unknown) => {
          this.#settle(requestId, unavailable(`${contract.app} cannot be reached: ${outline(error).split(' ')[0]}.`));
        });
    };
    asked.onGivenUp = () => this.#forget(requestId);
    return new Promise((resolve) => {
      this.#pending.set(requestId, resolve);
      if (this.#canRead) send();
      else this.#held.set(requestId, send);
    });
  };

  /** What still waits will not be answered. */
  close(): void {
    for (const requestId of [...this.#pending.keys()]) {
      this.#settle(requestId, unavailable('The bus is closed.'));
    }
  }

  #settle(requestId: string, reply: string): void {
    const resolve = this.#pending.get(requestId);
    this.#forget(requestId);
    resolve?.(reply);
  }

  #forget(requestId: string): void {
    this.#pending.delete(requestId);
    this.#held.delete(requestId);
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
