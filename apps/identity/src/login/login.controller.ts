import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { Login, LoginHandler } from './login.js';
import { LoginWithCode, LoginWithCodeHandler } from './login-with-code.js';
import { LoginWithToken, LoginWithTokenHandler } from './login-with-token.js';
import { CompleteSsoLogin, CompleteSsoLoginHandler } from './sso/complete-sso-login.js';
import { LoginWithSso, LoginWithSsoHandler } from './sso/login-with-sso.js';
import { StartSsoLogin, StartSsoLoginHandler } from './sso/start-sso-login.js';

const { login, loginWithCode, loginWithToken, loginWithSso, startSsoLogin, completeSsoLogin } = identityEndpoints;

/** What carries these calls out. */
export const loginHandlers = [
  LoginHandler,
  LoginWithCodeHandler,
  LoginWithTokenHandler,
  LoginWithSsoHandler,
  StartSsoLoginHandler,
  CompleteSsoLoginHandler,
];

@Controller()
export class LoginController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(login)
  login(@In() { body: { browserToken, ...typed }, address, context }: Input<typeof login>) {
    return this.commands.execute(new Login({ typed: { address, ...typed }, browserToken, context }));
  }

  @Handle(loginWithCode)
  loginWithCode(@In() { body: { challenge, remember = false, ...typed }, context }: Input<typeof loginWithCode>) {
    return this.commands.execute(new LoginWithCode({ challenge, typed, remember, context }));
  }

  @Handle(loginWithToken)
  loginWithToken(@In() { body, context }: Input<typeof loginWithToken>) {
    return this.commands.execute(new LoginWithToken({ ...body, context }));
  }

  @Handle(loginWithSso)
  loginWithSso(@In() { body, context }: Input<typeof loginWithSso>) {
    return this.commands.execute(new LoginWithSso({ ...body, context }));
  }

  @Handle(startSsoLogin)
  startSsoLogin(@In() { body: { portal }, host, address }: Input<typeof startSsoLogin>) {
    return this.commands.execute(new StartSsoLogin({ portal, host, address }));
  }

  @Handle(completeSsoLogin)
  completeSsoLogin(@In() { body: { ssoLogin, ...answer }, address, context }: Input<typeof completeSsoLogin>) {
    return this.commands.execute(new CompleteSsoLogin({ ssoLogin, answer, address, context }));
  }
}
