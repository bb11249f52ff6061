import { Inject, Injectable } from '@nestjs/common';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '#libs/platform/src/clock.js';
import { RecentCounts } from '#libs/platform/src/throttle/recent-counts.js';
import { sourceOf } from '#libs/platform/src/throttle/source.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { renderTooMany } from './pages.js';

/** Of one address within a minute: as many as a large office behind one address has at nine in the morning. */
export const MOST_WRITES = 300;
const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 10_000;
/** What anybody can have stored, without proving who they are: interactions, pushed requests, sessions of nobody. */
const writing: ReadonlySet<string> = new Set(['/auth', '/request', '/session/end']);

/**
 * Limits what one address can have stored without anybody's leave, at each endpoint by itself. In memory: a restart forgets,
 * another instance counts for itself. What a client that proves who it is pushes does not count: its people all come from one
 * address.
 */
@Injectable()
export class WriteLimit {
  private readonly counts = new RecentCounts(WINDOW_MS, MOST_ADDRESSES, MOST_WRITES);

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Stands before the provider; `ctx.ip` is the client's. */
  async admit(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    if (!writing.has(ctx.path) || ctx.method === 'OPTIONS') return next();
    const source = `${ctx.path} ${sourceOf(ctx.ip)}`;
    if (this.counts.possible(source, this.clock()) >= MOST_WRITES) {
      const waitMs = this.counts.untilBelow(source, MOST_WRITES, this.clock());
      return refuse(ctx, Math.max(1, Math.ceil(waitMs / 1_000)));
    }
    this.counts.begin(source);
    try {
      await next();
    } finally {
      this.counts.end(source);
      if (isCounted(ctx)) this.counts.add(source, this.clock());
    }
  }
}

/** What was stored without a proof, by a secret or a signature, of who asks; and each proof that was wrong. */
function isCounted({ path, status, oidc }: KoaContextWithOIDC): boolean {
  const isProved = path === '/request' && (oidc?.client?.clientAuthMethod ?? 'none') !== 'none';
  return status === 401 || (status < 400 && !isProved);
}

/** RFC 9126 §2.3, RFC 6585 §4. */
function refuse(ctx: KoaContextWithOIDC, retryAfter: number): void {
  ctx.status = 429;
  ctx.set('retry-after', String(retryAfter));
  ctx.set('cache-control', 'no-store');
  if (ctx.accepts('json', 'html') === 'html') return renderTooMany(ctx);
  ctx.body = { error: 'temporarily_unavailable', error_description: 'too many requests from this address' };
}
