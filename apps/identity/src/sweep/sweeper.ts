import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Clock } from '#libs/platform/src/clock.js';
import { Repeated } from '#libs/platform/src/running/repeated.js';
import { CLOCK, LOGGER } from '#libs/platform/src/tokens.js';
import { Deletions } from '../deletion/deletions.js';
import { PasswordKinds } from '../passwords/imported/password-kinds.js';
import { NewPassword } from '../passwords/new-password.js';
import { Directory } from '../directory/directory.js';
import { ExternalIds } from '../registry/external-ids.js';
import { SsoSubjects } from '../registry/sso-subjects.js';
import { Usernames } from '../registry/usernames.js';
import { SessionChanges } from '../sessions/session-changes.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';

const EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;

/** At the start and once a minute: finishes what a crash left half done, and deletes what has expired. Once an hour: counts what slows logins. */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly minutely: Repeated;
  private readonly hourly: Repeated;
  private stopping = false;

  constructor(
    private readonly deletions: Deletions,
    private readonly directory: Directory,
    private readonly newPassword: NewPassword,
    private readonly passwordKinds: PasswordKinds,
    private readonly sessionChanges: SessionChanges,
    private readonly usernames: Usernames,
    private readonly externalIds: ExternalIds,
    private readonly ssoSubjects: SsoSubjects,
    private readonly expiries: Expiries,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.minutely = new Repeated(
      () => this.sweep(),
      EVERY_MS,
      (err) => this.logger.warn({ err }, 'sweep failed; retrying in a minute'),
    );
    this.hourly = new Repeated(
      () => this.passwordKinds.recount(),
      HOUR_MS,
      (err) => this.logger.warn({ err }, 'imported passwords could not be counted; retrying in an hour'),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.deletions.applyListed();
    await this.sweep();
    this.minutely.start();
    this.hourly.start();
    // nobody has to wait for it but who lists
    void this.directory.openIndex().catch((err: unknown) => {
      if (!this.stopping) this.logger.warn({ err }, 'names could not be opened; the next list of accounts tries again');
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.all([this.minutely.stop(), this.hourly.stop()]);
  }

  async sweep(): Promise<void> {
    await this.deletions.finishAll();
    await this.directory.catchUp();
    await this.newPassword.finishAll();
    await this.sessionChanges.finishAll();
    for (const claims of [this.usernames, this.externalIds, this.ssoSubjects]) await claims.finishAll();
    const swept = await this.expiries.sweep(this.clock());
    if (swept > 0) this.logger.debug({ swept }, 'expired records deleted');
  }
}
