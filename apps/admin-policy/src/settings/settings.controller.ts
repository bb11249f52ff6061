import { Controller, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { ChangePolicy } from '../change/change-policy.js';
import { originOf } from '../change/origin.js';
import { Policies } from '../change/policies.js';
import { isEffective } from '../policy/state.js';
import { faultOfJwksUri } from './jwks-uri.js';

type Settings = ReplyOf<typeof adminPolicyEndpoints.getSettings>;

/** Settings → Security → Two-factor authentication, and the portal's identity provider. */
@Controller()
export class SettingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly policies: Policies,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Handle(adminPolicyEndpoints.getSettings)
  async get(@In() { params }: Input<typeof adminPolicyEndpoints.getSettings>): Promise<Settings> {
    const policy = await this.policies.of(params.portal);
    return { ...policy.twoFactor, effective: isEffective(policy) };
  }

  @Handle(adminPolicyEndpoints.changeSettings)
  async change(@In() input: Input<typeof adminPolicyEndpoints.changeSettings>): Promise<Settings> {
    const to = input.body;
    const change = { type: 'ChangeTwoFactorSettings', to } as const;
    await this.commands.execute(new ChangePolicy(input.params.portal, change, originOf(input)));
    // accepted as enabled only with the add-on present
    return { ...to, effective: to.enabled };
  }

  @Handle(adminPolicyEndpoints.changeSso)
  async changeSso(
    @In() input: Input<typeof adminPolicyEndpoints.changeSso>,
  ): Promise<ReplyOf<typeof adminPolicyEndpoints.changeSso>> {
    const to = input.body;
    const fault = faultOfJwksUri(to.jwksUri, { loopbackAllowed: this.config.test });
    if (fault !== null) {
      throw new Problem('malformed-request', `jwksUri ${fault}`, { errors: [{ field: 'jwksUri', message: fault }] });
    }
    await this.commands.execute(new ChangePolicy(input.params.portal, { type: 'ChangeSso', to }, originOf(input)));
    return to;
  }
}
