import { Readable } from 'node:stream';
import { Inject, Injectable, type OnModuleDestroy, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { accessOf, refusalOf } from '#libs/platform/src/auth/access.js';
import { Authenticator } from '#libs/platform/src/auth/authenticator.js';

/** A session ends everywhere within a second (R28). */
const LOOK_AGAIN_MS = 500;
/** Who takes nothing for so long is cut off, and may resume. */
const PATIENCE_MS = 20_000;
/** To be provided by who wants another. */
export const PATIENCE = Symbol('Patience with slow clients in milliseconds');
/** Bytes that wait in the process for a slow client, beside what the system buffers. */
const BUFFER = 65_536;

/** Streams and exports of one portal at a time, in this process: one portal's clients leave room for the others'. */
export const MOST_OF_A_PORTAL = 100;

export interface StreamedReply {
  readonly endpoint: Endpoint;
  readonly portal: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends, or throws, when the signal tells that the caller may read no longer. */
  readonly content: (signal: AbortSignal) => AsyncIterable<string>;
}

/** Answers that go on for long: only while their caller still may have them, and only as fast as they are taken. */
@Injectable()
export class OpenStreams implements OnModuleDestroy {
  /** Each with its portal. */
  readonly #open = new Map<AbortController, string>();

  get count(): number {
    return this.#open.size;
  }

  constructor(
    private readonly authenticator: Authenticator,
    @Optional() @Inject(PATIENCE) private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** @throws Problem `unavailable`: the portal has too many of them open */
  send(request: FastifyRequest, reply: FastifyReply, { endpoint, portal, headers, content }: StreamedReply): void {
    if ([...this.#open.values()].filter((one) => one === portal).length >= MOST_OF_A_PORTAL) {
      const detail = `The portal already has ${MOST_OF_A_PORTAL} streams and exports open.`;
      throw new Problem('unavailable', detail, { retryAfter: 5 });
    }
    const ending = new AbortController();
    this.#open.set(ending, portal);
    const pace = new Pace(content(ending.signal));
    const body = Readable.from(pace.pieces(), { objectMode: false, highWaterMark: BUFFER });

    let asking = false;
    const look = async () => {
      if (pace.heldUpForMs() > this.patienceMs) body.destroy();
      if (asking || body.destroyed) return;
      asking = true;
      if (!(await this.#mayRead(request, endpoint, portal))) ending.abort();
      asking = false;
    };
    const looking = setInterval(() => void look(), LOOK_AGAIN_MS);
    body.once('close', () => {
      clearInterval(looking);
      this.#open.delete(ending);
      ending.abort();
    });
    // What waits for events learns here that nobody does any more.
    reply.raw.once('close', () => ending.abort());
    void reply.headers(headers).send(body);
  }

  /** Not proved, for whatever reason, is not allowed: who still may, resumes. */
  async #mayRead(request: FastifyRequest, endpoint: Endpoint, portal: string): Promise<boolean> {
    try {
      const caller = await this.authenticator.authenticate(request.headers.authorization);
      return refusalOf(accessOf(endpoint), caller, portal) === null;
    } catch {
      return false;
    }
  }

  onModuleDestroy(): void {
    for (const ending of this.#open.keys()) ending.abort();
  }
}

/** Knows for how long a piece has been waiting to be taken. */
class Pace {
  #offeredAt: number | null = null;

  constructor(private readonly source: AsyncIterable<string>) {}

  async *pieces(): AsyncGenerator<string> {
    for await (const piece of this.source) {
      this.#offeredAt = performance.now();
      yield piece;
      this.#offeredAt = null;
    }
  }

  heldUpForMs(): number {
    return this.#offeredAt === null ? 0 : performance.now() - this.#offeredAt;
  }
}
