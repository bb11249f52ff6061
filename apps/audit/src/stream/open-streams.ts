import { Readable } from 'node:stream';
import { Inject, Injectable, type OnModuleDestroy, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
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
  readonly #open = new Set<AbortController>();

  get count(): number {
    return this.#open.size;
  }

  constructor(
    private readonly authenticator: Authenticator,
    @Optional() @Inject(PATIENCE) private readonly patienceMs = PATIENCE_MS,
  ) {}

  send(request: FastifyRequest, reply: FastifyReply, { endpoint, portal, headers, content }: StreamedReply): void {
    const ending = new AbortController();
    this.#open.add(ending);
    const pace = new Pace(content(ending.signal));
    const body = Readable.from(pace.pieces(), { objectMode: false, highWaterMark: BUFFER });

    const looking = setInterval(() => {
      if (pace.heldUpForMs() > this.patienceMs) body.destroy();
      else void this.#mayRead(request, endpoint, portal).then((may) => (may ? undefined : ending.abort()));
    }, LOOK_AGAIN_MS);
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
    for (const ending of this.#open) ending.abort();
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
