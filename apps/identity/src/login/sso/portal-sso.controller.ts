import { Controller } from '@nestjs/common';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { PortalSso } from './portal-sso.js';
import { hasLogin } from './providers.js';

const { getSsoProvider } = identityEndpoints;

/** For pages before a login. */
@Controller()
export class PortalSsoController {
  constructor(private readonly sso: PortalSso) {}

  @Handle(getSsoProvider)
  async get(@In() { params: { portal } }: Input<typeof getSsoProvider>) {
    const settings = await this.sso.find(portal);
    return { provider: hasLogin(settings) ? new URL(settings.issuer).host : null };
  }
}
