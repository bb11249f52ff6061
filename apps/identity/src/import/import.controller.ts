import { Readable } from 'node:stream';
import { Controller, Inject, type OnModuleDestroy, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { NDJSON } from '#libs/contracts/src/http/endpoint.js';
import { IMPORT_LINE_BYTES, type ImportResult } from '#libs/contracts/src/http/import.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { notLines } from '#libs/platform/src/http/body.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { unreadable } from '#libs/platform/src/http/problem-reply.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { LOGGER } from '#libs/platform/src/tokens.js';
import { Portals } from '../registry/portals.js';
import { dryRun, type ImportOne, runImport } from './import-run.js';
import { Importer, refusalOf } from './importer.js';
import { type Line, linesOf } from './lines.js';
import { looksLike } from './looks-like.js';
import { isRefusedLine, parseLine } from './parse-line.js';

const { importAccounts } = identityEndpoints;

/** For the next line to arrive, and for an answer to be taken. */
const PATIENCE_MS = 30_000;
/** In this process: each has lines in memory. */
const MOST_AT_ONCE = 8;
/** Bytes of answers that wait for a slow client. */
const BUFFER = 65_536;

@Controller()
export class ImportController implements OnModuleDestroy {
  readonly #open = new Set<Readable>();
  /** Whose first line has not come yet. */
  #beginning = 0;

  constructor(
    private readonly importer: Importer,
    private readonly portals: Portals,
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Handle(importAccounts)
  async import(
    @In() input: Input<typeof importAccounts>,
    @Req() { body, raw }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { portal } = input.params;
    await this.portals.mustExist(portal);
    if (body !== undefined && !(body instanceof Readable)) throw notLines();
    if (this.#open.size + this.#beginning >= MOST_AT_ONCE)
      throw new Problem('unavailable', `${MOST_AT_ONCE} imports are under way already.`, { retryAfter: 5 });
    const lines = await this.begin(body ?? Readable.from([]));
    const answers = Readable.from(this.answers(lines, input, raw), { objectMode: false, highWaterMark: BUFFER });
    this.#open.add(answers);
    answers.once('close', () => this.#open.delete(answers));
    void reply.header('content-type', NDJSON).send(answers);
  }

  /** A process that stops takes no more lines; those under way are finished, and told to nobody. */
  onModuleDestroy(): void {
    for (const answers of this.#open) answers.destroy();
  }

  /** Reads the first line, so that a file of another format is told as what it is. @throws Problem `malformed-request` */
  private async begin(body: Readable): Promise<AsyncIterable<Line>> {
    const lines = linesOf(body, { mostBytes: IMPORT_LINE_BYTES, patienceMs: PATIENCE_MS });
    this.#beginning += 1;
    const first = await lines.next().finally(() => (this.#beginning -= 1));
    if (first.done) throw unreadable('The body has no line.');
    const { bytes } = first.value;
    const parsed = parseLine(bytes);
    const what = bytes !== null && isRefusedLine(parsed) ? looksLike(bytes) : undefined;
    if (what === undefined) return continued(first.value, lines);
    throw unreadable(`The body looks like ${what}. Send NDJSON: a JSON object for each account, on a line of its own.`);
  }

  private async *answers(
    lines: AsyncIterable<Line>,
    input: Input<typeof importAccounts>,
    { socket }: FastifyRequest['raw'],
  ): AsyncGenerator<string> {
    const { portal } = input.params;
    const dry = input.query.dryRun === 'true';
    const counts = { created: 0, exists: 0, refused: 0 };
    let ended = false;
    let late: NodeJS.Timeout | undefined;
    try {
      for await (const result of runImport(lines, this.importOne(input))) {
        counts[result.outcome] += 1;
        if (!dry) this.metrics.importedLines.inc({ outcome: result.outcome });
        late = setTimeout(() => socket.destroy(), PATIENCE_MS);
        yield lineOf(result);
        clearTimeout(late);
      }
      ended = true;
    } finally {
      clearTimeout(late);
      const { correlationId } = input.context;
      const told = { portal, ...counts, dryRun: dry, correlationId };
      this.logger.info(told, ended ? 'an import ended' : 'an import was cut short');
    }
  }

  private importOne({ params: { portal }, query, context }: Input<typeof importAccounts>): ImportOne {
    const one: ImportOne =
      query.dryRun === 'true'
        ? dryRun(
            async (line) => (await this.importer.existing(portal, line)) ?? { outcome: 'created' },
            this.importer.wouldTake(portal),
          )
        : (line) => this.importer.import(portal, line, context);
    return async (line) => {
      try {
        return await one(line);
      } catch (error) {
        return refusalOf(error);
      }
    };
  }
}

/** Members in the order in which people read them. */
const lineOf = ({ line, outcome, id, field, code, message }: ImportResult): string =>
  `${JSON.stringify({ line, outcome, id, field, code, message })}\n`;

async function* continued(first: Line, rest: AsyncIterable<Line>): AsyncGenerator<Line> {
  yield first;
  yield* rest;
}
