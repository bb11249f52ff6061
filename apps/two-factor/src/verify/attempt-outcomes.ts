import { Injectable } from '@nestjs/common';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import type { TypedCode } from '../accounts/code-reader.js';
import type { Passed } from '../second-factor/attempts.js';
import { isRefusal, type Refusal } from '../second-factor/errors.js';

/** Counts how attempts end, at every entrance. Codes that are refused unread stand here and not in the log (R30). */
@Injectable()
export class AttemptOutcomes {
  constructor(private readonly metrics: Metrics) {}

  refusedUnread({ refused: reason }: Pick<Refusal, 'refused'>): void {
    this.metrics.attemptsRefused.inc({ reason });
  }

  /** Malformed text is no attempt (R27). */
  lookedAt({ code }: TypedCode, answer: Passed | Refusal): void {
    const outcome = isRefusal(answer) ? answer.refused : 'passed';
    if (outcome === 'malformed-code') return;
    this.metrics.attempts.inc({ method: code === undefined ? 'backup-code' : 'totp', outcome });
  }
}
