import { Inject, Injectable } from '@nestjs/common';
import * as openid from 'openid-client';
import type { Logger } from 'pino';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { RecentCounts } from '#libs/platform/src/throttle/recent-counts.js';
import { CLOCK, LOGGER } from '#libs/platform/src/tokens.js';

/** A provider's failures are logged so often at most, for each portal. */
const LOG_AGAIN_MS = 60_000;
const MOST_PORTALS = 10_000;

/** Of the library's errors those that a person's own answer brings about, not a provider that fails. */
const ofTheAnswer: ReadonlySet<unknown> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
]);

/** What goes wrong between here and a portal's identity provider, as people and whoever runs the installation are told. */
@Injectable()
export class ProviderFailures {
  private readonly logged = new RecentCounts(LOG_AGAIN_MS, MOST_PORTALS, 1);

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Neither the person nor their answer is to blame. */
  unusable(portal: string, error: unknown): Problem {
    if (error instanceof Problem) return error;
    this.log(portal, error);
    const detail = "The portal's identity provider cannot be used at the moment.";
    return new Problem('unavailable', detail, { retryAfter: 5 });
  }

  /** Anybody can bring about as many failures as they like. */
  private log(portal: string, error: unknown): void {
    if (this.logged.recent(portal, this.clock()) > 0) return;
    this.logged.add(portal, this.clock());
    this.logger.warn({ portal, reason: reasonOf(error) }, 'the identity provider of a portal cannot be used');
  }

  /** When a code was to be redeemed. Says nothing of what the provider has written. */
  notRedeemed(portal: string, error: unknown): Problem {
    const isRefused = error instanceof openid.ResponseBodyError && error.error === 'invalid_grant';
    const isWrong = error instanceof openid.ClientError && ofTheAnswer.has(error.code);
    if (!isRefused && !isWrong) return this.unusable(portal, error);
    return Problem.answer('invalid-credentials', 'The answer of the identity provider is not accepted here.');
  }
}

/** For whoever looks why: codes of the protocol and words of our own; never a token. */
function reasonOf(error: unknown): string {
  if (error instanceof openid.ResponseBodyError)
    return `${error.status} ${/^[a-z_]{1,64}$/.exec(error.error)?.[0] ?? ''}`;
  if (!(error instanceof Error)) return 'unknown';
  const { cause, message, name, code } = error as Error & { code?: string };
  const said = [name, code, message].filter((text) => text !== undefined).join(' ');
  return cause instanceof Error ? `${said}: ${cause.name} ${cause.message}` : said;
}
