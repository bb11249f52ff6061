import { Inject, Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { Logger } from 'pino';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { LOGGER } from '#libs/platform/src/tokens.js';
import type { ChainBreak } from '../trail/chain-breaks.js';

const NAME = 'twinlock_audit_chain_breaks_total';

/** Tells the operator of a break at once; the auditor finds it in the records. */
@Injectable()
export class ChainAlarm {
  readonly #breaks: Counter<'source' | 'kind'>;

  constructor(
    { registry }: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#breaks =
      (registry.getSingleMetric(NAME) as Counter<'source' | 'kind'> | undefined) ??
      new Counter({
        name: NAME,
        help: 'Events that broke the hash chain of their stream, by kind.',
        labelNames: ['source', 'kind'],
        registers: [registry],
      });
  }

  raise(breaks: readonly ChainBreak[]): void {
    for (const { kind, source, stream, version, eventId, after } of breaks) {
      this.#breaks.inc({ source, kind });
      this.logger.error({ kind, source, stream, version, eventId, after }, 'the hash chain of a stream is broken');
    }
  }
}
