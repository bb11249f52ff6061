import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { TwoFactorSummary } from '#libs/contracts/src/http/identity.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { Directory } from '../directory/directory.js';
import { Requirements } from '../enrolment/requirements.js';
import { Portals } from '../registry/portals.js';

export class SummariseTwoFactor extends QueryOf<{ readonly portal: string }, TwoFactorSummary> {}

@QueryHandler(SummariseTwoFactor)
export class SummariseTwoFactorHandler implements IQueryHandler<SummariseTwoFactor> {
  constructor(
    private readonly portals: Portals,
    private readonly directory: Directory,
    private readonly requirements: Requirements,
  ) {}

  async execute({ input: { portal } }: SummariseTwoFactor) {
    await this.portals.mustExist(portal);
    return this.directory.summary(portal, await this.requirements.dueAt(portal));
  }
}
