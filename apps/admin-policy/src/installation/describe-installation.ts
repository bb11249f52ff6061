import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import type { Context } from '#libs/contracts/src/context.js';
import type { AppStatus, Installation, InstalledApp, Verification } from '#libs/contracts/src/installation.js';
import { statusRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { outline } from '#libs/messaging/src/failures.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { LastVerification } from '#libs/platform/src/observing/last-verification.js';
import { OwnStatus } from '#libs/platform/src/observing/own-status.js';
import { LOGGER } from '#libs/platform/src/tokens.js';

type Asked = keyof typeof statusRequests;

/** An app that is away is not waited for any longer. */
const PATIENCE_MS = 5_000;

/**
 * How each app is, as one of its instances says, and what `twinlock verify` said last. The others are asked over the bus, so that
 * no more apps than now have the operator's token; one that does not answer there cannot do its work either.
 */
export class DescribeInstallation extends QueryOf<{ readonly context: Context }, Installation> {}

@QueryHandler(DescribeInstallation)
export class DescribeInstallationHandler implements IQueryHandler<DescribeInstallation> {
  constructor(
    private readonly own: OwnStatus,
    private readonly requests: Requests,
    private readonly verification: LastVerification,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async execute({ input: { context } }: DescribeInstallation): Promise<Installation> {
    const [own, identity, twoFactor, audit, openid, verification] = await Promise.all([
      this.own.describe(),
      this.ask('identity', context),
      this.ask('two-factor', context),
      this.ask('audit', context),
      this.ask('openid', context),
      this.lastVerification(),
    ]);
    const apps = [
      installed('identity', identity),
      installed('two-factor', twoFactor),
      installed('admin-policy', own),
      installed('audit', audit),
      installed('openid', openid),
    ];
    // it runs where people are mailed, and has no topics where it has never run
    if ([own, identity].some((status) => status?.mails)) {
      apps.push(installed('notify', await this.ask('notify', context)));
    }
    return { apps, ...(verification !== undefined && { verification }) };
  }

  /** Undefined: it does not answer. */
  private async ask(app: Asked, context: Context): Promise<AppStatus | undefined> {
    try {
      return await this.requests.send(statusRequests[app], {}, context, { timeoutMs: PATIENCE_MS });
    } catch (error) {
      if (error instanceof Problem) return undefined;
      throw error;
    }
  }

  /** Null: none was recorded. Undefined: it cannot be read now. */
  private async lastVerification(): Promise<Verification | null | undefined> {
    try {
      return (await this.verification.read()) ?? null;
    } catch (error) {
      this.logger.warn({ error: outline(error) }, 'the outcome of the last verification cannot be read');
      return undefined;
    }
  }
}

function installed(app: InstalledApp['app'], status: AppStatus | undefined): InstalledApp {
  if (status === undefined) return { app, status: 'unreachable' };
  const { mails: _, ...told } = status;
  return { app, ...told };
}
