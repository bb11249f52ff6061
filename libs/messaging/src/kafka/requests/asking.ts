import { createHash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import { requestContracts } from '../../answering.js';
import { documentOf, outline } from '../../failures.js';
import type { Ask } from '../../requests.js';
import type { Sending } from '../cluster/sending.js';
import type { Topics } from '../cluster/topics.js';
import type { RepliesReader } from './replies-reader.js';
import { type Purpose, type RequestSealer, requestText, type Sealed } from './sealed.js';

interface AskingOptions {
  readonly app: AppName;
  readonly instance: string;
  readonly topics: Topics;
  readonly sending: Sending;
  readonly sealer: RequestSealer;
  readonly replies: RepliesReader;
  readonly logger: Logger;
}

interface Pending {
  readonly pattern: string;
  readonly resolve: (reply: string) => void;
}

/** Requests of one app to the others, and the replies to them. What nobody waits for any more is not sent. */
export class Asking {
  /** By the id of the request. */
  readonly #pending = new Map<string, Pending>();
  /** By the id of the request: sends what was asked before a reply could be read. */
  readonly #held = new Map<string, () => void>();
  #canRead = false;
  #last = 0;
  #told = false;

  constructor(private readonly options: AskingOptions) {
    options.replies.onReply = (requestId, reply) => this.#take(requestId, reply);
    void options.replies.ready.then(() => {
      this.#canRead = true;
      for (const send of this.#held.values()) send();
      this.#held.clear();
    });
  }

  /** Resolves to a `Reply`, as JSON, if one comes while somebody waits. Never rejects. */
  readonly ask: Ask = (asked) => {
    const { topics, app, instance, sending, sealer } = this.options;
    const { pattern, payload, context } = asked;
    const contract = requestContracts.get(pattern);
    if (!contract) return Promise.resolve(unavailable(`${pattern} is not a known request.`));
    const requestId = (this.#last += 1).toString(36);
    const send = () => {
      const { keyId, value } = sealer.seal(requestText(payload, context), this.#purpose('request', pattern, requestId));
      const headers = { pattern, 'reply-to': app, instance, 'correlation-id': requestId, 'key-id': keyId };
      const message = { key: keyOf(payload), value, headers };
      sending
        .soon(topics.requests(contract.app), message, () => this.#pending.has(requestId))
        .catch((error: unknown) => {
          this.#settle(requestId, unavailable(`${contract.app} cannot be reached: ${outline(error).split(' ')[0]}.`));
        });
    };
    asked.onGivenUp = () => this.#forget(requestId);
    return new Promise((resolve) => {
      this.#pending.set(requestId, { pattern, resolve });
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

  /** One that does not open counts as none: anybody who may write there could have sent it. */
  #take(requestId: string, { keyId, value }: Sealed): void {
    const pending = this.#pending.get(requestId);
    if (!pending) return;
    const reply = this.options.sealer.open(keyId, value, this.#purpose('reply', pending.pattern, requestId));
    if (typeof reply === 'string') return this.#settle(requestId, reply);
    if (!this.#told) this.options.logger.error('a reply cannot be opened; is BUS_KEYS the same for all apps?');
    this.#told = true;
  }

  #purpose(direction: Purpose['direction'], pattern: string, requestId: string): Purpose {
    const { app, instance } = this.options;
    return { direction, pattern, replyTo: app, instance, requestId };
  }

  #settle(requestId: string, reply: string): void {
    const pending = this.#pending.get(requestId);
    this.#forget(requestId);
    pending?.resolve(reply);
  }

  #forget(requestId: string): void {
    this.#pending.delete(requestId);
    this.#held.delete(requestId);
  }
}

const unavailable = (detail: string): string =>
  JSON.stringify({ problem: documentOf(new Problem('unavailable', detail, { retryAfter: 1 })) });

/** One account's requests go to one instance, whose memory of it is fresh, as do those of one challenge; others to any. */
function keyOf(payload: string): string | Buffer {
  const { portal, accountId, stream, challenge } = JSON.parse(payload) as Record<string, unknown>;
  if (typeof portal === 'string' && typeof accountId === 'string') return streamOfAccount({ portal, accountId });
  // whoever has a challenge may pass it, so the key tells nothing of it
  if (typeof challenge === 'string') return createHash('sha256').update(challenge).digest().subarray(0, 2);
  return typeof stream === 'string' ? stream : randomUUID();
}
