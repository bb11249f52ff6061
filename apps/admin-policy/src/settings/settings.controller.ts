import { Controller, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { malformed } from '#libs/platform/src/auth/validation.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { ChangePolicy } from '../change/change-policy.js';
import { Policies } from '../change/policies.js';
import { isEffective, type PortalPolicy } from '../policy/state.js';
import { faultOfJwksUri } from './jwks-uri.js';

const { getSettings, changeSettings, getProfile, changeProfile, getSso, changeSso } = adminPolicyEndpoints;

/** The portal's settings: two-factor authentication, its profile, its identity provider. */
@Controller()
export class SettingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly policies: Policies,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Handle(getSettings)
  async get(@In() { params }: Input<typeof getSettings>) {
    return shown(await this.policies.of(params.portal));
  }

  @Handle(changeSettings)
  async change(@In() { params: { portal }, body: to, context }: Input<typeof changeSettings>) {
    const change = { type: 'ChangeTwoFactorSettings', to } as const;
    return shown(await this.commands.execute(new ChangePolicy({ portal, change, context })));
  }

  @Handle(getProfile)
  async getProfile(@In() { params }: Input<typeof getProfile>) {
    return (await this.policies.of(params.portal)).profile;
  }

  @Handle(changeProfile)
  async changeProfile(@In() { params: { portal }, body: to, context }: Input<typeof changeProfile>) {
    const change = { type: 'ChangeProfile', to } as const;
    return (await this.commands.execute(new ChangePolicy({ portal, change, context }))).profile;
  }

  @Handle(getSso)
  async getSso(@In() { params }: Input<typeof getSso>) {
    return (await this.policies.of(params.portal)).sso ?? { issuer: null, audience: null, jwksUri: null };
  }

  @Handle(changeSso)
  async changeSso(@In() { params: { portal }, body: to, context }: Input<typeof changeSso>) {
    const fault = faultOfJwksUri(to.jwksUri, { loopbackAllowed: this.config.test });
    if (fault !== null) throw malformed([{ field: 'jwksUri', message: fault }]);
    await this.commands.execute(new ChangePolicy({ portal, change: { type: 'ChangeSso', to }, context }));
    return to;
  }
}

const shown = (policy: PortalPolicy) => ({ ...policy.twoFactor, effective: isEffective(policy) });
