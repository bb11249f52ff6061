import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ChangePolicy } from '../change/change-policy.js';
import { Policies } from '../change/policies.js';
import { isEffective, type PortalPolicy } from '../policy/state.js';

const { getSettings, changeSettings, getProfile, changeProfile } = adminPolicyEndpoints;

/** The portal's settings: two-factor authentication, and its profile. */
@Controller()
export class SettingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly policies: Policies,
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
}

const shown = (policy: PortalPolicy) => ({ ...policy.twoFactor, effective: isEffective(policy) });
