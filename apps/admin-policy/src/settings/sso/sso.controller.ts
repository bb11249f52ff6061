import { Controller, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { SsoSettings } from '#libs/contracts/src/events/admin-policy.js';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { malformed } from '#libs/platform/src/auth/validation.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { Policies } from '../../change/policies.js';
import { ChangeSso } from './change-sso.js';
import { faultOfIssuer, faultOfProviderUrl } from './provider-url.js';
import { SsoSecrets } from './sso-secrets.js';

const { getSso, changeSso, removeSso } = adminPolicyEndpoints;
const { openSsoSecret } = adminPolicyRequests;

/** The portal's identity provider. */
@Controller()
export class SsoController {
  constructor(
    private readonly commands: CommandBus,
    private readonly policies: Policies,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Handle(getSso)
  async get(@In() { params }: Input<typeof getSso>) {
    return shown((await this.policies.of(params.portal)).sso);
  }

  @Handle(changeSso)
  async change(@In() { params: { portal }, body: to, context }: Input<typeof changeSso>) {
    const rules = { loopbackAllowed: this.config.test };
    const faults = {
      jwksUri: faultOfProviderUrl(to.jwksUri, rules),
      // what the provider says of itself is fetched from there
      issuer: to.clientId === undefined ? null : faultOfIssuer(to.issuer, rules),
    };
    const errors = Object.entries(faults).flatMap(([field, message]) => (message === null ? [] : [{ field, message }]));
    if (errors.length > 0) throw malformed(errors);
    return shown(await this.commands.execute(new ChangeSso({ portal, to, context })));
  }

  @Handle(removeSso)
  async remove(@In() { params: { portal }, context }: Input<typeof removeSso>) {
    await this.commands.execute(new ChangeSso({ portal, to: null, context }));
  }
}

/** How identity gets the secret that it proves to be the portal's client with. */
@Controller()
export class SsoMessages {
  constructor(private readonly secrets: SsoSecrets) {}

  @MessagePattern(openSsoSecret.pattern)
  async open(@Payload() { portal, secretId }: PayloadOf<typeof openSsoSecret>) {
    return { secret: await this.secrets.open(portal, secretId) };
  }
}

function shown(sso: SsoSettings | null) {
  const { issuer = null, audience = null, jwksUri = null, clientId = null, clientSecretId } = sso ?? {};
  return { issuer, audience, jwksUri, clientId, hasClientSecret: clientSecretId !== undefined };
}
