import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { Login } from './login.js';
import { LoginWithCode } from './login-with-code.js';
import { LoginWithToken } from './login-with-token.js';
import { LoginWithSso } from './sso/login-with-sso.js';

@Controller()
export class LoginController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(identityEndpoints.login)
  login(
    @In() { body, address, correlationId }: Input<typeof identityEndpoints.login>,
  ): Promise<ReplyOf<typeof identityEndpoints.login>> {
    return this.commands.execute(new Login({ address, ...body }, correlationId));
  }

  @Handle(identityEndpoints.loginWithCode)
  loginWithCode(
    @In() { body: { challenge, ...typed }, correlationId }: Input<typeof identityEndpoints.loginWithCode>,
  ): Promise<ReplyOf<typeof identityEndpoints.loginWithCode>> {
    return this.commands.execute(new LoginWithCode(challenge, typed, correlationId));
  }

  @Handle(identityEndpoints.loginWithToken)
  loginWithToken(
    @In() { body: { portal, token }, correlationId }: Input<typeof identityEndpoints.loginWithToken>,
  ): Promise<ReplyOf<typeof identityEndpoints.loginWithToken>> {
    return this.commands.execute(new LoginWithToken(portal, token, correlationId));
  }

  @Handle(identityEndpoints.loginWithSso)
  loginWithSso(
    @In() { body: { portal, idToken }, correlationId }: Input<typeof identityEndpoints.loginWithSso>,
  ): Promise<ReplyOf<typeof identityEndpoints.loginWithSso>> {
    return this.commands.execute(new LoginWithSso(portal, idToken, correlationId));
  }
}
