import { Controller } from '@nestjs/common';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { PolicyFacts } from './policy-facts.js';

const { portalProfile } = twoFactorEndpoints;

/** The portal's face for pages before a login. Here it is adopted, so that one look answers for every portal, known or not. */
@Controller()
export class ProfilesController {
  constructor(private readonly facts: PolicyFacts) {}

  @Handle(portalProfile)
  async get(@In() { params: { portal } }: Input<typeof portalProfile>) {
    const { issuer: _, ...profile } = await this.facts.profileOf(portal);
    return profile;
  }
}
